package moment

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Side is a map at one of an op's two moments.
type Side struct {
	Map  *gomap.Map   // nil: a nil map, or Err
	Mem  gomap.Memory // nil where Map is
	Err  string       // why there is no map
	Sum  Sum
	rows map[uint64]int // row's address → index in Map.Rows
}

// Sum is what is counted over all rows of a side.
type Sum struct {
	Tombstones  int
	Old         bool // there are old buckets
	MaxTable    int
	MaxRow      uint64
	MaxOverflow int
}

func (n *Sum) add(l *gomap.Layout, r *gomap.Row) {
	if r.Read && l.Kind != gomap.Classic {
		for _, b := range r.Ctrl {
			if l.StateOf(b) == gomap.Deleted {
				n.Tombstones++
			}
		}
	}
	n.Old = n.Old || r.Where.Old
	n.MaxTable, n.MaxRow = max(n.MaxTable, r.Where.Table), max(n.MaxRow, r.Where.Row)
	n.MaxOverflow = max(n.MaxOverflow, r.Where.Overflow)
}

// Scene is one moment, decoded.
type Scene struct {
	Moment trace.Moment
	Op     *trace.Op
	Layout *gomap.Layout // nil: a nil map, or nothing was read
	Before Side
	After  Side         // only at the op's after
	Delta  *gomap.Delta // only at the op's after; nil where it cannot be known
	Rule   *gomap.Rule  // that explains the op as a whole, or nil

	// Focus is the cell that the op is about: the principal change, or before
	// it the cell that holds the key.
	Focus   Place
	Focused bool
	// Absent: before the op, no full cell holds its key. False where not all
	// keys could be compared.
	Absent bool
	unsure bool // a key was not read

	// Drift maps a control byte's address to the value that it had at the end of
	// the op before on this map, where that differs from this op's before.
	Drift map[uint64]byte
	// DriftSince is the seq of that op.
	DriftSince uint64

	changes map[uint64]*gomap.Change // by the control byte's address
	types   gomap.Types
}

// Place is a cell: an index into Shown().Map.Rows, and 0 to 7.
type Place struct{ Row, Cell int }

// Shown is the side that the moment shows. Where an op did not return, its after
// was seldom read: then it is the before, and Late is false.
func (s *Scene) Shown() *Side {
	if s.Late() {
		return &s.After
	}
	return &s.Before
}

// Late reports whether the after is shown.
func (s *Scene) Late() bool {
	return s.Moment.Phase == trace.After && (s.After.Map != nil || s.Before.Map == nil)
}

// Change is the change of a cell's control byte, or nil.
func (s *Scene) Change(p Place) *gomap.Change {
	row := s.row(p)
	if row == nil {
		return nil
	}
	return s.changes[s.Layout.CtrlAddr(row, p.Cell)]
}

// Drifted is the value that a cell's control byte had at the end of the op
// before, where it differs without any op in between.
func (s *Scene) Drifted(p Place) (was byte, ok bool) {
	row := s.row(p)
	if row == nil || s.Late() {
		return 0, false
	}
	was, ok = s.Drift[s.Layout.CtrlAddr(row, p.Cell)]
	return was, ok
}

// RowChanged reports whether a cell of row i changed.
func (s *Scene) RowChanged(i int) bool {
	if len(s.changes) == 0 {
		return false
	}
	for c := range gomap.CellsPerRow {
		if s.Change(Place{i, c}) != nil {
			return true
		}
	}
	return false
}

func (s *Scene) row(p Place) *gomap.Row {
	m := s.Shown().Map
	if m == nil || p.Row < 0 || p.Row >= len(m.Rows) {
		return nil
	}
	return &m.Rows[p.Row]
}

// Caller is the frame that made the op: the first that is not the runtime's.
func (s *Scene) Caller() *trace.Frame {
	for i := range s.Op.Stack {
		if !s.Op.Stack[i].Runtime {
			return &s.Op.Stack[i]
		}
	}
	return nil
}

// Call is the op as a line of Go: delete(m, 42).
func (s *Scene) Call() string {
	switch s.Op.Kind {
	case gomap.Delete:
		return "delete(m, " + s.Op.KeyText + ")"
	case gomap.Assign:
		if s.Moment.Phase == trace.After && s.Focused {
			if elem := s.ElemOf(s.Focus, maxElem); elem != Unread {
				return "m[" + s.Op.KeyText + "] = " + elem
			}
		}
		return "m[" + s.Op.KeyText + "] = " + Ellipsis
	case gomap.Clear:
		return "clear(m)"
	}
	return s.Op.Kind.String()
}

// maxElem bounds the elem in Call.
const maxElem = 64

// Ellipsis stands for what is not said.
const Ellipsis = "..."

// MapName is how people call a map: #3.
func MapName(id int) string {
	if id == 0 {
		return "nil map"
	}
	return fmt.Sprintf("#%d", id)
}
