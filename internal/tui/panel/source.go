package panel

import (
	"fmt"
	"path"
	"strings"

	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// Spot is a line of source to look at.
type Spot struct {
	File string // as the compiler or the rule names it
	Line int    // 0: not found yet
	Note string // why this line: the rule's name, or the frame's function
}

// SourceView is panel 5: the source around a line.
type SourceView struct {
	spot Spot
	off  int // lines scrolled away from the spot
	h    int

	syntax syntax
	of     string // the file that it was found in,
	known  int    // and how many lines of it were known
}

// Move scrolls.
func (v *SourceView) Move(d int) { v.off += d }

// Page is the number of lines of a page.
func (v *SourceView) Page() int { return max(v.h-1, 1) }

// Title is the file.
func (v *SourceView) Title(spot Spot) string {
	if spot.File == "" {
		return ""
	}
	return tail(spot.File)
}

// tail is what one needs of a file's path to know it: below GOROOT/src, or its
// last two elements.
func tail(file string) string {
	if _, rest, ok := strings.Cut(file, "/src/"); ok && (strings.HasPrefix(rest, "runtime/") || strings.HasPrefix(rest, "internal/") || strings.HasPrefix(rest, "reflect/")) {
		return rest
	}
	return path.Join(path.Base(path.Dir(file)), path.Base(file))
}

// Eight columns a tab leave too little of a line, in a narrow panel even four.
const (
	tabWidth    = 4
	narrowTab   = 2
	narrowLines = 54
)

// View draws the panel. lines are what is known of the file, by line number;
// nil is not loaded.
func (v *SourceView) View(a canvas.Area, e *Env, spot Spot, lines map[int]string) {
	if a.Rect.Empty() {
		return
	}
	v.h = a.H
	if spot != v.spot {
		v.spot, v.off = spot, 0
	}
	switch {
	case spot.File == "":
		return
	case lines == nil: // not at hand; what has been asked for and not come is empty
		a.TextMax(0, 0, a.W, look.Dim, "not at hand: "+spot.File)
		return
	case spot.Line == 0 || len(lines) == 0:
		return
	}
	if v.of != spot.File || v.known != len(lines) {
		v.syntax, v.of, v.known = scan(lines), spot.File, len(lines)
	}
	top := v.first(a.H, lines)
	digits := len(fmt.Sprint(top + a.H))
	tab := tabWidth
	if a.W < narrowLines {
		tab = narrowTab
	}
	shift := v.indent(top, a.H, tab, lines)
	for y := range a.H {
		n := top + y
		text, ok := lines[n]
		if !ok {
			continue
		}
		st, cm, mark, num := look.Text, look.Comment, "  ", look.Faint
		if n == spot.Line {
			st, mark, num = look.Current, e.G.Mark+" ", look.Accent
			if e.Lit {
				st = look.AccentInv
			}
			cm = st
			a.Sub(0, y, a.W, 1).Fill(st)
		}
		x := put(a, 0, y, span{num, mark + fmt.Sprintf("%*d", digits, n)}, span{st, "  "})
		code, comment := v.split(n, text, tab, shift)
		from := x
		x = a.TextMax(x, y, a.W-x, st, code)
		if n != spot.Line {
			v.words(a, from, min(x, a.W), y, n, text, tab, shift)
		}
		a.TextMax(x, y, a.W-x, cm, comment)
	}
}

// words gives the keywords and literals of line n their styles, between columns
// from and to of line y.
func (v *SourceView) words(a canvas.Area, from, to, y, n int, text string, tab, shift int) {
	lead := len(text) - len(strings.TrimLeft(text, "\t"))
	for _, w := range v.syntax.words[n] {
		if w.to > len(text) || strings.Contains(text[lead:w.to], "\t") {
			continue
		}
		at := from + lead*tab - shift + a.Width(text[lead:w.from])
		end := min(at+a.Width(text[w.from:w.to]), to)
		if at = max(at, from); at < end {
			a.Restyle(at, y, end-at, w.st)
		}
	}
}

// first is the first line shown: the spot a little above the middle, as far as
// there are lines.
func (v *SourceView) first(h int, lines map[int]string) int {
	top := v.spot.Line - (h-1)/2 + v.off
	for top < v.spot.Line+v.off && lines[top] == "" && !has(lines, top) {
		top++
	}
	lo, hi := v.spot.Line, v.spot.Line
	for has(lines, lo-1) {
		lo--
	}
	for has(lines, hi+1) {
		hi++
	}
	want := max(min(top, hi-h+1), lo)
	v.off += want - top
	return want
}

// indent is the indentation that all lines shown share, but for a little that
// keeps them off the numbers.
func (v *SourceView) indent(top, h, tab int, lines map[int]string) int {
	least := -1
	for n := top; n < top+h; n++ {
		text := expand(lines[n], tab)
		if in := len(text) - len(strings.TrimLeft(text, " ")); in < len(text) && (least < 0 || in < least) {
			least = in
		}
	}
	return max(least, 0)
}

func dedent(s string, n int) string {
	for n > 0 && strings.HasPrefix(s, " ") {
		s, n = s[1:], n-1
	}
	return s
}

func has(lines map[int]string, n int) bool { _, ok := lines[n]; return ok }

func expand(s string, tab int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		if r == '\t' {
			n := tab - col%tab
			b.WriteString(strings.Repeat(" ", n))
			col += n
			continue
		}
		b.WriteRune(r)
		col++
	}
	return b.String()
}

