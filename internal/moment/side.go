package moment

import "deltui/internal/gomap"

// Side is a look with what a screen asks of it again and again.
type Side struct {
	*Look
	Sum  Sum
	rows map[uint64]int // row's address → index in Map.Rows
}

// Sum is what is counted over all rows of a side.
type Sum struct {
	Tombstones  int
	Old         bool // there are old buckets
	MaxTable    int
	MaxRow      uint64
	MaxOverflow int
}

// side counts over a look's rows.
func side(k *Look) Side {
	d := Side{Look: k}
	if !k.Shows() {
		return d
	}
	m := k.Map
	d.rows = make(map[uint64]int, len(m.Rows))
	for i := range m.Rows {
		d.rows[m.Rows[i].Addr] = i
		d.Sum.add(m.Layout, &m.Rows[i])
	}
	return d
}

func (n *Sum) add(l *gomap.Layout, r *gomap.Row) {
	if r.Read && l.Kind != gomap.Classic {
		for _, b := range r.Ctrl {
			if l.StateOf(b) == gomap.Deleted {
				n.Tombstones++
			}
		}
	}
	n.Old = n.Old || r.Where.Old
	n.MaxTable, n.MaxRow = max(n.MaxTable, r.Where.Table), max(n.MaxRow, r.Where.Row)
	n.MaxOverflow = max(n.MaxOverflow, r.Where.Overflow)
}

// placeOf finds the cell whose control byte is at addr.
func (d *Side) placeOf(addr uint64) (gomap.Place, bool) {
	if !d.Shows() {
		return gomap.Place{}, false
	}
	for i := range uint64(gomap.CellsPerRow) {
		if row, ok := d.rows[addr-d.Map.Layout.Row.Ctrl-i]; ok {
			return gomap.Place{Row: row, Cell: int(i)}, true
		}
	}
	return gomap.Place{}, false
}
