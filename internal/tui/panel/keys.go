package panel

import (
	"strings"
	"unicode/utf8"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// longestKey bounds a key or elem that is drawn in the grid, in bytes.
const longestKey = 48

// label is a cell's key or elem as it is drawn.
type label struct {
	st   canvas.Style
	text string
}

// labels are the keys and elems of a row. They are made once for a scene and a
// row, and drawn many times.
type labels struct {
	scene  *moment.Scene
	row    int
	texts  [2][gomap.CellsPerRow]label
	prefix [2]int // how many bytes all of them have in common, 0 for too few
}

// of makes the labels of a row, unless they are those already. At a cell whose
// key was deleted there is a key; elems there are of full cells only.
func (l *labels) of(s *moment.Scene, row int) {
	if l.scene == s && l.row == row {
		return
	}
	*l = labels{scene: s, row: row}
	for n := range l.texts {
		var all []string
		for c := range gomap.CellsPerRow {
			st, text := cellText(s, gomap.Place{Row: row, Cell: c}, n == 1)
			l.texts[n][c] = label{st, text}
			if text != "" && text != moment.Unread {
				all = append(all, text)
			}
		}
		l.prefix[n] = commonPrefix(all)
	}
}

// pitch is the columns that a cell needs to show its key whole, or what the key has
// of its own, and likewise the elem where elems are shown.
func (l *labels) pitch(a canvas.Area, elems bool) int {
	need := 0
	for n := range l.texts {
		if n == 1 && !elems {
			break
		}
		for _, t := range l.texts[n] {
			w := a.Width(t.text)
			if cut := l.prefix[n]; w+2 > widePitch && cut > 0 && cut < len(t.text) {
				w = 1 + a.Width(t.text[cut:])
			}
			need = max(need, w+2)
		}
	}
	return (need + pitchStep - 1) / pitchStep * pitchStep
}

// pitchStep is in what steps cells widen, so that one digit more moves nothing.
const pitchStep = 3

// leastPrefix is how much texts must have in common for it to be shown once: less
// is not worth the mark.
const leastPrefix = 4

// commonPrefix is the number of bytes that all texts begin with, whole characters
// of which each text has more; 0 where they are too few.
func commonPrefix(texts []string) int {
	if len(texts) < 2 {
		return 0
	}
	p := texts[0]
	for _, t := range texts {
		for !strings.HasPrefix(t, p) || len(t) <= len(p) {
			_, size := utf8.DecodeLastRuneInString(p)
			p = p[:len(p)-size]
		}
	}
	if len(p) < leastPrefix {
		return 0
	}
	return len(p)
}

// keys draws, below a row, the keys of its cells, and the elems too where the row
// is chosen. The key of a deleted entry is struck through, and drawn whole where
// the cells next to it leave room. Where they are too long for their cells, what
// they all begin with is shown once, after the row.
func (v *MapView) keys(a canvas.Area, y, bottom, i int, e *Env) int {
	names := [...]string{"key", "elem"}
	lines := len(names)
	var other labels
	l := &other
	if i == v.Sel.Row {
		l = &v.labels
	}
	if i != v.Sel.Row || v.tabled {
		lines = 1
	}
	l.of(e.Scene, i)
	g := v.geo
	for n := range lines {
		if y >= bottom {
			break
		}
		name := names[n]
		if len(name) > g.cells-1 {
			name = name[:1]
		}
		a.Right(g.cells-1, y, look.Faint, name)
		cut := 0
		for _, t := range l.texts[n] {
			if a.Width(t.text) > g.pitch-1 {
				cut = l.prefix[n]
			}
		}
		for c, t := range l.texts[n] {
			text := t.text
			if cut > 0 && len(text) > cut && text != moment.Unread {
				text = e.G.Dots + text[cut:]
			}
			a.TextMax(g.cells+c*g.pitch+1, y, g.pitch-1, t.st, text)
		}
		if cut > 0 && g.note > 0 {
			prefix := l.texts[n][0].text
			for _, t := range l.texts[n] {
				if len(t.text) > cut && t.text != moment.Unread {
					prefix = t.text[:cut]
				}
			}
			a.TextMax(g.note, y, a.W-g.note, look.Faint, e.G.Dots+" is "+prefix)
		}
		if t := l.texts[0][v.Sel.Cell]; n == 0 && i == v.Sel.Row && t.st == look.Gone {
			over(a, g.cells, g.pitch, v.Sel.Cell, y, t.st, t.text)
		}
		y++
	}
	return y
}

// over draws a text in cell c of a line, and where it is wider than the cell over
// what stands beside it, which is cut instead.
func over(a canvas.Area, cells, pitch, c, y int, st canvas.Style, text string) {
	w := a.Width(text)
	if w <= pitch-1 {
		return
	}
	x := min(cells+c*pitch+1, cells+gomap.CellsPerRow*pitch-w)
	if x = max(x, cells); x > cells {
		a.Text(x-1, y, look.Text, " ")
	}
	end := a.TextMax(x, y, gomap.CellsPerRow*pitch, st, text)
	for end < a.W && (end-cells)%pitch != 0 {
		end = a.Text(end, y, look.Text, " ")
	}
}

// cellText is a cell's key or elem without its type, and how it is drawn. A cell
// that is not full has none, but for the key of the entry that was deleted: what
// the op took, or an op before it left behind.
func cellText(s *moment.Scene, p gomap.Place, elem bool) (canvas.Style, string) {
	full := s.Layout.State(&s.Shown().Map.Rows[p.Row], p.Cell).Live()
	if elem {
		if !full {
			return look.Text, ""
		}
		return styled(s.ElemOf(p, longestKey))
	}
	if full {
		return styled(s.KeyOf(p, longestKey))
	}
	if key, ok := deletedKey(s, p); ok {
		return look.Gone, key
	}
	return look.Text, ""
}

// deletedKey is the key of an entry that is no more: the one that this op took,
// though the runtime may have cleared it; or one whose bytes are still there.
func deletedKey(s *moment.Scene, p gomap.Place) (string, bool) {
	if s.Change(p) != nil {
		if c, ok := s.Cell(p, longestKey); ok && c.State[0].Live() && c.Key.Text[0] != moment.Unread {
			return bare(c.Key.Text[0]), true
		}
	}
	switch text := bare(s.KeyOf(p, longestKey)); text {
	case moment.Unread, "nil", "0", `""`:
		return "", false
	default:
		return text, true
	}
}

func styled(text string) (canvas.Style, string) {
	if text == moment.Unread {
		return look.Unread, text
	}
	return look.Text, bare(text)
}

// bare is a value without its type, for which a cell has no room: of
// main.T{X:1} what is in the braces, of int(3) what is in the parentheses.
func bare(text string) string {
	at := strings.IndexAny(text, "{(\"")
	if at <= 0 || text[at] == '"' || strings.HasPrefix(text, "-") {
		return text
	}
	return text[at:]
}
