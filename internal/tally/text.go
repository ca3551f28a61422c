package tally

import (
	"fmt"
	"io"
	"path"
	"strings"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

// Style says how a report is written.
type Style struct {
	Width int // columns; 0 is as many as it takes
	ASCII bool
	Top   int // so many calls and maps at most; 0 is all
}

// Bar is a length of n of most in w cells, at least one for something.
func (s Style) Bar(n, most uint64, w int) string {
	k := 0
	if n > 0 && most > 0 {
		k = int(min((n*uint64(w)+most-1)/most, uint64(w)))
	}
	full := "█"
	if s.ASCII {
		full = "#"
	}
	return strings.Repeat(full, k) + strings.Repeat(" ", w-k)
}

func (s Style) arrow() string {
	if s.ASCII {
		return " <- "
	}
	return " ← "
}

func (s Style) dots() string {
	if s.ASCII {
		return "..."
	}
	return "…"
}

// barWidth is the width of a bar.
const barWidth = 10

// figures are the columns of a line: deletes, tombstones made, with a bar of the
// most that any line has, tombstones left, drained rows.
func (s Style) figures(deletes, made, most uint64, left, drained int) string {
	return fmt.Sprintf("%8d %6d %s %6d %8d  ", deletes, made, s.Bar(made, most, barWidth), left, drained)
}

var figuresHead = fmt.Sprintf("%8s %6s %-*s %6s %8s  ", "deletes", "made", barWidth, "", "left", "drained")

// WhereText is a call as a line: main.(*cache).evict cache.go:41 ← main.main main.go:17.
func (c *Call) WhereText(arrow, dots string) string {
	switch {
	case c.Rest:
		return "all other calls"
	case len(c.Stack) == 0:
		return "unknown: no stack was read"
	}
	parts := make([]string, len(c.Stack))
	for i := range c.Stack {
		parts[i] = FrameText(&c.Stack[i], dots)
	}
	return strings.Join(parts, arrow)
}

// FrameText is a frame in short: main.(*cache).evict cache.go:41.
func FrameText(f *trace.Frame, dots string) string {
	return fmt.Sprintf("%s %s:%d", moment.ShortName(f.Func, dots), path.Base(f.File), f.Line)
}

// Write writes the report as two tables, by call and by map.
func (r *Report) Write(w io.Writer, s Style) error {
	var b strings.Builder
	line := func(text string) {
		if s.Width > 0 && len([]rune(text)) > s.Width {
			text = string([]rune(text)[:max(s.Width-len([]rune(s.dots())), 0)]) + s.dots()
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	most := uint64(0)
	for i := range r.Calls {
		most = max(most, r.Calls[i].Made)
	}
	line("who: " + r.Head())
	line(figuresHead + "call")
	n := len(r.Calls)
	for i := range r.Calls {
		if i == s.Top && s.Top > 0 {
			break
		}
		c := &r.Calls[i]
		line(s.figures(c.Deletes, c.Made, most, c.Left, c.Drained) + c.WhereText(s.arrow(), s.dots()))
	}
	more(line, n, s.Top, "calls")
	most = 0
	for i := range r.Maps {
		most = max(most, r.Maps[i].Made)
	}
	line(figuresHead + "map")
	for i := range r.Maps {
		if i == s.Top && s.Top > 0 {
			break
		}
		m := &r.Maps[i]
		text := fmt.Sprintf("%s %s", moment.MapName(m.ID), m.Called(s.dots()))
		if m.Known && m.Tombstones != m.Left {
			text += fmt.Sprintf("  (%d tombstones in it, %d that no watched delete made)", m.Tombstones, m.Tombstones-m.Left)
		}
		line(s.figures(m.Deletes, m.Made, most, m.Left, m.Drained) + text)
	}
	more(line, len(r.Maps), s.Top, "maps")
	_, err := io.WriteString(w, b.String())
	return err
}

func more(line func(string), n, top int, what string) {
	if top > 0 && n > top {
		line(fmt.Sprintf("%s and %d more %s", strings.Repeat(" ", len(figuresHead)-5), n-top, what))
	}
}

// Head says in a line what was counted.
func (r *Report) Head() string {
	var deletes, made uint64
	left := 0
	for i := range r.Calls {
		deletes, made, left = deletes+r.Calls[i].Deletes, made+r.Calls[i].Made, left+r.Calls[i].Left
	}
	text := fmt.Sprintf("%d deletes by %d calls on %d maps made %d tombstones; %d were left when last looked at", deletes, len(r.Calls), len(r.Maps), made, left)
	if r.Unknown > 0 {
		text += fmt.Sprintf("; of %d ops it could not be told", r.Unknown)
	}
	return text
}
