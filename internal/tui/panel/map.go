package panel

import (
	"fmt"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// MapView is panel 1: the map's header and its cells.
//
//	delete(m, 42)   found   mapdelete_fast64           (*cache).evict  cache.go:41
//	used 13→12   tombstones 0→1   growthLeft 1 (not given back)   load 75 %
//	                  0     1     2     3     4     5     6     7
//	table 0 group 0   5e    11    7c▶xx 22    03    4a    6b    19   FULL …  ◀
//	        group 1   3a    0d    55    1f    70    ··    ··    ··   5 keys …
//	·· empty 80   xx tombstone FE   …
type MapView struct {
	// Sel is the cell that is chosen; by hand, or by the scene's focus.
	Sel    gomap.Place
	byHand bool
	top    int // first row shown

	rows   int    // of the scene last seen
	table  table  // of the chosen row,
	tabled bool   // where there was room for it,
	tableY int    // from this line on
	labels labels // of the chosen row
	geo    geometry
	hits   []hit // what was drawn where, for clicks
	cur    struct {
		x, y int
		ok   bool
	}
}

// hit is a row that was drawn at line y of the panel's area.
type hit struct{ y, row int }

// Show takes a new scene: the choice goes to its focus unless made by hand.
func (v *MapView) Show(s *moment.Scene) {
	v.rows = 0
	if k := s.Shown(); k.Shows() {
		v.rows = len(k.Map.Rows)
	}
	if v.Sel.Row >= v.rows {
		v.byHand = false
	}
	if !v.byHand {
		v.Sel = gomap.Place{}
		if s.Focused {
			v.Sel = s.Focus
		}
	}
}

// Auto gives the choice back to the scene.
func (v *MapView) Auto(s *moment.Scene) {
	v.byHand = false
	if s != nil {
		v.Show(s)
	}
}

// ByHand reports whether the cell was chosen by the user.
func (v *MapView) ByHand() bool { return v.byHand }

// Choose chooses a cell, as a user would.
func (v *MapView) Choose(at gomap.Place) { v.Sel, v.byHand = at, true }

// Move chooses the cell n cells on.
func (v *MapView) Move(n int) {
	if v.rows == 0 {
		return
	}
	i := v.Sel.Row*gomap.CellsPerRow + v.Sel.Cell + n
	i = max(min(i, v.rows*gomap.CellsPerRow-1), 0)
	v.Sel, v.byHand = gomap.Place{Row: i / gomap.CellsPerRow, Cell: i % gomap.CellsPerRow}, true
}

// MoveRows chooses the cell n rows on.
func (v *MapView) MoveRows(n int) {
	if v.rows == 0 {
		return
	}
	v.Sel.Row, v.byHand = max(min(v.Sel.Row+n, v.rows-1), 0), true
}

// Page is the number of rows of a page.
func (v *MapView) Page() int { return max(len(v.hits)-1, 1) }

// Click chooses the cell at x, y of the area last drawn.
func (v *MapView) Click(x, y int) bool {
	for _, h := range v.hits {
		if h.y == y {
			c := v.Sel.Cell
			if x >= v.geo.cells && v.geo.pitch > 0 {
				c = min((x-v.geo.cells)/v.geo.pitch, gomap.CellsPerRow-1)
			}
			v.Sel, v.byHand = gomap.Place{Row: h.row, Cell: c}, true
			return true
		}
	}
	if c := y - v.tableY - 1; v.tabled && c >= 0 && c < gomap.CellsPerRow {
		v.Sel.Cell, v.byHand = c, true
		return true
	}
	return false
}

// Cursor is where the chosen cell was drawn.
func (v *MapView) Cursor() (x, y int, ok bool) { return v.cur.x, v.cur.y, v.cur.ok }

// Title is the panel's title: which map this is.
func (v *MapView) Title(e *Env) string {
	if e.Scene == nil {
		return ""
	}
	op := e.Scene.Op
	typ := shortType(op.Map.Type, e.Scene.Caller())
	if op.Map.Addr == 0 {
		return "nil " + typ
	}
	where := "heap"
	if op.Map.OnStack {
		where = "stack"
	}
	return fmt.Sprintf("%s %s  0x%x  %s", moment.MapName(op.Map.ID), typ, op.Map.Addr, where)
}

// View draws the panel.
func (v *MapView) View(a canvas.Area, e *Env) {
	v.hits, v.cur.ok = v.hits[:0], false
	s := e.Scene
	if s == nil || a.Rect.Empty() {
		return
	}
	y := 0
	if a.H >= 5 {
		v.opLine(a, y, e)
		y++
	}
	side := s.Shown()
	if !side.Shows() {
		for _, line := range a.Wrap(noMap(s), a.W) {
			a.Text(0, y, look.Dim, line)
			y++
		}
		return
	}
	if s.Moment.Phase == trace.After && !s.Late() && a.H >= 6 {
		a.TextMax(0, y, a.W, look.Warn, e.G.Alert+" the map could not be read after the op: this is how it was before")
		y++
	}
	y += header(a, y, e, v.Sel)
	bottom := a.H
	if a.H >= 9 {
		bottom -= legend(a, bottom, e)
	}
	if a.H >= 11 {
		if a.H >= 12 {
			bottom--
			e.Maker.draw(a, bottom, e)
		}
		bottom--
		v.detail(a, bottom, e)
	}
	if a.H >= 15 {
		y++
	}
	if a.H >= 16 {
		bottom--
	}
	rows := side.Map.Rows
	v.tabled = v.Sel.Row < len(rows) && rows[v.Sel.Row].Read && fitsTable(len(rows), bottom-y)
	if v.tabled {
		bottom -= tableLines
		v.table.of(a, e, v.Sel.Row)
		v.table.draw(a, bottom, e, v.Sel.Cell)
		v.tableY = bottom
		bottom--
	}
	v.grid(a, y, bottom, e)
}

// noMap says why there are no cells to show.
func noMap(s *moment.Scene) string {
	if s.Op.Map.Addr == 0 {
		return "The map is nil. It has no memory, so there is nothing that the op could change."
	}
	return "The map was not read at this moment: " + s.Shown().Lacks()
}

// opLine is the op itself: what was called, how it came out, who called it.
func (v *MapView) opLine(a canvas.Area, y int, e *Env) {
	s := e.Scene
	x := a.TextMax(0, y, a.W, look.Strong, s.Call())
	st, word := outcome(s)
	x = a.TextMax(x+3, y, a.W-x-3, st, word)
	f := s.Caller()
	entry := strings.TrimPrefix(s.Op.Func, "runtime.")
	if f == nil {
		a.TextMax(x+3, y, a.W-x-3, look.Dim, entry)
		return
	}
	// Where there is no stack to name the runtime's function, it comes first.
	through, _ := moment.Calls(s.Op)
	where := "  " + baseLine(f)
	least := where
	if !e.Alone {
		least = callerName(a, through, shortFunc(f.Func, e.G), a.W, e.G) + where
	}
	if x+3+a.Width(entry)+3+a.Width(least) <= a.W && entry != "" {
		x = a.Text(x+3, y, look.Dim, entry)
	}
	from := callerName(a, through, shortFunc(f.Func, e.G), a.W-x-3-a.Width(where), e.G) + where
	if x+3+a.Width(from) <= a.W {
		a.Right(a.W, y, look.Dim, from)
	} else if from = baseLine(f); x+3+a.Width(from) <= a.W {
		a.Right(a.W, y, look.Dim, from)
	}
}

// outcome is how the op came out, in a word or two.
func outcome(s *moment.Scene) (canvas.Style, string) {
	op := s.Op
	switch {
	case s.Moment.Phase == trace.Before:
		return look.Dim, "before"
	case s.Step != nil:
		return look.Dim, fmt.Sprintf("step %d of %d", s.Step.Number, s.Steps)
	case op.Outcome == trace.Panicked:
		return look.Bad, "PANICKED"
	case op.Outcome == trace.Fatal:
		return look.Bad, "FATAL"
	case op.Outcome != trace.Returned:
		return look.Bad, "did not return: " + op.Outcome.String()
	case s.Delta != nil && s.Delta.FoundKnown && op.Kind == gomap.Delete:
		if s.Delta.Found {
			return look.Good, "found"
		}
		return look.Warn, "not there"
	}
	return look.Dim, "after"
}

// detail is a line on the chosen cell.
func (v *MapView) detail(a canvas.Area, y int, e *Env) {
	s := e.Scene
	c, ok := s.Cell(v.Sel, 64)
	if !ok {
		return
	}
	x := put(a, 0, y, span{look.Accent, e.G.Mark + " "}, span{look.Dim, c.Where + "  "})
	if !c.Read {
		put(a, x, y, span{look.Unread, "not read"})
		return
	}
	kind := s.Layout.Kind
	say := stateWords(kind, c.State[1], c.Ctrl[1])
	few := fmt.Sprintf("%02x", c.Ctrl[1])
	if c.Changed {
		say = stateWords(kind, c.State[0], c.Ctrl[0]) + " " + e.G.Arrow + " " + say
		few = fmt.Sprintf("%02x %s %s", c.Ctrl[0], e.G.Arrow, few)
	}
	drift := ""
	if was, ok := s.Drifted(v.Sel); ok {
		drift = fmt.Sprintf("  ~ drift: was %02x", was)
	}
	at, ks := 1, look.Strong
	if !c.State[1].Live() {
		at, ks = 0, look.Gone
	}
	key, elem := "", ""
	if c.State[1].Live() || c.Changed {
		key, elem = c.Key.Text[at], c.Elem.Text[at]
	}
	// The key is what one looks for: words on the state give way to it.
	if need := len("   key ") + a.Width(key); key != "" && x+a.Width(say+drift)+need > a.W {
		say = few
	}
	x = put(a, x, y, span{look.Text, say}, span{look.Drift, drift})
	if key == "" {
		return
	}
	x = put(a, x, y, span{look.Dim, "   key "})
	x = a.TextMax(x, y, a.W-x, ks, key)
	if x+len("  elem ")+3 <= a.W {
		x = put(a, x, y, span{look.Dim, "  elem "})
		a.TextMax(x, y, a.W-x, look.Strong, elem)
	}
}

// stateWords is a state with what it says.
func stateWords(k gomap.LayoutKind, st gomap.State, b byte) string {
	switch {
	case st == gomap.Full && k == gomap.Classic:
		return fmt.Sprintf("full, tophash %02x", b)
	case st == gomap.Full:
		return fmt.Sprintf("full, h2 %02x", b)
	case st == gomap.Deleted:
		return "tombstone " + fmt.Sprintf("%02x", b)
	}
	return fmt.Sprintf("%s %02x", st, b)
}
