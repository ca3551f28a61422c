package live

import (
	"reflect"

	"deltui/internal/gomap"
)

// Bounds of what is read of a map's cells beyond its rows.
const (
	maxElem      = 256     // bytes of an elem's text
	maxFollow    = 1 << 16 // keys that may be followed to find the op's
	maxShownRows = 64      // at rest
	maxRowsAtRun = 8       // while ops go by, a map that has more is read at rest only
	maxShown     = 64      // bytes of a key's or elem's text on a screen
	maxLeadRows  = 16      // rows of an op whose cells are followed
)

// leads reports whether showing a value of the type needs memory beyond it.
func leads(t *gomap.Type) bool {
	switch t.Kind {
	case reflect.String, reflect.Interface:
		return true
	case reflect.Slice:
		return t.Elem != nil
	case reflect.Array:
		return t.Elem != nil && leads(t.Elem)
	case reflect.Struct:
		for i := range t.Fields {
			if leads(t.Fields[i].Type) {
				return true
			}
		}
	}
	return false
}

// cellsLead reports whether keys, and elems, of a map lead beyond its rows.
func cellsLead(lo *gomap.Layout) (keys, elems bool) {
	return lo.Key != nil && (lo.KeyIndirect || leads(lo.Key)), lo.Elem != nil && (lo.ElemIndirect || leads(lo.Elem))
}

// follow reads what the cells of rows lead to: the op's cell up to maxElem bytes
// of text, the others up to what a screen shows.
func (l *Loop) follow(lo *gomap.Layout, rows []*gomap.Row, own gomap.Place, m *gomap.Map, rec *recorder) {
	keys, elems := cellsLead(lo)
	if !keys && !elems {
		return
	}
	for _, r := range rows[:min(len(rows), maxLeadRows)] {
		for c := range gomap.CellsPerRow {
			if lo.State(r, c) != gomap.Full {
				continue
			}
			most := maxShown
			if own.Row >= 0 && r == &m.Rows[own.Row] && c == own.Cell {
				most = maxElem
			}
			if keys {
				if key, _, err := lo.ReadKey(rec, r, c, lo.Key.Size); err == nil {
					gomap.Format(lo.Key, key, gomap.As(rec, gomap.RoleKey), l.types, most)
				}
			}
			if elems {
				if elem, _, err := lo.ReadElem(rec, r, c, lo.Elem.Size); err == nil {
					gomap.Format(lo.Elem, elem, gomap.As(rec, gomap.RoleElem), l.types, most)
				}
			}
		}
	}
}

// ownRows finds, at an op's entry, the cell that holds its key, and the rows that
// the op will work on as far as that can be told then: the cell's, and in a
// classic map that grows the old bucket whose turn it is to be evacuated. After
// the op nothing would lead to what their cells hold.
func (l *Loop) ownRows(lo *gomap.Layout, m *gomap.Map, key []byte, rec *recorder) (own gomap.Place, rows []*gomap.Row) {
	own.Row = -1
	s := gomap.Search{
		Map: m, Mem: gomap.As(quiet{rec}, gomap.RoleKey), Key: key, KeyMem: gomap.As(quiet{rec}, gomap.RoleArgument),
		Types: l.types, Follow: maxFollow,
	}
	if at, found := s.Find(); found == gomap.Equal {
		own = at
		rows = append(rows, &m.Rows[at.Row])
	}
	if old, _ := m.Field("oldbuckets"); old != 0 {
		if next, ok := m.Field("nevacuate"); ok {
			rows = append(rows, m.Chain(next, true)...)
		}
	}
	return own, rows
}

// readShown reads what the cells of a map's first rows lead to: a person is going
// to look at them. The past is never read, so under a screen that may pause at
// any op a small map's are read at each.
func (l *Loop) readShown(lo *gomap.Layout, m *gomap.Map, rec *recorder, rest bool) {
	if !rest && (!l.plan.Paused || len(m.Rows) > maxRowsAtRun) {
		return
	}
	rows := make([]*gomap.Row, 0, maxShownRows)
	for i := range m.Rows[:min(len(m.Rows), maxShownRows)] {
		rows = append(rows, &m.Rows[i])
	}
	for len(rows) > 0 {
		n := min(len(rows), maxLeadRows)
		l.follow(lo, rows[:n], gomap.Place{Row: -1}, m, rec)
		rows = rows[n:]
	}
}
