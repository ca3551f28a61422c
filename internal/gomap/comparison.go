package gomap

import (
	"cmp"
	"slices"
)

// comparison works out what an op did to a map.
//
// Rows are aligned by address: memory is what changed, whatever it was called
// before and after. A map whose header and only row lie on a stack may have
// moved with it between the moments; then its row moved by the same distance.
type comparison struct {
	op    OpKind
	b, a  *Map
	l     *Layout
	d     *Delta
	moved bool
	index map[uint64]int // before's rows by address, made when needed
	found []found
}

// found is a change and its rows.
type found struct {
	Change
	kb, ka int // rows, before and after
}

// Compare derives what op did to a map from the moments before and after it:
// which control bytes changed, and for each the rule by which the runtime
// changed it so. A rule is named only where the bytes bear it out; whatever
// else changed is counted as unexplained.
//
// Both moments must be of one map. Where rows were not read, their changes are
// not seen. A Map of which nothing could be read is nil.
//
// The events are what the headers and tables tell:
//
//	grow            the map or one of its tables got room for more entries
//	same-size-grow  a classic map got as many new buckets
//	evacuate        entries of old buckets moved to the new ones
//	rehash          a Swiss table was replaced, by a larger one (grow) or two (split)
//	prune           tombstones of a Swiss table became empty
//	reseed          the map got a new hash seed
func Compare(op OpKind, before, after *Map) *Delta {
	d := &Delta{}
	if before == nil || after == nil {
		d.Why = "The map could not be read before and after: what happened to it is not known."
		return d
	}
	c := comparison{op: op, b: before, a: after, l: after.Layout, d: d}
	d.Used = [2]uint64{before.Used, after.Used}
	d.Tombstones = [2]int{before.Tombstones(), after.Tombstones()}
	if before.Root == 0 || after.Root == 0 {
		c.nilMap()
		return d
	}
	if before.Layout == nil || after.Layout == nil || before.Layout.Kind != after.Layout.Kind {
		d.Why = "The map's layout is not known: what happened to it cannot be told."
		return d
	}
	switch op {
	case Delete:
		d.Found, d.FoundKnown = after.Used < before.Used, true
	case Assign:
		d.Found, d.FoundKnown = after.Used == before.Used, true
	}
	data := "dirPtr"
	if c.l.Kind == Classic {
		data = "buckets"
	}
	shift := after.Root - before.Root
	pb, _ := before.Field(data)
	pa, _ := after.Field(data)
	c.moved = shift != 0 && pb != 0 && pa-pb == shift && len(before.Rows) > 0 && len(after.Rows) > 0
	c.changes()
	if c.l.Kind == Classic {
		c.classic()
	} else {
		c.swiss()
	}
	if len(c.found) > 0 {
		d.Changes = make([]Change, len(c.found))
		for i := range c.found {
			d.Changes[i] = c.found[i].Change
			if c.found[i].Rule == "" {
				d.Unexplained++
			}
		}
	}
	return d
}

// was returns the row of before that after's row k is, or -1.
func (c *comparison) was(k int) int {
	addr := c.a.Rows[k].Addr
	switch {
	case c.moved && k == 0:
		return 0
	case k < len(c.b.Rows) && c.b.Rows[k].Addr == addr:
		return k
	}
	if c.index == nil {
		c.index = make(map[uint64]int, len(c.b.Rows))
		for i := range c.b.Rows {
			c.index[c.b.Rows[i].Addr] = i
		}
	}
	if i, ok := c.index[addr]; ok {
		return i
	}
	return -1
}

// changes finds the control bytes that belong to the map in both moments and
// differ.
func (c *comparison) changes() {
	for k := range c.a.Rows {
		ra := &c.a.Rows[k]
		kb := c.was(k)
		if kb < 0 {
			continue
		}
		rb := &c.b.Rows[kb]
		if !ra.Read || !rb.Read || ra.Ctrl == rb.Ctrl {
			continue
		}
		for i, to := range ra.Ctrl {
			if from := rb.Ctrl[i]; from != to {
				c.found = append(c.found, found{Change{
					Addr: c.l.CtrlAddr(ra, i), Where: ra.Where, Cell: i, From: from, To: to,
					State: [2]State{c.l.StateOf(from), c.l.StateOf(to)},
				}, kb, k})
			}
		}
	}
	slices.SortStableFunc(c.found, func(x, y found) int { return cmp.Compare(x.Addr, y.Addr) })
}

func (c *comparison) event(e Event) {
	if !slices.Contains(c.d.Events, e) {
		c.d.Events = append(c.d.Events, e)
	}
}

// reseeded reports whether the map got a new hash seed.
func (c *comparison) reseeded() bool {
	name := "seed"
	if c.l.Kind == Classic {
		name = "hash0"
	}
	b, ok := c.b.Field(name)
	a, _ := c.a.Field(name)
	return ok && a != b
}
