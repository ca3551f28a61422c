package gomap

// The control bytes of Swiss groups; a full cell's is below ctrlEmpty.
const (
	ctrlEmpty   = 0x80
	ctrlDeleted = 0xfe
)

// has reports whether a cell of the row has this control byte.
func (r *Row) has(b byte) bool { return r.first(b) < CellsPerRow }

// first is the first cell with this control byte, or CellsPerRow.
func (r *Row) first(b byte) int {
	for i, x := range r.Ctrl {
		if x == b {
			return i
		}
	}
	return CellsPerRow
}

// count is how many cells have this control byte.
func (r *Row) count(b byte) int {
	n := 0
	for _, x := range r.Ctrl {
		if x == b {
			n++
		}
	}
	return n
}

// swiss explains the changes of a Swiss map, whose runtime is
// internal/runtime/maps.
func (c *comparison) swiss() {
	c.swissEvents()
	switch c.op {
	case Delete:
		c.swissDelete()
	case Assign:
		c.swissAssign()
	case Clear:
		c.swissClear()
	}
	if c.reseeded() {
		c.event(Reseed)
	}
	c.swissWhy()
}

// tableBefore is the table before that after's table t is, or nil.
func (c *comparison) tableBefore(t int) *Table {
	if t < 0 || t >= len(c.a.Tables) {
		return nil
	}
	addr := c.a.Tables[t].Addr
	if t < len(c.b.Tables) && c.b.Tables[t].Addr == addr {
		return &c.b.Tables[t]
	}
	for i := range c.b.Tables {
		if c.b.Tables[i].Addr == addr {
			return &c.b.Tables[i]
		}
	}
	return nil
}

// growth returns growthLeft of after's table t before and after, if both were
// read.
func (c *comparison) growth(t int) (before, after uint64, ok bool) {
	tb := c.tableBefore(t)
	if tb == nil {
		return 0, 0, false
	}
	b, ok1 := tb.Field("growthLeft")
	a, ok2 := c.a.Tables[t].Field("growthLeft")
	return b, a, ok1 && ok2
}

// capacity is the number of cells of after's table t, 0 if it was not read.
func (c *comparison) capacity(t int) uint64 {
	if t < 0 || t >= len(c.a.Tables) {
		return 0
	}
	n, _ := c.a.Tables[t].Field("capacity")
	return n
}

// swissEvents tells what became of the tables. In a delete nothing does.
func (c *comparison) swissEvents() {
	small := func(m *Map) bool { n, _ := m.Field("dirLen"); return n == 0 }
	if small(c.b) {
		if pb, _ := c.b.Field("dirPtr"); pb != 0 && !small(c.a) {
			c.event(Grow)
		}
		return
	}
	known := make(map[uint64]bool, len(c.b.Tables))
	for i := range c.b.Tables {
		known[c.b.Tables[i].Addr] = true
	}
	fresh := 0
	for i := range c.a.Tables {
		if !known[c.a.Tables[i].Addr] {
			fresh++
		}
	}
	if fresh == 0 {
		return
	}
	c.event(Rehash)
	split := len(c.a.Tables) > len(c.b.Tables)
	if c.a.SomeTables || c.b.SomeTables {
		split = !c.larger()
	}
	if split {
		c.event(Split)
	} else {
		c.event(Grow)
	}
}

// larger reports whether the table that is new has more cells than the one that
// is gone, where only the table that the op worked on is known.
func (c *comparison) larger() bool {
	for i := range c.a.Tables {
		if c.tableBefore(i) == nil {
			for j := range c.b.Tables {
				if was, ok := c.b.Tables[j].Field("capacity"); ok {
					return c.capacity(i) > was
				}
			}
		}
	}
	return false
}

func (c *comparison) swissDelete() {
	// A delete changes one control byte at most. Of several it cannot be told
	// which is its own.
	if len(c.found) != 1 || c.b.Used-c.a.Used != 1 {
		return
	}
	f := &c.found[0]
	if f.State[0] != Full {
		return
	}
	rb := &c.b.Rows[f.kb]
	if f.Where.Table < 0 {
		if f.To == ctrlEmpty {
			f.Rule = "swiss.delete.small"
		}
		return
	}
	gb, ga, known := c.growth(f.Where.Table)
	switch {
	case f.To == ctrlEmpty && rb.has(ctrlEmpty) && (!known || ga == gb+1):
		f.Rule = "swiss.delete.group-has-empty"
	case f.To == ctrlDeleted && !rb.has(ctrlEmpty) && (!known || ga == gb):
		f.Rule = "swiss.delete.group-full"
	}
}

func (c *comparison) swissAssign() {
	// Prune first: it happens before the insertion, and gives back room that
	// the insertion then takes.
	pruned := map[int]uint64{} // table → tombstones removed
	into := -1                 // the one cell that became full
	for i := range c.found {
		f := &c.found[i]
		switch {
		case f.State == [2]State{Deleted, Empty}:
			pruned[f.Where.Table]++
		case f.State[1] == Full && into == -1:
			into = i
		case f.State[1] == Full:
			into = -2 // of several it cannot be told which is the op's own
		}
	}
	inserted := c.a.Used-c.b.Used == 1
	for i := range c.found {
		f := &c.found[i]
		rb, ra := &c.b.Rows[f.kb], &c.a.Rows[f.ka]
		n := pruned[f.Where.Table]
		gb, ga, known := c.growth(f.Where.Table)
		if f.State == [2]State{Deleted, Empty} {
			// All tombstones of a group go, or none; only where no room is
			// left, and where it frees a tenth of the table.
			if f.Where.Table >= 0 && !rb.has(ctrlEmpty) && !ra.has(ctrlDeleted) && len(pruned) == 1 &&
				(!known || gb == 0 && ga+1 == n && n*10 >= c.capacity(f.Where.Table)) {
				f.Rule = "swiss.assign.prune"
				c.event(Prune)
			}
			continue
		}
		if i != into || !inserted {
			continue
		}
		switch {
		case f.Where.Table < 0:
			if f.From == ctrlEmpty && f.Cell == rb.first(ctrlEmpty) {
				f.Rule = "swiss.assign.small"
			}
		case f.From == ctrlEmpty && f.Cell == rb.first(ctrlEmpty) && !rb.has(ctrlDeleted) && (!known || ga+1 == gb+n):
			f.Rule = "swiss.assign.empty"
		case f.From == ctrlDeleted && f.Cell == rb.first(ctrlDeleted) && !rb.has(ctrlEmpty) && n == 0 && (!known || ga == gb):
			f.Rule = "swiss.assign.tombstone"
		}
	}
}

func (c *comparison) swissClear() {
	if c.a.Used != 0 {
		return
	}
	for i := range c.found {
		f := &c.found[i]
		if c.a.Rows[f.ka].count(ctrlEmpty) != CellsPerRow {
			continue
		}
		switch {
		case f.Where.Table < 0 && f.State[0] == Full:
			f.Rule = "swiss.clear.small"
		case f.Where.Table >= 0 && f.State[0] == Full:
			f.Rule = "swiss.clear.full"
		case f.Where.Table >= 0 && f.State[0] == Deleted:
			f.Rule = "swiss.clear.tombstone"
		}
	}
}
