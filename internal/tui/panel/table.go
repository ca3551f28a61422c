package panel

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// table is a row with a line for each cell:
//
//	  cell  control byte     h2  key   elem
//	     4  42 full          42  29    290
//	▸    5  20→fe tombstone  20  34    340
//
// It is made once for a scene and a row, and drawn many times.
type table struct {
	scene *moment.Scene
	row   int
	cells [gomap.CellsPerRow][]span // by column
	w     []int                     // the columns' widths
}

// tableLines is how many lines a table takes.
const tableLines = gomap.CellsPerRow + 1

// fitsTable reports whether the table of a row has room beside the grid of n rows
// in h lines.
func fitsTable(n, h int) bool {
	const least = 8 // rows that one wants to see
	return h-tableLines-1 >= min(n+1, least)
}

// of makes the table of a row, unless it is that already.
func (t *table) of(a canvas.Area, e *Env, row int) {
	if t.scene == e.Scene && t.row == row {
		return
	}
	*t = table{scene: e.Scene, row: row, w: make([]int, len(columns(e.Scene)))}
	for i, name := range columns(e.Scene) {
		t.w[i] = len(name)
	}
	for i := range t.cells {
		t.cells[i] = tableCell(e, gomap.Place{Row: row, Cell: i})
		for k, s := range t.cells[i] {
			t.w[k] = max(t.w[k], a.Width(s.text))
		}
	}
}

func columns(s *moment.Scene) []string {
	if s.Layout.Kind == gomap.Classic {
		return []string{"cell", "tophash", "key", "elem"}
	}
	return []string{"cell", "control byte", "h2", "key", "elem"}
}

func tableCell(e *Env, p gomap.Place) []span {
	s := e.Scene
	c, ok := s.Cell(p, 64)
	if !ok || !c.Read {
		return []span{{look.Dim, fmt.Sprint(p.Cell)}, {look.Unread, "not read"}}
	}
	was, now := c.State[0], c.State[1]
	ctrl := span{cellStyle(now), fmt.Sprintf("%02x %s", c.Ctrl[1], stateName(now))}
	if c.Changed {
		ctrl = span{newStyle(now), fmt.Sprintf("%02x%s%s", c.Ctrl[0], e.G.Arrow, ctrl.text)}
	}
	out := []span{{look.Dim, fmt.Sprint(p.Cell)}, ctrl}
	live, at := now.Live(), 1
	if !live && c.Changed && was.Live() {
		at = 0
	}
	if s.Layout.Kind != gomap.Classic {
		h2 := span{look.Dim, ""}
		if live || at == 0 {
			h2.text = fmt.Sprintf("%02x", c.Ctrl[at])
		}
		out = append(out, h2)
	}
	switch {
	case live && was.Live() && !c.Elem.Same() && c.Elem.Text[0] != moment.Unread:
		return append(out, span{look.Text, c.Key.Text[1]}, span{look.Changed, c.Elem.Text[0] + e.G.Arrow + c.Elem.Text[1]})
	case live:
		return append(out, span{look.Text, c.Key.Text[1]}, span{look.Text, c.Elem.Text[1]})
	case at == 0:
		return append(out, span{look.Gone, c.Key.Text[0]}, span{look.Gone, c.Elem.Text[0]})
	}
	if key, ok := deletedKey(s, p); ok {
		out = append(out, span{look.Gone, key})
	}
	return out
}

func stateName(st gomap.State) string {
	if st == gomap.Deleted {
		return "tombstone"
	}
	return st.String()
}

// draw draws the table from line y on. The last two columns share what room the
// others leave.
func (t *table) draw(a canvas.Area, y int, e *Env, sel int) {
	const gap = 2
	names := columns(t.scene)
	key := len(names) - 2
	x := [6]int{gap}
	for i, w := range t.w {
		if left := a.W - x[i]; i == key && w+gap+t.w[i+1] > left {
			w = min(w, max(left-gap-t.w[i+1], left*2/3))
		}
		x[i+1] = x[i] + w + gap
	}
	for i, name := range names {
		a.TextMax(x[i], y, a.W-x[i], look.Faint, name)
	}
	for c := range t.cells {
		y++
		if c == sel {
			a.Text(0, y, look.Accent, e.G.Mark)
		}
		for i, s := range t.cells[c] {
			end := x[i+1] - gap
			if i > key {
				end = a.W
			}
			if i == 0 {
				a.Right(end, y, s.st, s.text)
				continue
			}
			a.TextMax(x[i], y, end-x[i], s.st, s.text)
		}
	}
}
