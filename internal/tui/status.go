package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"

	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// piece is a part of the header that is left out where there is no room, the
// least important first.
type piece struct {
	st   canvas.Style
	text string
	rank int // 0 is never left out
	gap  int // blanks before it
}

// drawStatus draws the header: the target, what it does, where one is, and what
// watching costs it.
func (m *model) drawStatus(a canvas.Area) {
	a.Fill(look.Bar)
	s := m.ses
	v := &s.snap
	left := []piece{{look.BarState, "deltui", 4, 1}, {look.Bar, v.info.Target, 2, 2}}
	if v.info.PID != 0 && v.live {
		left = append(left, piece{look.BarDim, fmt.Sprintf("pid %d", v.info.PID), 6, 2})
	}
	left = append(left, piece{look.BarDim, join(v.info.GoVersion, v.info.Layout), 3, 2})
	st, where := m.doing()
	left = append(left, piece{look.BarState, st, 0, 4}, piece{look.Bar, where, 1, 1})
	if v.state.Hit != "" && v.state.Hit != "paused" && s.following && !s.runs() {
		hit := v.state.Hit
		if s.until != "" && strings.HasPrefix(hit, "until ") {
			hit = "the next " + s.until
		}
		left = append(left, piece{look.BarState, "(" + hit + ")", 4, 1})
	}
	if v.live && v.fate.Ended && v.fate.Text != "" {
		left = append(left, piece{look.BarDim, v.fate.Text, 5, 3})
	}
	var right []piece
	if s.mapID != 0 {
		right = append(right, piece{look.BarState, fmt.Sprintf("following #%d", s.mapID), 3, 3})
	}
	if s.filter != "" {
		text := "filter " + s.filter
		if v.usage.Hidden > 0 {
			right = append(right, piece{look.BarState, fmt.Sprintf("%d hidden", v.usage.Hidden), 1, 3})
		}
		right = append(right, piece{look.BarState, text, 3, 3})
	}
	if v.usage.Unexplained > 0 {
		right = append(right, piece{look.BarState, fmt.Sprintf("%s %d unexplained", m.glyphs.Alert, v.usage.Unexplained), 2, 3})
	}
	if v.live {
		if s.runs() && v.n > 0 {
			right = append(right, piece{look.Bar, fmt.Sprintf("%.0f ops/s", v.rate), 3, 3})
		}
		if v.usage.Elapsed > 0 {
			right = append(right, piece{look.BarDim, fmt.Sprintf("target paused %d %%", 100*v.usage.Paused/v.usage.Elapsed), 5, 3})
		}
	} else if s.playing {
		right = append(right, piece{look.Bar, "playing, " + speedText(speeds[s.speed]), 3, 3})
	}
	for _, note := range v.info.Notes {
		right = append(right, piece{look.BarDim, note, 8, 3})
	}
	right = append(right, piece{look.BarDim, "[?] help", 7, 3})
	put := func(ps []piece, x int) {
		for _, p := range ps {
			x = a.Text(x+p.gap, 0, p.st, p.text)
		}
	}
	left, right = fit(a, left, right)
	left[0].gap = 1
	put(left, 0)
	put(right, a.W-1-width(a, right))
}

// doing is what the target does, in a word, and where one is.
func (m *model) doing() (word, where string) {
	s := m.ses
	v := &s.snap
	switch {
	case !v.live:
		word = m.glyphs.Rec + " RECORDING"
	case v.state.Doing == probe.Ended || v.fate.Ended:
		word = m.glyphs.End + " ENDED"
	case s.runs():
		word = m.glyphs.Run + " RUNNING"
	default:
		word = m.glyphs.Pause + " PAUSED"
	}
	if s.at.none() {
		return word, "no op yet"
	}
	if m.w < 60 {
		if s.at.seq == 0 {
			return word, fmt.Sprintf("before %d", v.n+1)
		}
		return word, fmt.Sprintf("%s %d/%d", phaseWord(s.at.phase), s.at.seq, v.n)
	}
	if s.at.seq == 0 {
		where = "before an op in progress"
		if v.n == 0 {
			where = "before op 1"
		} else if len(v.pending) == 1 {
			where = fmt.Sprintf("before op %d", v.n+1)
		}
	} else if s.at.phase == trace.Step && s.scene != nil {
		where = fmt.Sprintf("step %d of %d in op %d of %d", s.at.step, s.scene.Steps, s.at.seq, v.n)
	} else {
		where = fmt.Sprintf("%s op %d of %d", phaseWord(s.at.phase), s.at.seq, v.n)
	}
	if v.live && !s.runs() && !v.fate.Ended && s.at.same(v.end()) {
		where += " (live end)"
	}
	return word, where
}

