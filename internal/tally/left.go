package tally

import (
	"deltui/internal/gomap"
	"deltui/internal/moment"
)

// take notes what a delete has left.
func (m *mapState) take(a *moment.Act, c *Call) {
	own := a.Own()
	if own < 0 {
		return
	}
	ch := &a.Changes()[own]
	if ch.State[0] != gomap.Full {
		return
	}
	now := a.After.Map
	row := rowAt(now, ch)
	if row == nil {
		return
	}
	if ch.State[1] == gomap.Deleted {
		c.Made++
		m.Made++
		if c.FirstMade == 0 {
			c.FirstMade = a.Op.Seq
		}
		if m.FirstMade == 0 {
			m.FirstMade = a.Op.Seq
		}
		m.rowOf(now, row).tomb(m, ch.Cell, c)
	}
	if holds(now.Layout, row) == 0 {
		if c.FirstDrained == 0 {
			c.FirstDrained = a.Op.Seq
		}
		if m.FirstDrained == 0 {
			m.FirstDrained = a.Op.Seq
		}
		m.rowOf(now, row).drain(m, c)
	}
}

// rowAt is the row that a change is in.
func rowAt(now *gomap.Map, ch *gomap.Change) *gomap.Row {
	addr := ch.Addr - uint64(ch.Cell) - now.Layout.Row.Ctrl
	for i := range now.Rows {
		if now.Rows[i].Addr == addr && now.Rows[i].Read {
			return &now.Rows[i]
		}
	}
	return nil
}

// holds counts the entries of a row: -1 of one that is evacuated, which holds
// what is read elsewhere.
func holds(l *gomap.Layout, r *gomap.Row) int {
	n := 0
	for i := range gomap.CellsPerRow {
		switch l.State(r, i) {
		case gomap.EvacuatedX, gomap.EvacuatedY, gomap.EvacuatedEmpty:
			return -1
		case gomap.Full:
			n++
		}
	}
	return n
}

// array is an array of rows: a table's groups, the buckets or the old buckets. Its
// size tells it from another that got the same address later.
type array struct{ addr, size uint64 }

// arrays tells which array of rows each row of a map is in.
type arrays struct {
	now          *gomap.Map
	buckets, old array
	one          bool // a classic map of one bucket
	onStack      bool
}

// flagSameSizeGrow is hmap.flags' bit for a growth to as many buckets.
const flagSameSizeGrow = 8

func (m *mapState) arraysOf(now *gomap.Map) arrays {
	a := arrays{now: now, onStack: m.onStack}
	if now.Layout.Kind == gomap.Classic {
		exp, _ := now.Field("B")
		flags, _ := now.Field("flags")
		a.buckets.addr, _ = now.Field("buckets")
		a.old.addr, _ = now.Field("oldbuckets")
		a.buckets.size, a.old.size, a.one = exp, exp, exp == 0
		if flags&flagSameSizeGrow == 0 {
			a.old.size--
		}
	}
	return a
}

// of is a row's array and the row's address. The only row of a map that lies on
// a stack, and may move, is row 0 of the zero array.
func (a *arrays) of(r *gomap.Row) (in array, row uint64) {
	switch w := r.Where; {
	case w.Classic && w.Old:
		return a.old, r.Addr
	case a.onStack && (w.Classic && a.one && w.Overflow == 0 || !w.Classic && w.Table < 0):
		return array{}, 0
	case !w.Classic && w.Table < 0:
		return array{r.Addr, 1}, r.Addr
	case w.Classic:
		return a.buckets, r.Addr
	default:
		return tableArray(&a.now.Tables[w.Table]), r.Addr
	}
}

func tableArray(t *gomap.Table) array { return array{t.Data, t.Groups} }