// split cuts a line before the comment that it ends in, with its tabs expanded and
// its indentation shortened.
func (v *SourceView) split(n int, text string, tab, shift int) (code, comment string) {
	whole := strings.TrimRight(expand(text, tab), " ")
	at := len(whole)
	if col, ok := v.syntax.comments[n]; ok {
		at = min(len(expand(text[:min(col, len(text))], tab)), at)
	}
	cut := len(whole) - len(dedent(whole, shift))
	at = max(at, cut)
	return whole[cut:at], whole[at:]
}

// OutputView is panel 6: what the target printed, newest below.
type OutputView struct {
	back int // lines scrolled up from the newest
	n, h int
}

// Move scrolls: d < 0 is towards the past.
func (v *OutputView) Move(d int) { v.back = max(min(v.back-d, v.n-v.h), 0) }

// Page is the number of lines of a page.
func (v *OutputView) Page() int { return max(v.h-1, 1) }

// OutputMargin is the columns before the text, which say what stream it came on.
const OutputMargin = 2

// View draws the panel. What was printed after now ops had ended is drawn
// faintly: one looks at a moment before it.
func (v *OutputView) View(a canvas.Area, e *Env, lines []trace.OutputLine, now uint64, fate trace.Fate) {
	v.n, v.h = len(lines), a.H
	if a.Rect.Empty() {
		return
	}
	last := ""
	if fate.Ended {
		last = e.G.End + " " + fate.Text
		v.n++
	}
	v.Move(0)
	if v.n == 0 {
		a.TextMax(0, 0, a.W, look.Dim, "nothing printed yet")
		return
	}
	from := max(v.n-v.h-v.back, 0)
	for y := range a.H {
		i := from + y
		switch {
		case i < len(lines):
			st, mark := look.Text, " "
			if lines[i].After > now {
				st = look.Faint
			}
			if lines[i].Stream == 2 {
				mark = "2"
			}
			a.Text(0, y, look.Faint, mark)
			a.TextMax(OutputMargin, y, a.W-OutputMargin, st, expand(lines[i].Text, tabWidth))
		case i == len(lines) && last != "":
			a.TextMax(0, y, a.W, look.Strong, last)
		}
	}
	if v.back > 0 {
		a.Text(a.W-1, a.H-1, look.Dim, e.G.MoreDown)
	}
}
