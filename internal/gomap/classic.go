package gomap

import (
	"cmp"
	"slices"
)

// The tophash values below the first of a full cell.
const (
	emptyRest      = 0
	emptyOne       = 1
	evacuatedX     = 2
	evacuatedY     = 3
	evacuatedEmpty = 4
	minTopHash     = 5
)

// flagIterator is hmap.flags' bit: an iterator may be using the buckets.
const flagIterator = 1

// classic explains the changes of a classic map by doing again what the
// runtime did, on the control bytes: first the evacuation that every delete
// and assign of a growing map begins with, then the op itself. What comes out
// must equal the bytes of the moment after.
//
//	before ── evacuate 0, 1 or 2 old buckets ──► mid ── the op ──► after
func (c *comparison) classic() {
	e := &evacuation{comparison: c, rules: map[uint64]string{}}
	e.b0, _ = c.b.Field("B")
	e.b1, _ = c.a.Field("B")
	e.structure()
	switch c.op {
	case Clear:
		e.clear()
	case Delete, Assign:
		e.explain()
	}
	if c.reseeded() {
		c.event(Reseed)
	}
	for i := range c.found {
		c.found[i].Rule = e.rules[c.found[i].Addr]
	}
	e.classicWhy()
}

// evacuation is the state of explaining a classic op.
type evacuation struct {
	*comparison
	b0, b1   uint64 // B before and after
	grew     bool   // the op started a growth
	finished bool   // the op ended the growth that was going on before it
	sameSize bool   // the growth is to as many buckets

	evacuated []uint64          // old buckets evacuated in this op
	rules     map[uint64]string // by control byte address

	// The op's own change, for the explanation.
	done     string // its rule
	doneAt   Where
	doneCell int
	back     int      // cells that went back from emptyOne to emptyRest
	tried    bool     // a chain was explained by it, or could not be
	marked   []uint64 // the control bytes it explains
	twofold  bool     // another chain has a change that is not evacuation's
}

// structure compares the headers.
func (e *evacuation) structure() {
	p0, _ := e.b.Field("buckets")
	p1, _ := e.a.Field("buckets")
	old0, _ := e.b.Field("oldbuckets")
	old1, _ := e.a.Field("oldbuckets")
	f0, _ := e.b.Field("flags")
	e.grew = p0 != 0 && p0 != p1 && !e.moved
	e.finished = old0 != 0 && old1 != old0 && e.op != Clear
	e.sameSize = f0&flagSameSizeGrow != 0
	if n0, n1 := nevacuate(e.b), nevacuate(e.a); e.op != Clear && (e.finished || n1 > n0 && !e.grew) {
		e.event(Evacuate) // whether the buckets were read or not
	}
	if e.grew {
		e.sameSize = e.b0 == e.b1
		if e.sameSize {
			e.event(SameSizeGrow)
		} else {
			e.event(Grow)
		}
	}
}

func nevacuate(m *Map) uint64 { n, _ := m.Field("nevacuate"); return n }

// bucket finds the row that begins a bucket's chain, or -1 where it is not
// listed. Rows are in the order of their buckets, the old ones last.
func (m *Map) bucket(n uint64, old bool) int {
	k, ok := slices.BinarySearchFunc(m.Rows, n, func(r Row, n uint64) int {
		switch w := &r.Where; {
		case w.Old != old:
			if old {
				return -1
			}
			return 1
		case w.Row != n:
			return cmp.Compare(w.Row, n)
		}
		return min(1, r.Where.Overflow)
	})
	if !ok {
		return -1
	}
	return k
}

// Chain is the rows of a bucket, or of an old one, as far as they are listed.
func (m *Map) Chain(n uint64, old bool) []*Row {
	k := m.bucket(n, old)
	if k < 0 {
		return nil
	}
	rows, _ := chain(m, k)
	out := make([]*Row, len(rows))
	for i := range rows {
		out[i] = &rows[i]
	}
	return out
}

// heads lists the rows that begin a chain: those of the array, or of the old
// one.
func (m *Map) heads(old bool) []int {
	var hs []int
	for k := range m.Rows {
		if w := &m.Rows[k].Where; w.Old == old && w.Overflow == 0 {
			hs = append(hs, k)
		}
	}
	return hs
}

// chain is the rows of m from head on that make one bucket's chain, and
// whether all of it was read.
func chain(m *Map, head int) ([]Row, bool) {
	end := head + 1
	for end < len(m.Rows) && m.Rows[end].Where.Overflow == end-head {
		end++
	}
	rows := m.Rows[head:end]
	ok := rows[len(rows)-1].Next == 0
	for i := range rows {
		ok = ok && rows[i].Read
	}
	return rows, ok
}

// cells joins the control bytes of a chain.
func cells(rows []Row) []byte {
	bs := make([]byte, 0, len(rows)*CellsPerRow)
	for i := range rows {
		bs = append(bs, rows[i].Ctrl[:]...)
	}
	return bs
}

// mark names the rule of cell i of a chain.
func (e *evacuation) mark(rows []Row, i int, rule string) {
	e.rules[e.l.CtrlAddr(&rows[i/CellsPerRow], i%CellsPerRow)] = rule
}

// markOwn does so for the op's own change.
func (e *evacuation) markOwn(rows []Row, i int, rule string) {
	e.mark(rows, i, rule)
	e.marked = append(e.marked, e.l.CtrlAddr(&rows[i/CellsPerRow], i%CellsPerRow))
}

func (e *evacuation) clear() {
	if e.a.Used != 0 {
		return
	}
	for i := range e.found {
		f := &e.found[i]
		if r := &e.a.Rows[f.ka]; !f.Where.Old && r.Ctrl == [CellsPerRow]byte{} {
			e.rules[f.Addr] = "classic.clear"
		}
	}
}

