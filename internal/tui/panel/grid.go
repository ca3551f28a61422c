package panel

import (
	"fmt"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// geometry is how the grid's columns lie. It depends on the width, on the longest
// name of a row and, in steps, on the widest key or elem of the chosen row, so
// that cells seldom jump from op to op.
type geometry struct {
	cells int  // column of cell 0
	pitch int  // columns a cell
	note  int  // column of the annotation, 0 for none
	short bool // short labels
	one   bool // labels without their table: there is one only
}

// The pitches: below narrowPitch a changed cell has no room for both its bytes
// unless it is the chosen one.
const (
	leastPitch  = 4
	narrowPitch = 6
	roomyPitch  = 7
	widePitch   = 9
	shortNote   = 11
	middleNote  = 28
	longNote    = 46
)

func lay(w int, s *moment.Scene, need int) geometry {
	long, mid, short := labelWidths(s.Shown())
	g := geometry{cells: long + 2}
	if g.cells+8*narrowPitch+middleNote > w && mid < long {
		g.one, g.cells = true, mid+2
	}
	if g.cells+8*narrowPitch+shortNote > w {
		g.short, g.one, g.cells = true, s.Shown().Sum.MaxTable == 0, short+1
		if w >= 60 { // room for the names of the lines below a row
			g.cells = max(g.cells+1, len("elem")+2)
		}
	}
	room := w - g.cells
	switch {
	case room >= 8*roomyPitch+longNote:
		g.pitch = min((room-longNote)/8, widePitch)
	case room >= 8*narrowPitch:
		g.pitch = max(min((room-middleNote)/8, widePitch), narrowPitch)
	default:
		g.pitch = max(min(room/8, narrowPitch), leastPitch)
	}
	if need > g.pitch && g.pitch >= narrowPitch {
		// Words on the row become fewer before keys are cut.
		g.pitch = max(min(need, (room-middleNote)/8), g.pitch)
		g.pitch = max(min(need, (room-shortNote)/8), g.pitch)
	}
	if note := g.cells + 8*g.pitch + 1; w-note >= 8 {
		g.note = note
	}
	return g
}

// labelWidths are the columns that the longest label needs: in words, in words
// without its table where there is one only, and short.
func labelWidths(d *moment.Side) (long, mid, short int) {
	if len(d.Map.Rows) == 0 {
		return 0, 0, 0
	}
	w := d.Map.Rows[0].Where
	w.Row, w.Old, w.Overflow = d.Sum.MaxRow, d.Sum.Old, 0
	if w.Table >= 0 {
		w.Table = d.Sum.MaxTable
	}
	long, short = len(rowLabel(w, false, true)), len(rowLabel(w, true, true))
	if w.Overflow = d.Sum.MaxOverflow; w.Overflow > 0 {
		long = max(long, len(rowLabel(w, false, true))+2)
	}
	if mid = long; !w.Classic && d.Sum.MaxTable == 0 {
		mid, short = len(rowLabel(w, false, false)), len(rowLabel(w, true, false))
	}
	return long, mid, short
}

// rowLabel names a row; where head is false, what the row above said is left out.
func rowLabel(w gomap.Where, short, head bool) string {
	if !short {
		switch {
		case w.Classic && w.Overflow > 0:
			return fmt.Sprintf("overflow %d", w.Overflow)
		case !head && w.Table >= 0 && !w.Classic:
			return fmt.Sprintf("group %d", w.Row)
		}
		return w.String()
	}
	switch {
	case w.Classic && w.Overflow > 0:
		return fmt.Sprintf("+%d", w.Overflow)
	case w.Classic && w.Old:
		return fmt.Sprintf("old%d", w.Row)
	case w.Classic:
		return fmt.Sprintf("b%d", w.Row)
	case w.Table < 0 || !head:
		return fmt.Sprintf("g%d", w.Row)
	}
	return fmt.Sprintf("t%d g%d", w.Table, w.Row)
}

// grid draws heads and rows between lines y and bottom.
func (v *MapView) grid(a canvas.Area, y, bottom int, e *Env) {
	s := e.Scene
	m := s.Shown().Map
	need := 0
	if v.Sel.Row < len(m.Rows) && m.Rows[v.Sel.Row].Read {
		v.labels.of(s, v.Sel.Row)
		need = v.labels.pitch(a, !v.tabled)
	}
	g := lay(a.W, s, need)
	v.geo = g
	if bottom-y >= 2 {
		if !g.short {
			a.Right(g.cells-1, y, look.Faint, "cell")
		}
		for c := range gomap.CellsPerRow {
			a.Text(g.cells+c*g.pitch+1, y, look.Faint, string(rune('0'+c)))
		}
		y++
	}
	h := bottom - y
	if len(m.Rows) == 0 {
		a.TextMax(0, y, a.W, look.Dim, emptyMap(s))
		return
	}
	extra := 0 // lines of keys and elems below the chosen row
	if g.pitch >= narrowPitch && h >= 4 && !v.tabled {
		extra = 2
	}
	all := g.pitch >= narrowPitch && h >= 4 && len(m.Rows)*2+1 <= h // room for every row's keys
	v.scrollTo(h - extra)
	if len(m.Rows) > h-extra && g.note > 0 {
		last := min(v.top+h-extra, len(m.Rows))
		say := fmt.Sprintf("rows %d-%d of %d", v.top, last-1, m.RowsTotal)
		if a.Width(say) > a.W-g.note {
			say = fmt.Sprintf("%d-%d/%d", v.top, last-1, m.RowsTotal)
		}
		a.Right(a.W, y-1, look.Dim, say)
	}
	lastTable := -2
	for i := v.top; i < len(m.Rows) && y < bottom; i++ {
		row := &m.Rows[i]
		v.row(a, y, i, row, e, row.Where.Table != lastTable)
		lastTable = row.Where.Table
		v.hits = append(v.hits, hit{y, i})
		y++
		if row.Read && (all || extra > 0 && i == v.Sel.Row) {
			y = v.keys(a, y, bottom, i, e)
		}
	}
	if len(m.Partial) > 0 && y < bottom {
		a.TextMax(0, y, a.W, look.Warn, e.G.Alert+" "+strings.Join(m.Partial, "; "))
	}
}

func emptyMap(s *moment.Scene) string {
	if s.Layout.Kind == gomap.Classic {
		return "no bucket yet: the first assignment makes one"
	}
	return "no group yet: the first assignment makes one"
}

// scrollTo moves the window of h rows so that the chosen row is in it.
func (v *MapView) scrollTo(h int) {
	h = max(h, 1)
	if v.Sel.Row < v.top {
		v.top = v.Sel.Row
	}
	if v.Sel.Row >= v.top+h {
		v.top = v.Sel.Row - h + 1
	}
	v.top = max(min(v.top, v.rows-h), 0)
}

// row draws one bucket or group.
func (v *MapView) row(a canvas.Area, y, i int, row *gomap.Row, e *Env, head bool) {
	s, g := e.Scene, v.geo
	label := rowLabel(row.Where, g.short, head && !g.one)
	st := look.Dim
	if i == v.Sel.Row {
		st = look.Text
	}
	x := a.Right(g.cells-1, y, st, label)
	if row.Where.Classic && row.Where.Overflow > 0 && !g.short {
		a.Text(x-2, y, look.Faint, e.G.Chain)
	}
	pitch, more := g.pitch, 0
	if pitch < narrowPitch && i == v.Sel.Row && s.Change(v.Sel) != nil {
		// Both bytes of the changed cell are shown: the others move together.
		pitch = max(min(pitch, (a.W-g.cells-narrowPitch)/(gomap.CellsPerRow-1)), leastPitch-1)
		more = narrowPitch - pitch
	}
	for c := range gomap.CellsPerRow {
		x := g.cells + c*pitch
		if c > v.Sel.Cell {
			x += more
		}
		v.cell(a, x, y, gomap.Place{Row: i, Cell: c}, row, e)
	}
	if g.note == 0 {
		return
	}
	room := a.W - g.note
	mark := ""
	if s.RowChanged(i) {
		mark = e.G.Here + " changed"
		if room < middleNote+10 {
			mark = e.G.Here
		}
	}
	if mark != "" {
		room -= a.Width(mark) + 1
		a.Right(a.W, y, look.Accent, mark)
	}
	ns, text := look.Dim, ""
	for _, text = range fullness(s.Layout, row, len(s.Shown().Map.Tables) == 0) {
		if a.Width(text) <= room {
			break
		}
	}
	if strings.HasPrefix(text, "FULL") {
		ns = look.Warn // a probe passes it; in all others it ends
	}
	a.TextMax(g.note, y, room, ns, text)
}

// cell draws one cell: its state, what it became, drift, and whether it is chosen.
func (v *MapView) cell(a canvas.Area, x, y int, p gomap.Place, row *gomap.Row, e *Env) {
	s := e.Scene
	st := s.Layout.State(row, p.Cell)
	end := x + 1
	switch ch := s.Change(p); {
	case ch != nil && e.Lit && p == v.Sel:
		end = put(a, end, y, span{look.AccentInv, e.G.Cell(ch.State[0], ch.From) + e.G.Became + e.G.Cell(ch.State[1], ch.To)})
	case ch != nil && (v.geo.pitch >= narrowPitch || p == v.Sel):
		end = put(a, end, y,
			span{cellStyle(ch.State[0]), e.G.Cell(ch.State[0], ch.From)},
			span{look.Changed, e.G.Became},
			span{newStyle(ch.State[1]), e.G.Cell(ch.State[1], ch.To)})
	case ch != nil:
		end = put(a, end, y, span{look.Changed, e.G.Became}, span{newStyle(ch.State[1]), e.G.Cell(ch.State[1], ch.To)})
	case row.Read && st == gomap.Unknown:
		end = put(a, end, y, span{look.Bad, fmt.Sprintf("%02x", row.Ctrl[p.Cell])})
	default:
		end = put(a, end, y, span{cellStyle(st), e.G.Cell(st, row.Ctrl[p.Cell])})
	}
	if _, ok := s.Drifted(p); ok {
		end = a.Text(end, y, look.Drift, "~")
	}
	if p == v.Sel {
		a.Text(x, y, look.Accent, "[")
		a.Text(end, y, look.Accent, "]")
		v.cur.x, v.cur.y, v.cur.ok = x+1, y, true
	}
}

func cellStyle(st gomap.State) canvas.Style {
	switch st {
	case gomap.Full:
		return look.Full
	case gomap.Deleted:
		return look.Tombstone
	case gomap.Unknown:
		return look.Unread
	}
	return look.Empty
}

// newStyle is the style of a state that a cell has come into.
func newStyle(st gomap.State) canvas.Style {
	switch st {
	case gomap.Full:
		return look.Born
	case gomap.Deleted:
		return look.Tombstone
	}
	return look.Changed
}
