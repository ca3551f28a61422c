package panel

import (
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// longestKey bounds a key or elem that is drawn in the grid, in bytes.
const longestKey = 48

// keys draws, below a row, the keys of its cells, and the elems too where the row
// is chosen. The key of a deleted entry is struck through, and drawn whole where
// the cells next to it leave room.
func (v *MapView) keys(a canvas.Area, y, bottom, i int, e *Env) int {
	names := [...]string{"key", "elem"}
	lines := len(names)
	if i != v.Sel.Row {
		lines = 1
	}
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
		for c := range gomap.CellsPerRow {
			st, text := cellText(e.Scene, gomap.Place{Row: i, Cell: c}, n == 1)
			a.TextMax(g.cells+c*g.pitch+1, y, g.pitch-1, st, text)
		}
		if c := v.Sel.Cell; n == 0 && i == v.Sel.Row {
			if st, text := cellText(e.Scene, v.Sel, false); st == look.Gone {
				over(a, g.cells, g.pitch, c, y, st, text)
			}
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
