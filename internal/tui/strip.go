package tui

import (
	"fmt"

	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// stripGeo is how the strip lies: which op stands in which column.
type stripGeo struct {
	x    int    // column of op first
	w    int    // columns for marks
	from uint64 // seq of the first mark shown
}

// geometry centres the position, as far as there are ops on either side.
func (m *model) stripGeometry(w int) stripGeo {
	s := m.ses
	g := stripGeo{x: 10, w: w - 10 - 8}
	if w < 60 {
		g.x, g.w = 7, w-7-3
	}
	g.w = max(g.w, 1)
	at := s.at.seq
	if at == 0 {
		at = uint64(s.snap.n) + 1
	}
	g.from = 1
	if half := uint64(g.w / 2); at > half {
		g.from = at - half
	}
	if last := uint64(s.snap.n) + 2; g.from+uint64(g.w) > last {
		g.from = 1
		if last > uint64(g.w) {
			g.from = last - uint64(g.w)
		}
	}
	return g
}

// drawStrip draws the timeline: a mark an op, the position in brackets. Where
// one stands before an op, its mark is a question.
func (m *model) drawStrip(a canvas.Area) {
	s := m.ses
	if s.snap.n == 0 && len(s.snap.pending) == 0 {
		a.Text(1, 0, look.Faint, "the timeline is empty")
		return
	}
	g := m.stripGeometry(a.W)
	a.Right(g.x-1, 0, look.Dim, fmt.Sprint(g.from))
	end := uint64(s.snap.n)
	x := g.x
	put := func(st canvas.Style, mark string, here bool) {
		if here {
			a.Text(x, 0, look.Accent, "[")
			a.Text(x+1, 0, look.AccentInv, mark)
			a.Text(x+2, 0, look.Accent, "]")
			x += 3
			return
		}
		a.Text(x, 0, st, mark)
		x++
	}
	for seq := g.from; seq <= end && x < g.x+g.w; seq++ {
		mark := m.markAt(seq)
		here := seq == s.at.seq
		st := markStyle(mark)
		if here && s.at.phase == trace.Before {
			mark = '?'
		}
		put(st, string(rune(mark)), here)
	}
	for _, id := range s.snap.pending {
		if x >= g.x+g.w+4 {
			break
		}
		put(look.Dim, "?", s.at.seq == 0 && id == s.at.id)
	}
	if x < a.W-8 && end > 1 {
		a.Text(x+1, 0, look.Faint, fmt.Sprint(end))
	}
	if a.H < 2 {
		return
	}
	m.drawTrack(a.Sub(0, 1, a.W, 1), g)
}

// drawTrack draws the whole timeline as a line, with a knob where one is, or
// what the marks mean where all of it is seen anyway.
func (m *model) drawTrack(a canvas.Area, g stripGeo) {
	s := m.ses
	n := uint64(s.snap.n)
	if n <= uint64(g.w) {
		a.TextMax(g.x, 0, a.W-g.x-1, look.Faint, m.legend(g, n))
		return
	}
	for x := range g.w {
		a.Text(g.x+x, 0, look.Faint, m.glyphs.Track)
	}
	at := s.at.seq
	if at == 0 {
		at = n
	}
	a.Right(g.x-1, 0, look.Faint, "1")
	a.Text(g.x+int((at-1)*uint64(g.w-1)/max(n-1, 1)), 0, look.Accent, m.glyphs.Knob)
	a.Text(g.x+g.w+1, 0, look.Faint, fmt.Sprint(n))
}

var markNames = []struct {
	m    trace.Mark
	name string
}{
	{trace.MarkEmptied, "emptied"},
	{trace.MarkTombstone, "tombstone"},
	{trace.MarkAbsent, "key absent"},
	{trace.MarkAssign, "assign"},
	{trace.MarkClear, "clear"},
	{trace.MarkGrow, "grow"},
	{trace.MarkSplit, "split"},
	{trace.MarkPrune, "prune"},
	{trace.MarkBroken, "did not return"},
}

// legend names the marks that are on the strip.
func (m *model) legend(g stripGeo, n uint64) string {
	seen := make(map[trace.Mark]bool)
	for seq := g.from; seq <= min(n, g.from+uint64(g.w)); seq++ {
		seen[m.markAt(seq)] = true
	}
	text := ""
	for _, k := range markNames {
		if seen[k.m] {
			text += string(rune(k.m)) + " " + k.name + "   "
		}
	}
	return text + "? in progress, or to be predicted"
}

// markAt is an op's mark, a blank where it has not been looked at.
func (m *model) markAt(seq uint64) trace.Mark {
	k := m.ses.marks
	if seq < k.from || seq-k.from >= uint64(len(k.m)) || k.m[seq-k.from] == 0 {
		return ' '
	}
	return k.m[seq-k.from]
}

func markStyle(k trace.Mark) canvas.Style {
	switch {
	case k == trace.MarkTombstone:
		return look.Tombstone
	case k == trace.MarkBroken:
		return look.Bad
	case k >= 'A' && k <= 'Z':
		return look.Accent
	case k == trace.MarkAbsent:
		return look.Faint
	case k == trace.MarkAssign:
		return look.Born
	}
	return look.Text
}

// clickStrip is the position at x, y of the strip, or none.
func (m *model) clickStrip(x, y, w int) pos {
	s := m.ses
	n := uint64(s.snap.n)
	g := m.stripGeometry(w)
	x -= g.x
	if x < 0 || n == 0 {
		return pos{}
	}
	if y == 1 && n > uint64(g.w) {
		return pos{seq: min(uint64(x)*(n-1)/uint64(max(g.w-1, 1))+1, n), phase: trace.After}
	}
	seq := g.from + uint64(x)
	switch here := s.at.seq; {
	case here == 0 || seq < here:
	case seq <= here+2: // within the brackets
		return pos{}
	default:
		seq -= 2
	}
	if seq > n {
		return s.snap.end()
	}
	return pos{seq: seq, phase: trace.After}
}
