package gomap

// Rows are addresses of rows, of a map before an op and after it.
type Rows [2]map[uint64]bool

func (r *Rows) add(when int, addr uint64) {
	if r[when] == nil {
		r[when] = make(map[uint64]bool)
	}
	r[when][addr] = true
}

// Telling finds the rows of a map that tell what an op did to it. Who keeps
// them, with the header, the directory and the tables, and of all other rows
// nothing, keeps the op: [Compare] says of what is kept what it says of the
// whole. differs reports whether a row that was there both times has other bytes
// now, in its keys and elems too.
//
// These rows tell:
//
//   - a row that differs, and a row that is there in one moment only, unless it is
//     new and untouched, or was left behind long before: a bucket that was
//     evacuated already;
//
//   - of a classic map, the whole chain that such a row is in, since rules are
//     about chains: emptyRest says something of all cells that follow;
//
//   - where an old bucket is evacuated, the chains of the two new buckets that its
//     entries may have gone to, although one of them may have got none.
//
//     before                          after
//     old 1       ab 01 7c 22 00 …  differs   →   02 04 03 02 04 …
//     bucket 1    00 …              differs   →   ab 22 00 …
//     bucket 5    00 …              its chain →   7c 00 …           (2^B = 4 old buckets)
//
// Of a Swiss map a row stands for itself: what else its rules need is in its
// table's header.
func Telling(before, after *Map, differs func(before, after *Row) bool) Rows {
	var rows Rows
	if before == nil || after == nil || before.Layout == nil || after.Layout == nil || before.Root == 0 || after.Root == 0 {
		return rows
	}
	t := telling{b: before, a: after, rows: &rows}
	c := comparison{b: before, a: after, l: after.Layout}
	met := make([]bool, len(before.Rows))
	for k := range after.Rows {
		ra := &after.Rows[k]
		kb := c.was(k)
		if kb < 0 {
			if !untouched(after.Layout, ra) {
				t.keep(1, k)
			}
			continue
		}
		met[kb] = true
		if differs(&before.Rows[kb], ra) {
			t.keep(0, kb)
			t.keep(1, k)
		}
	}
	for kb, ok := range met {
		if !ok && !leftBehind(&before.Rows[kb]) {
			t.keep(0, kb)
		}
	}
	return rows
}

// telling gathers the rows.
type telling struct {
	b, a *Map
	rows *Rows
}

func (t *telling) side(when int) *Map {
	if when == 0 {
		return t.b
	}
	return t.a
}

// keep takes in row k of a moment, and what belongs to it.
func (t *telling) keep(when, k int) {
	m := t.side(when)
	w := m.Rows[k].Where
	if !w.Classic {
		t.rows.add(when, m.Rows[k].Addr)
		return
	}
	t.chains(w.Row, w.Old)
	// An old bucket's entries went to one or two new ones; before a growth that
	// begins in this op, the old buckets are the only ones.
	if exp, _ := t.a.Field("B"); w.Old || when == 0 && t.grew() {
		from, _ := t.b.Field("B")
		if w.Old && when == 0 && !t.sameSize() {
			from--
		} else if w.Old && when == 1 {
			from = exp
			if !t.sameSize() {
				from--
			}
		}
		t.chains(w.Row, true)
		t.chains(w.Row, false)
		if from < 62 {
			t.chains(w.Row+1<<from, false)
		}
	}
}

func (t *telling) grew() bool {
	b, _ := t.b.Field("buckets")
	a, _ := t.a.Field("buckets")
	return b != a
}

func (t *telling) sameSize() bool {
	f, _ := t.b.Field("flags")
	if old, _ := t.b.Field("oldbuckets"); old == 0 {
		f, _ = t.a.Field("flags")
	}
	return f&flagSameSizeGrow != 0
}

// chains takes in a bucket's chain in both moments.
func (t *telling) chains(n uint64, old bool) {
	for when := range t.rows {
		m := t.side(when)
		k := m.bucket(n, old)
		if k < 0 || t.rows[when][m.Rows[k].Addr] {
			continue
		}
		rows, _ := chain(m, k)
		for i := range rows {
			t.rows.add(when, rows[i].Addr)
		}
	}
}

// untouched reports whether a row holds what a new one does.
func untouched(l *Layout, r *Row) bool {
	empty := byte(emptyRest)
	if l.Kind != Classic {
		empty = ctrlEmpty
	}
	return r.Read && r.count(empty) == CellsPerRow && r.Next == 0
}

// leftBehind reports whether a classic row was evacuated before.
func leftBehind(r *Row) bool {
	return r.Read && r.Where.Classic && r.Where.Old && r.Ctrl[0] >= evacuatedX && r.Ctrl[0] <= evacuatedEmpty
}