// there lists the arrays that the map has; ok is false where not all are known.
func (a *arrays) there() (bases map[array]bool, ok bool) {
	bases = make(map[array]bool, len(a.now.Tables)+3)
	if a.now.Layout.Kind == gomap.Classic {
		bases[a.buckets], bases[array{}] = true, a.one && a.onStack
		if a.old.addr != 0 {
			bases[a.old] = true
		}
		return bases, true
	}
	n, _ := a.now.Field("dirLen")
	if n == 0 {
		data, _ := a.now.Field("dirPtr")
		bases[array{data, 1}], bases[array{}] = true, a.onStack
	}
	for i := range a.now.Tables {
		bases[tableArray(&a.now.Tables[i])] = true
	}
	return bases, !a.now.SomeTables && (n == 0 || len(a.now.Tables) > 0)
}

func (m *mapState) rowOf(now *gomap.Map, r *gomap.Row) *leftRow {
	a := m.arraysOf(now)
	base, row := a.of(r)
	if m.left[base] == nil {
		m.left[base] = make(map[uint64]*leftRow)
	}
	lr := m.left[base][row]
	if lr == nil {
		lr = &leftRow{}
		m.left[base][row] = lr
	}
	return lr
}

func (lr *leftRow) tomb(m *mapState, cell int, c *Call) {
	if was := lr.tombs[cell]; was != nil {
		was.Left--
		m.Left--
	}
	if lr.tombs[cell] = c; c != nil {
		c.Left++
		m.Left++
	}
}

func (lr *leftRow) drain(m *mapState, c *Call) {
	if was := lr.drained; was != nil {
		was.Drained--
		m.Drained--
	}
	if lr.drained = c; c != nil {
		c.Drained++
		m.Drained++
	}
}

// empty lets go of all that was left in the row.
func (lr *leftRow) empty(m *mapState) {
	for i := range lr.tombs {
		lr.tomb(m, i, nil)
	}
	lr.drain(m, nil)
}

// forget lets go of all that was left in the map.
func (m *mapState) forget() {
	for base := range m.left {
		m.drop(base)
	}
}

func (m *mapState) drop(base array) {
	for _, lr := range m.left[base] {
		lr.empty(m)
	}
	delete(m.left, base)
}

// look takes in what a look at the map says of what was left: what is gone is not
// left any more, whoever did it.
func (m *mapState) look(k *moment.Look) {
	if !k.Shows() {
		return
	}
	now := k.Map
	m.Known = true
	m.Tombstones, m.Used = now.Tombstones(), now.Used
	m.last = now
	if len(m.left) == 0 {
		return
	}
	m.looks++
	in := m.arraysOf(now)
	if bases, ok := in.there(); ok {
		for base := range m.left {
			if !bases[base] {
				m.drop(base)
			}
		}
	}
	read := uint64(0)
	for i := range now.Rows {
		r := &now.Rows[i]
		if !r.Read {
			continue
		}
		read++
		base, row := in.of(r)
		lr := m.left[base][row]
		if lr == nil {
			continue
		}
		lr.met = m.looks
		for c := range lr.tombs {
			if lr.tombs[c] != nil && now.Layout.State(r, c) != gomap.Deleted {
				lr.tomb(m, c, nil)
			}
		}
		if lr.drained != nil && holds(now.Layout, r) != 0 {
			lr.drain(m, nil)
		}
	}
	// What the map had and has not any more: overflow buckets.
	for _, rows := range m.left {
		for row, lr := range rows {
			if read == now.RowsTotal && lr.met != m.looks {
				lr.empty(m)
			}
			if lr.drained == nil && lr.tombs == [gomap.CellsPerRow]*Call{} {
				delete(rows, row)
			}
		}
	}
}

// replaced lets go of the tables that an op replaced: of a large directory not all
// are known, so that a look alone does not tell.
func (m *mapState) replaced(before, after *gomap.Map) {
	now := m.arraysOf(after)
	bases, _ := now.there()
	for i := range before.Tables {
		if base := tableArray(&before.Tables[i]); !bases[base] {
			m.drop(base)
		}
	}
}
