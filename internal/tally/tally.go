package tally

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// maxCalls bounds the calls that are told apart: a recursion can have as many
// stacks as it has ops.
const maxCalls = 1 << 12

// Tally counts the ops of one timeline.
type Tally struct {
	tl           trace.Timeline
	ops, unknown uint64
	next         uint64 // the last op added
	calls        map[string]*Call
	rest         *Call // of the calls beyond maxCalls
	maps         map[int]*mapState
}

// mapState is what is known of a map.
type mapState struct {
	Map
	left    map[array]map[uint64]*leftRow // by the row's address
	looks   int
	last    *gomap.Map // as last looked at
	onStack bool
	unnamed []*trace.Op // its first ops, which may tell the map's name
}

// leftRow is a row in which something was left.
type leftRow struct {
	tombs   [gomap.CellsPerRow]*Call // nil: none that was seen to be made
	drained *Call                    // nil: it is not
	met     int                      // the look at the map that last had it
}

// New counts from nothing.
func New() *Tally {
	return &Tally{calls: make(map[string]*Call), maps: make(map[int]*mapState)}
}

// Ops is how many ops were added.
func (t *Tally) Ops() uint64 { return t.ops }

// Add counts an op that has ended. Ops are added once each, in the order of seq.
func (t *Tally) Add(tl trace.Timeline, op *trace.Op) error {
	a, err := moment.Of(tl, op)
	if err != nil {
		return err
	}
	m := t.add(a)
	if m.Name == "" && len(m.unnamed) < maxUnnamed {
		m.unnamed = append(m.unnamed, op)
	}
	t.tl = tl
	return nil
}

// maxUnnamed is how many ops on a map are asked for its name.
const maxUnnamed = 4

// add counts an act, and returns its map.
func (t *Tally) add(a *moment.Act) *mapState {
	op := a.Op
	t.ops++
	t.next = op.Seq
	m := t.mapOf(op)
	m.Ops[op.Kind]++
	m.Last = op.Seq
	if m.First == 0 {
		m.First = op.Seq
	}
	var c *Call
	if op.Kind == gomap.Delete {
		c = t.call(op)
		c.Deletes++
		m.Deletes++
		if found, known := a.Found(); known && !found {
			c.Absent++
			m.Absent++
		}
	}
	if !a.Compared() {
		if op.Map.Addr != 0 {
			t.unknown++
		}
		m.look(a.Before)
		m.look(a.After)
		return m
	}
	m.look(a.Before)
	if op.Kind == gomap.Clear && op.Outcome == trace.Returned && a.After.Map.Used == 0 {
		m.forget()
	}
	if slices.Contains(a.Delta.Events, gomap.Rehash) {
		m.replaced(a.Before.Map, a.After.Map)
	}
	if c != nil {
		m.take(a, c)
	}
	m.look(a.After)
	return m
}

// mapOf is the map of an op; all ops on nil maps are of one.
func (t *Tally) mapOf(op *trace.Op) *mapState {
	m := t.maps[op.Map.ID]
	if m == nil {
		m = &mapState{Map: Map{ID: op.Map.ID, Ops: make(map[gomap.OpKind]uint64)}, left: make(map[array]map[uint64]*leftRow)}
		t.maps[op.Map.ID] = m
	}
	m.Type, m.onStack = op.Map.Type, op.Map.OnStack
	if c := op.Caller; m.Caller.Func == "" || op.Kind == gomap.Delete && !m.byDelete {
		m.Caller, m.byDelete = c, op.Kind == gomap.Delete
	}
	return m
}

// call is the call that an op belongs to.
func (t *Tally) call(op *trace.Op) *Call {
	_, from := moment.Calls(op)
	if n := len(from); n > 0 && from[n-1].Runtime {
		from = from[:n:n]
		for len(from) > 1 && from[len(from)-1].Runtime {
			from = from[:len(from)-1]
		}
	}
	key := keyOf(from)
	c := t.calls[key]
	if c == nil {
		if len(t.calls) >= maxCalls {
			if t.rest == nil {
				t.rest = &Call{Rest: true}
			}
			c = t.rest
		} else {
			c = &Call{Stack: slices.Clone(from)}
			t.calls[key] = c
		}
	}
	if c.First == 0 {
		c.First = op.Seq
	}
	c.Last = op.Seq
	return c
}

// keyOf is equal for equal calls.
func keyOf(fs []trace.Frame) string {
	var b strings.Builder
	for i := range fs {
		b.WriteString(fs[i].Func)
		b.WriteByte(0)
		b.WriteString(fs[i].File)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(fs[i].Line))
		b.WriteByte(0)
	}
	return b.String()
}

// Report is what was counted, the calls and maps that made most tombstones first. It is
// the caller's own.
func (t *Tally) Report() Report {
	r := Report{Ops: t.ops, Unknown: t.unknown}
	for _, c := range t.calls {
		r.Calls = append(r.Calls, *c)
	}
	if t.rest != nil {
		r.Calls = append(r.Calls, *t.rest)
	}
	for _, m := range t.maps {
		// Lines of source come when somebody has had the time to read them.
		for _, op := range m.unnamed {
			if m.Name == "" {
				m.Name = nameOf(t.tl, op)
			}
		}
		if m.Name != "" {
			m.unnamed = nil
		}
		n := m.Map
		n.Ops = make(map[gomap.OpKind]uint64, len(m.Ops))
		for k, v := range m.Ops {
			n.Ops[k] = v
		}
		if m.last != nil {
			n.Held, n.HeldKnown = m.last.Held()
			n.Fresh, n.Spare = m.last.Layout.Fresh(m.Used), m.last.Spare()
		}
		r.Maps = append(r.Maps, n)
	}
	slices.SortFunc(r.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(b.Made, a.Made), cmp.Compare(b.Left, a.Left), cmp.Compare(b.Drained, a.Drained),
			cmp.Compare(b.Deletes, a.Deletes), cmp.Compare(a.First, b.First))
	})
	slices.SortFunc(r.Maps, func(a, b Map) int {
		return cmp.Or(cmp.Compare(b.Made, a.Made), cmp.Compare(b.Tombstones, a.Tombstones), cmp.Compare(b.Drained, a.Drained), cmp.Compare(b.Deletes, a.Deletes), cmp.Compare(a.ID, b.ID))
	})
	return r
}

// Next is the seq of the op to add next.
func (t *Tally) Next() uint64 { return t.next + 1 }

// Skip goes past an op that cannot be had: one of a damaged part, or let go.
func (t *Tally) Skip(seq uint64) { t.next = seq }
