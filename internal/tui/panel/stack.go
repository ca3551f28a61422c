package panel

import (
	"fmt"
	"slices"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// StackView is panel 4: who called. Runs of runtime frames fold to one line, and
// what passed the op on from its caller folds into the caller's line.
type StackView struct {
	scroll
	Frame  int // chosen: an index into the op's stack
	byHand bool
	open   bool // folds are open
	rows   []stackRow
	h      int
	cur    struct {
		y  int
		ok bool
	}
}

// stackRow is a frame, or a fold of n frames from there.
type stackRow struct {
	frame, fold int
	through     []trace.Frame // folded into this row, the caller's
}

// Show takes a new scene: the caller is chosen.
func (v *StackView) Show(s *moment.Scene) {
	v.byHand, v.top = false, 0
	v.layout(s.Op)
	v.Frame = max(callerIn(s.Op), 0)
}

// callerIn is the place of the op's caller in its stack, or if it is not there of
// the first frame that is not the runtime's; -1 if there is none.
func callerIn(op *trace.Op) int {
	if at := slices.Index(op.Stack, op.Caller); at >= 0 {
		return at
	}
	return slices.IndexFunc(op.Stack, func(f trace.Frame) bool { return !f.Runtime })
}

// ByHand reports whether the frame was chosen by the user.
func (v *StackView) ByHand() bool { return v.byHand }

// Auto gives the choice back to the op.
func (v *StackView) Auto(s *moment.Scene) {
	if s != nil {
		v.Show(s)
	}
}

// layout makes the rows. The entry point is always shown: it is what was called.
func (v *StackView) layout(op *trace.Op) {
	v.rows = v.rows[:0]
	caller := callerIn(op)
	var through []trace.Frame
	if !v.open {
		through, _ = moment.Calls(op)
	}
	for i := 0; i < len(op.Stack); i++ {
		n := 0
		for i+n < len(op.Stack) && op.Stack[i+n].Runtime {
			n++
		}
		switch {
		case i == caller:
			v.rows = append(v.rows, stackRow{frame: i, through: through})
			continue
		case i > 0 && i < caller && n == 0 && !v.open:
			continue // it is in the caller's row
		case i == 0 || v.open || n < 2:
			v.rows = append(v.rows, stackRow{frame: i})
			continue
		}
		v.rows = append(v.rows, stackRow{frame: i, fold: n})
		i += n - 1
	}
}

// Move chooses the row n rows on.
func (v *StackView) Move(n int) {
	if len(v.rows) == 0 {
		return
	}
	i := max(min(v.row()+n, len(v.rows)-1), 0)
	v.Frame, v.byHand = v.rows[i].frame, true
}

func (v *StackView) row() int {
	at := 0
	for i, r := range v.rows {
		if r.frame <= v.Frame {
			at = i
		}
	}
	return at
}

// Toggle opens or closes the folds.
func (v *StackView) Toggle(s *moment.Scene) {
	v.open = !v.open
	if s != nil {
		v.layout(s.Op)
	}
}

// OnFold reports whether a fold is chosen.
func (v *StackView) OnFold() bool {
	if len(v.rows) == 0 {
		return false
	}
	r := &v.rows[v.row()]
	return r.fold > 0 || len(r.through) > 0
}

// Click chooses the row at line y.
func (v *StackView) Click(y int) bool {
	if i := v.top + y; i >= 0 && i < len(v.rows) {
		v.Frame, v.byHand = v.rows[i].frame, true
		return true
	}
	return false
}

// Cursor is where the chosen frame was drawn.
func (v *StackView) Cursor() (x, y int, ok bool) { return 0, v.cur.y, v.cur.ok }

// Title is the goroutine and its first function of the user's.
func (v *StackView) Title(e *Env) string {
	if e.Scene == nil {
		return ""
	}
	op := e.Scene.Op
	title := fmt.Sprintf("goroutine %d", op.Goroutine)
	for i := len(op.Stack) - 1; i >= 0; i-- {
		if f := &op.Stack[i]; !f.Runtime && !f.Std {
			return title + "  " + shortFunc(f.Func, e.G)
		}
	}
	return title
}

// Lines is the number of lines that the panel has to show.
func (v *StackView) Lines() int { return len(v.rows) }

// View draws the panel.
func (v *StackView) View(a canvas.Area, e *Env) {
	v.cur.ok = false
	if e.Scene == nil || a.Rect.Empty() {
		return
	}
	stack := e.Scene.Op.Stack
	if len(stack) == 0 {
		a.TextMax(0, 0, a.W, look.Dim, "no stack was read")
		return
	}
	v.h = a.H
	at := v.row()
	if at < v.top {
		v.top = at
	}
	if at >= v.top+a.H {
		v.top = at - a.H + 1
	}
	v.by(0, len(v.rows), a.H)
	for y := range a.H {
		if i := v.top + y; i < len(v.rows) {
			v.frame(a, y, v.rows[i], i == at, stack, e)
		}
	}
	v.more(a, e, len(v.rows))
}

func (v *StackView) frame(a canvas.Area, y int, r stackRow, chosen bool, stack []trace.Frame, e *Env) {
	mark, st := "  ", look.Text
	if chosen {
		mark = e.G.Mark + " "
		v.cur.y, v.cur.ok = y, true
	}
	a.Text(0, y, look.Accent, mark)
	if r.fold > 0 {
		a.TextMax(2, y, a.W-2, look.Faint, fmt.Sprintf("%s %d runtime frames", e.G.Fold, r.fold))
		return
	}
	f := &stack[r.frame]
	switch {
	case chosen:
		st = look.Strong
	case f.Runtime || f.Std:
		st = look.Dim
	}
	where := baseLine(f)
	room := a.W - 3 - 2
	name := callerName(a, r.through, shortFunc(f.Func, e.G), room-a.Width(where), e.G)
	if f.Inlined {
		name += " (inlined)"
	}
	if nw := a.Width(name); nw+a.Width(where) > room {
		if nw > room-6 {
			a.TextMax(2, y, a.W-3, st, name)
			return
		}
		where = a.Cut(where, room-nw)
	}
	a.Text(2, y, st, name)
	a.Right(a.W-1, y, look.Dim, where)
}
