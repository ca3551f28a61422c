package moment

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Act is what became of an op's map from one moment of the op to a later one:
// mostly from its before to its after.
type Act struct {
	Op     *trace.Op
	Before *Look // never nil
	After  *Look // nil while the op runs, and where one moment alone is told
	// Delta is what differs; nil where After is.
	Delta *gomap.Delta
	Types gomap.Types // that interfaces hold; may be nil
}

// Of takes the looks of an op. An error is the timeline's.
func Of(tl trace.Timeline, op *trace.Op) (*Act, error) {
	before := trace.Moment{Op: op.ID, Phase: trace.Before}
	if op.Outcome == trace.Running {
		k, err := At(tl, before, 0)
		if err != nil {
			return nil, err
		}
		return &Act{Op: op, Before: k, Types: tl.Types()}, nil
	}
	return Span(tl, op, before, trace.Moment{Op: op.ID, Phase: trace.After})
}

// Span takes the looks of two moments of an op: its before, steps, or after. An
// error is the timeline's.
func Span(tl trace.Timeline, op *trace.Op, from, to trace.Moment) (*Act, error) {
	a := &Act{Op: op, Types: tl.Types()}
	var err error
	if a.Before, err = At(tl, from, 0); err != nil {
		return nil, err
	}
	if a.After, err = At(tl, to, 0); err != nil {
		return nil, err
	}
	a.Delta = Between(op.Kind, a.Before, a.After)
	return a, nil
}

// Compared reports whether both moments have a map, so that Delta tells of it.
func (a *Act) Compared() bool { return a.Delta != nil && a.Before.Shows() && a.After.Shows() }

// Changes are the control bytes that changed, in address order.
func (a *Act) Changes() []gomap.Change {
	if !a.Compared() {
		return nil
	}
	return a.Delta.Changes
}

// Found reports whether the op's key was in the map. That is told by the map's
// count, so it is not known before the op is over, nor of a clear.
func (a *Act) Found() (found, known bool) {
	switch {
	case a.Op.Kind == gomap.Clear:
		return false, false
	case a.Op.Map.Addr == 0:
		return false, true
	case a.Compared() && a.After.At.Phase != trace.Step:
		return a.Delta.Found, a.Delta.FoundKnown
	}
	return false, false
}

// Used is the map's own count at a look of the act; 0 of a nil map.
func (a *Act) Used(k *Look) (n uint64, known bool) {
	if a.Op.Map.Addr == 0 {
		return 0, true
	}
	if !k.Shows() {
		return 0, false
	}
	return k.Map.Used, true
}

// search looks for the op's key at a look of the act. What the key leads to was
// read at the op's entry.
func (a *Act) search(k *Look) *gomap.Search {
	return &gomap.Search{Map: k.Map, Mem: k.Mem, Key: a.Op.Key, KeyMem: a.Before.Mem, Types: a.Types, Follow: maxFollow}
}

// maxFollow bounds the keys that are compared by what they lead to.
const maxFollow = 1 << 14

// Emptied is the cell, in Before's map, that a delete emptied.
func (a *Act) Emptied() (gomap.Place, bool) {
	if a.Op.Kind != gomap.Delete || !a.Compared() {
		return gomap.Place{}, false
	}
	return a.search(a.Before).Emptied(a.Delta, a.After.Map)
}

// Own is the change of the cell that the op is about, as an index in Changes; -1
// if it is not among them.
func (a *Act) Own() int {
	cs := a.Changes()
	if at, ok := a.Emptied(); ok {
		m := a.Before.Map
		addr := m.Layout.CtrlAddr(&m.Rows[at.Row], at.Cell)
		moved := addr + a.After.Root - a.Before.Root // on a stack
		for i := range cs {
			c := &cs[i]
			if (c.Addr == addr || c.Addr == moved) && c.State[0].Live() && c.State[1] != gomap.EvacuatedX && c.State[1] != gomap.EvacuatedY {
				return i
			}
		}
	}
	for i := range cs {
		if cs[i].Rule != "" && cs[i].Rule == a.Delta.Rule {
			return i
		}
	}
	return -1
}

// maxElem bounds the text of an elem, in bytes.
const maxElem = 256

// Old is the elem that a delete took away, in Go syntax; what of it was not read
// is ??.
func (a *Act) Old() (text string, known bool) {
	at, ok := a.Emptied()
	if !ok {
		return "", false
	}
	l, row := a.Before.Map.Layout, &a.Before.Map.Rows[at.Row]
	elem, _, err := l.ReadElem(a.Before.Mem, row, at.Cell, trace.MaxKey)
	if err != nil {
		return "", false
	}
	text, _ = gomap.Format(l.Elem, elem, a.Before.Mem, a.Types, maxElem)
	return text, true
}

// Why explains the op as a whole; "" where nothing is known of it.
func (a *Act) Why() string {
	switch a.Op.Outcome {
	case trace.Panicked:
		return "the op did not return: it panicked"
	case trace.Fatal:
		return "the op did not return: the runtime gave up"
	case trace.Exited:
		return "the op did not return: the target ended first"
	case trace.Detached:
		return "the op did not return before deltui let go of the target"
	}
	switch {
	case a.Compared():
		return a.Delta.Why
	case a.Op.Map.Addr != 0:
		return ""
	case a.Op.Kind == gomap.Assign:
		return "the map was nil"
	}
	return fmt.Sprintf("the map was nil: there was nothing to %s, and the runtime returned at once", a.Op.Kind)
}
