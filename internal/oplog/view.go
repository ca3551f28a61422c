package oplog

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// view is one op with what its memory says.
type view struct {
	op            *trace.Op
	before, after *gomap.Map // nil where nothing was read
	delta         *gomap.Delta
	// old is the elem that a delete took away, in Go syntax; oldKnown where it
	// was read.
	old      string
	oldKnown bool
}

// maxElem bounds the text of an elem.
const maxElem = 256

// newView decodes an op's two moments. Memory that was not read is no error.
func newView(tl trace.Timeline, op *trace.Op) *view {
	v := &view{op: op}
	if op.Map.Addr == 0 {
		return v
	}
	a, err := moment.Of(tl, op)
	if err != nil {
		return v
	}
	// An op that never returned has a before all the same.
	v.before, v.delta = a.Before.Map, a.Delta
	if a.After != nil {
		v.after = a.After.Map
	}
	if v.before == nil || v.after == nil {
		v.delta = nil
		return v
	}
	if op.Kind == gomap.Delete {
		v.findOld(v.before.Layout, a.Before.Mem, tl.Types())
	}
	return v
}

// findOld reads the elem that stood in the cell that a delete emptied. The
// cell's key must be the op's: while a classic map grows, a delete empties
// other cells, too.
func (v *view) findOld(l *gomap.Layout, mem gomap.Memory, types gomap.Types) {
	for i := range v.delta.Changes {
		c := &v.delta.Changes[i]
		if !c.State[0].Live() || c.State[1].Live() || c.State[1] == gomap.EvacuatedX || c.State[1] == gomap.EvacuatedY {
			continue
		}
		row := rowAt(v.before, l, c.Addr)
		if row == nil {
			continue
		}
		key, _, err := l.ReadKey(mem, row, c.Cell, trace.MaxKey)
		if err != nil {
			continue
		}
		if text, _ := gomap.Format(l.Key, key, mem, types, trace.MaxKeyText); text != v.op.KeyText {
			continue
		}
		elem, _, err := l.ReadElem(mem, row, c.Cell, trace.MaxKey)
		if err != nil {
			return
		}
		v.old, _ = gomap.Format(l.Elem, elem, mem, types, maxElem)
		v.oldKnown = true
		return
	}
}

// rowAt is the row that has a control byte at addr.
func rowAt(m *gomap.Map, l *gomap.Layout, addr uint64) *gomap.Row {
	for i := range m.Rows {
		if first := l.CtrlAddr(&m.Rows[i], 0); addr >= first && addr-first < gomap.CellsPerRow {
			return &m.Rows[i]
		}
	}
	return nil
}

// why is the explanation of the op as a whole.
func (v *view) why() string {
	switch v.op.Outcome {
	case trace.Panicked:
		return "the op did not return: it panicked"
	case trace.Fatal:
		return "the op did not return: the runtime gave up"
	case trace.Exited:
		return "the op did not return: the target ended first"
	case trace.Detached:
		return "the op did not return before deltui let go of the target"
	}
	if v.delta != nil {
		return v.delta.Why
	}
	if v.op.Map.Addr == 0 {
		if v.op.Kind == gomap.Assign {
			return "the map is nil"
		}
		return fmt.Sprintf("the map is nil: there is nothing to %s, and the runtime returns at once", v.op.Kind)
	}
	return ""
}

// found reports whether the key was there.
func (v *view) found() (found, known bool) {
	switch {
	case v.op.Kind == gomap.Clear:
		return false, false
	case v.op.Map.Addr == 0:
		return false, true
	case v.delta != nil:
		return v.delta.Found, v.delta.FoundKnown
	}
	return false, false
}

// used is the map's count at a moment.
func (v *view) used(m *gomap.Map) (n uint64, known bool) {
	if v.op.Map.Addr == 0 {
		return 0, true
	}
	if m == nil {
		return 0, false
	}
	return m.Used, true
}