func phaseWord(p trace.Phase) string {
	switch p {
	case trace.Before:
		return "before"
	case trace.Step:
		return "step in"
	}
	return "after"
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

func width(a canvas.Area, ps []piece) int {
	n := 0
	for _, p := range ps {
		n += p.gap + a.Width(p.text)
	}
	return n
}

// fit leaves out pieces, the highest rank first, until the rest has room.
func fit(a canvas.Area, left, right []piece) (l, r []piece) {
	for rank := 9; rank > 0; rank-- {
		if width(a, left)+width(a, right)+2 <= a.W {
			break
		}
		left, right = without(left, rank), without(right, rank)
	}
	return left, right
}

func without(ps []piece, rank int) []piece {
	var out []piece
	for _, p := range ps {
		if p.rank < rank {
			out = append(out, p)
		}
	}
	return out
}

// drawTabs draws the names of the panels, where only one is shown.
func (m *model) drawTabs(a canvas.Area) {
	x := 0
	for _, id := range panel.IDs {
		name := m.tab(id)
		st := look.Dim
		if id == m.focus {
			st = look.AccentInv
		}
		x = a.Text(x, 0, st, name)
	}
	if t := m.title(m.focus, m.env(m.focus)); t != "" && x+3 < a.W {
		a.Right(a.W-1, 0, look.Dim, a.Cut(t, a.W-x-3))
	}
}

// tab is a panel's name on its tab: in brackets where it is the one shown.
func (m *model) tab(id panel.ID) string {
	name := fmt.Sprintf("%d %s", int(id), id)
	if m.w < 60 && id != m.focus {
		name = fmt.Sprint(int(id))
	}
	if id == m.focus {
		return "[" + name + "]"
	}
	return " " + name + " "
}

func (m *model) tabWidth(id panel.ID) int { return len(m.tab(id)) }

// button is a part of the footer that can be clicked.
type button struct {
	from, to int
	act      action
}

// drawFooter draws what there is to say, and as many of the keys that matter most
// right now as there is room for.
func (m *model) drawFooter(a canvas.Area) {
	m.buttons = m.buttons[:0]
	x := 1
	if m.note != "" {
		x = a.TextMax(x, 0, a.W-2, look.Warn, m.note) + 3
	}
	if m.typing && m.note == "" {
		x = a.Text(x, 0, look.Key, "Esc")
		a.Text(x+1, 0, look.Dim, "back: keys go to the program")
		return
	}
	m.keys.update(m.can)
	bs, acts := m.keys.ShortHelp(), m.keys.footer()
	need := func(b key.Binding) int { return a.Width(b.Help().Key) + 1 + a.Width(b.Help().Desc) }
	gap, last := 3, 0 // room for the last two: help and quit
	if a.W < mediumCols {
		gap = 2
	}
	for _, b := range bs[max(len(bs)-2, 0):] {
		last += need(b) + gap
	}
	for i, b := range bs {
		if acts[i] == actRun && (m.ses.playing || m.ses.runs()) {
			b.SetHelp(b.Help().Key, "pause")
		}
		if i < len(bs)-2 && x+need(b)+gap+last > a.W || x+need(b) > a.W {
			continue
		}
		from := x
		x = a.Text(x, 0, look.Key, b.Help().Key)
		x = a.Text(x+1, 0, look.Dim, b.Help().Desc)
		m.buttons = append(m.buttons, button{from, x, acts[i]})
		x += gap
	}
}