// explain explains a delete or an assign.
func (e *evacuation) explain() {
	if len(e.found) == 0 && !e.grew && !e.finished && e.sameRows() {
		return
	}
	old, _ := e.b.Field("oldbuckets")
	source := e.finished || old != 0
	into := map[uint64]bool{} // buckets of the new array that an evacuation filled
	switch {
	case e.grew && source:
		// The last old bucket was evacuated, and a new growth began, in one
		// op: the state between is gone, each byte speaks for itself.
		e.twice()
		return
	case e.grew:
		e.evacuate(false, e.b0, into)
	case source:
		n := e.b0
		if !e.sameSize && n > 0 {
			n--
		}
		e.evacuate(true, n, into)
	}
	for _, h := range e.a.heads(false) {
		j := e.a.Rows[h].Where.Row
		if into[j] {
			continue
		}
		after, ok := chain(e.a, h)
		var before []Row
		if !e.grew {
			hb := e.b.bucket(j, false)
			if hb < 0 {
				continue // it was not read then
			}
			var ok2 bool
			before, ok2 = chain(e.b, hb)
			ok = ok && ok2
		}
		if before == nil && len(after) == 1 && after[0].Ctrl == [CellsPerRow]byte{} {
			continue // new, and untouched
		}
		if len(before) == len(after) && slices.EqualFunc(before, after, func(x, y Row) bool { return x.Ctrl == y.Ctrl }) {
			continue
		}
		if ok {
			e.own(cells(before), after, false)
		}
	}
	if e.twofold {
		// An op changes one chain. Of two it cannot be told which is its own.
		e.done = ""
		for _, addr := range e.marked {
			delete(e.rules, addr)
		}
	}
}

// sameRows reports whether the map has the same rows as before: an assign may
// add an overflow bucket, which changes no control byte of the others.
func (e *evacuation) sameRows() bool { return len(e.a.Rows) == len(e.b.Rows) }

// own explains one chain by the op itself: cells were mid when the op came to
// them. It reports whether the bytes bear that out. arrived: mid was made by an
// evacuation in this op.
func (e *evacuation) own(mid []byte, after []Row, arrived bool) bool {
	if e.twofold = e.twofold || e.tried; e.twofold {
		return false
	}
	e.tried = true
	now := cells(after)
	switch {
	case e.op == Delete && e.b.Used-e.a.Used == 1 && len(mid) == len(now):
		return e.ownDelete(mid, now, after, arrived)
	case e.op == Assign && e.a.Used-e.b.Used == 1:
		return e.ownAssign(mid, now, after)
	}
	return false
}

// ownDelete finds the deleted cell, deletes it in mid as the runtime does, and
// compares.
func (e *evacuation) ownDelete(mid, now []byte, after []Row, arrived bool) bool {
	at := -1
	for i := range mid {
		if mid[i] >= minTopHash && now[i] < minTopHash {
			at = i
			break
		}
	}
	if at < 0 {
		return false
	}
	want := slices.Clone(mid)
	want[at] = emptyOne
	rule, from := "classic.delete.empty-one", at
	if at+1 == len(want) || want[at+1] == emptyRest {
		rule = "classic.delete.empty-rest"
		want[at] = emptyRest
		for from > 0 && want[from-1] == emptyOne {
			from--
			want[from] = emptyRest
		}
	}
	if !slices.Equal(want, now) {
		return false
	}
	if arrived {
		rule = "classic.delete.arrived"
	}
	for i := from; i < at; i++ {
		e.markOwn(after, i, "classic.delete.empty-rest-backwards")
	}
	e.markOwn(after, at, rule)
	e.done, e.doneAt, e.doneCell, e.back = rule, after[at/CellsPerRow].Where, at%CellsPerRow, at-from
	return true
}

// ownAssign finds the new cell: the first empty one of the chain, or the first
// of a new overflow bucket.
func (e *evacuation) ownAssign(mid, now []byte, after []Row) bool {
	at := slices.IndexFunc(mid, func(b byte) bool { return b <= emptyOne })
	rule := "classic.assign.overflow"
	switch {
	case at < 0:
		at = len(mid)
	case mid[at] == emptyOne:
		rule = "classic.assign.empty-one"
	default:
		rule = "classic.assign.empty-rest"
	}
	if at >= len(now) || now[at] < minTopHash {
		return false
	}
	want := make([]byte, len(now))
	if copy(want, mid); len(mid) > len(now) {
		return false
	}
	want[at] = now[at]
	if !slices.Equal(want, now) || len(now) > len(mid) && rule != "classic.assign.overflow" && len(mid) > 0 {
		return false
	}
	if len(mid) == 0 { // a bucket array of this op
		rule = "classic.assign.empty-rest"
	}
	e.markOwn(after, at, rule)
	e.done, e.doneAt, e.doneCell = rule, after[at/CellsPerRow].Where, at%CellsPerRow
	return true
}

// twice explains single bytes where two growths met in one op.
func (e *evacuation) twice() {
	for i := range e.found {
		f := &e.found[i]
		if !f.Where.Old {
			continue
		}
		switch {
		case f.To == evacuatedX:
			e.rules[f.Addr] = "classic.evacuate.x"
		case f.To == evacuatedY && e.b1 > e.b0:
			e.rules[f.Addr] = "classic.evacuate.y"
		case f.To == evacuatedEmpty && f.From <= emptyOne:
			e.rules[f.Addr] = "classic.evacuate.empty"
		case f.From == emptyRest && f.To >= minTopHash:
			e.rules[f.Addr] = "classic.evacuate.arrive"
		}
	}
	e.event(Evacuate)
}
