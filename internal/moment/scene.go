package moment

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Scene is a moment of an op with all that is to be told of it. What it has of
// the act is shared and must not be changed.
type Scene struct {
	*Act
	// Moment is what is shown: the act's later look.
	Moment trace.Moment
	Layout *gomap.Layout // of either look; nil of a nil map, and where nothing was read

	// Step is what is shown, where that is a step: what it wrote, and where in the
	// runtime. Steps is how many the op has.
	Step  *Step
	Steps int

	Rule *gomap.Rule // that explains the op as a whole, or nil
	// RuleLine is the line of the target's runtime that shows the rule; nil where
	// the timeline does not have it.
	RuleLine *Line

	// Focus is the cell that the op is about, in Shown: the one that it changed,
	// or where nothing has changed the one that holds its key.
	Focus   gomap.Place
	Focused bool
	// Absent: no full cell holds the op's key. False where not all keys could be
	// compared, and where something has changed.
	Absent bool

	// Drift maps a control byte's address to the value that it had at the end of
	// the op before on this map, where that differs from this op's before. It is
	// told at the op's before.
	Drift map[uint64]byte
	// DriftSince is the seq of that op.
	DriftSince uint64

	before, after Side
	changes       map[uint64]*gomap.Change // by the control byte's address
}

// Shown is the side that the moment shows. Where an op did not return, its after
// was seldom read: then it is the before, and Late is false.
func (s *Scene) Shown() *Side {
	if s.Late() {
		return &s.after
	}
	return &s.before
}

// Was is the side that what is shown is compared with: the before, or Shown
// itself where there is no other.
func (s *Scene) Was() *Side {
	if s.before.Shows() {
		return &s.before
	}
	return s.Shown()
}

// Late reports whether the later look is shown.
func (s *Scene) Late() bool {
	return s.After != nil && (s.After.Shows() || !s.Before.Shows())
}

// Change is the change of a cell's control byte, or nil.
func (s *Scene) Change(p gomap.Place) *gomap.Change {
	row := s.row(p)
	if row == nil {
		return nil
	}
	return s.changes[s.Layout.CtrlAddr(row, p.Cell)]
}

// Drifted is the value that a cell's control byte had at the end of the op
// before, where it differs without any op in between.
func (s *Scene) Drifted(p gomap.Place) (was byte, ok bool) {
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
		if s.Change(gomap.Place{Row: i, Cell: c}) != nil {
			return true
		}
	}
	return false
}

// PlaceOf is the cell shown whose control byte is at an address.
func (s *Scene) PlaceOf(ctrl uint64) (gomap.Place, bool) { return s.Shown().placeOf(ctrl) }

func (s *Scene) row(p gomap.Place) *gomap.Row {
	k := s.Shown()
	if !k.Shows() || p.Row < 0 || p.Row >= len(k.Map.Rows) {
		return nil
	}
	return &k.Map.Rows[p.Row]
}

// Call is the op as a line of Go: delete(m, 42).
func (s *Scene) Call() string {
	if s.Op.Kind == gomap.Assign && s.Moment.Phase == trace.After && s.Focused {
		if elem := s.ElemOf(s.Focus, maxCallElem); elem != Unread {
			return "m[" + s.Op.KeyText + "] = " + elem
		}
	}
	return CallText(s.Op)
}

// maxCallElem bounds the elem in Call.
const maxCallElem = 64

// Ellipsis stands for what is not said.
const Ellipsis = "..."

// MapName is how people call a map: #3.
func MapName(id int) string {
	if id == 0 {
		return "nil map"
	}
	return fmt.Sprintf("#%d", id)
}
