package tui

import (
	"slices"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// pos is a position: an op's before, a step, or its after. An op in progress has
// seq 0.
type pos struct {
	id    trace.OpID // 0: known by seq only, until its scene is loaded
	seq   uint64
	phase trace.Phase
	step  int // of phase Step
}

func (p pos) none() bool { return p.id == 0 && p.seq == 0 }

func (p pos) same(q pos) bool {
	if p.phase != q.phase || p.step != q.step {
		return false
	}
	if p.id != 0 && q.id != 0 {
		return p.id == q.id
	}
	return p.seq != 0 && p.seq == q.seq
}

// Positions lie in one line: the ops that have ended, by seq, each with its
// before and after, and behind them the befores of the ops in progress.
//
//	1 before, 1 after, 2 before, … n after, pending before, pending before
//
// The steps of an op are beside that line: they are gone through by keys of their
// own, and → and ← leave them for the op's after and before.
//
// end is the newest: where the source rests, or the last of that line.
//
// While the target runs it is the last op's after, which shows what was done.
func (v *snapshot) end() pos {
	if v.running() && v.n > 0 {
		return pos{seq: uint64(v.n), phase: trace.After}
	}
	if at := v.state.At; v.live && at.Op != 0 {
		if slices.Contains(v.pending, at.Op) {
			return pos{id: at.Op, phase: trace.Before}
		}
		if v.atSeq != 0 && at.Phase != trace.Step {
			return pos{id: at.Op, seq: v.atSeq, phase: at.Phase}
		}
	}
	if !v.live && len(v.pending) > 0 {
		return pos{id: v.pending[len(v.pending)-1], phase: trace.Before}
	}
	if v.n > 0 {
		return pos{seq: uint64(v.n), phase: trace.After}
	}
	if len(v.pending) > 0 {
		return pos{id: v.pending[0], phase: trace.Before}
	}
	return pos{}
}

// first is the position that a timeline opens at.
func (v *snapshot) first() pos {
	if v.n > 0 {
		return pos{seq: 1, phase: trace.Before}
	}
	return v.end()
}

// after is the position that follows p, or none at the end of the line.
func (v *snapshot) after(p pos) pos {
	if p.seq == 0 {
		i := slices.Index(v.pending, p.id)
		switch {
		case i < 0 && p.phase != trace.After: // it has ended meanwhile
			return pos{id: p.id, phase: trace.After}
		case i >= 0 && i+1 < len(v.pending):
			return pos{id: v.pending[i+1], phase: trace.Before}
		}
		return pos{}
	}
	switch {
	case p.phase != trace.After:
		return pos{id: p.id, seq: p.seq, phase: trace.After}
	case p.seq < uint64(v.n):
		return pos{seq: p.seq + 1, phase: trace.Before}
	case len(v.pending) > 0:
		return pos{id: v.pending[0], phase: trace.Before}
	}
	return pos{}
}

// before is the position that comes before p, or none at the first.
func (v *snapshot) before(p pos) pos {
	if p.seq == 0 {
		i := slices.Index(v.pending, p.id)
		switch {
		case i > 0:
			return pos{id: v.pending[i-1], phase: trace.Before}
		case v.n > 0:
			return pos{seq: uint64(v.n), phase: trace.After}
		}
		return pos{}
	}
	switch {
	case p.phase != trace.Before:
		return pos{id: p.id, seq: p.seq, phase: trace.Before}
	case p.seq > 1:
		return pos{seq: p.seq - 1, phase: trace.After}
	}
	return pos{}
}

// moves remembers where the user has been. Single steps in one direction count
// as one move.
type moves struct {
	undo, redo []pos
	stepping   bool
}

const maxMoves = 1000

// left notes that the user leaves from for elsewhere, by a single step or not.
func (m *moves) left(from pos, step bool) {
	if from.none() || step && m.stepping {
		return
	}
	m.stepping = step
	m.redo = m.redo[:0]
	if len(m.undo) == maxMoves {
		m.undo = append(m.undo[:0], m.undo[1:]...)
	}
	m.undo = append(m.undo, from)
}

// back takes the last move back.
func (m *moves) back(now pos) (pos, bool) {
	n := len(m.undo)
	if n == 0 {
		return pos{}, false
	}
	p := m.undo[n-1]
	m.undo, m.stepping = m.undo[:n-1], false
	m.redo = append(m.redo, now)
	return p, true
}

// forth makes a move again that was taken back.
func (m *moves) forth(now pos) (pos, bool) {
	n := len(m.redo)
	if n == 0 {
		return pos{}, false
	}
	p := m.redo[n-1]
	m.redo, m.stepping = m.redo[:n-1], false
	m.undo = append(m.undo, now)
	return p, true
}

// running reports whether the target runs, or is about to.
func (v *snapshot) running() bool {
	return v.live && (v.state.Doing == probe.Running || v.state.Doing == probe.Starting)
}

// resting reports whether the source waits for a command.
func (v *snapshot) resting() bool { return v.live && v.state.Doing == probe.Resting }

// runs is what the screen says: a single step is over too soon to be called
// running, and would make the header flicker.
func (s *session) runs() bool { return s.snap.running() && !(s.step && s.brisk > 0) }
