package gomap

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
)

// noted is a memory that notes what is read through it, each piece with its
// role.
type noted struct {
	from   Memory
	pieces []piece
}

type piece struct {
	addr uint64
	role Role
	data []byte
}

func (n *noted) ReadAt(p []byte, addr uint64, as Role) error {
	if err := n.from.ReadAt(p, addr, as); err != nil {
		return err
	}
	n.pieces = append(n.pieces, piece{addr, as, slices.Clone(p)})
	return nil
}

// keep is what is left of it with these rows and no others.
func (n *noted) keep(l *Layout, rows map[uint64]bool) leftOver {
	var k leftOver
	for _, p := range n.pieces {
		if p.role != RoleRow {
			k = append(k, p)
			continue
		}
		for addr := range rows {
			if off := addr - p.addr; addr >= p.addr && off+l.Row.Size <= uint64(len(p.data)) {
				k = append(k, piece{addr, RoleRow, p.data[off : off+l.Row.Size]})
			}
		}
	}
	slices.SortFunc(k, func(a, b piece) int { return cmp.Compare(a.addr, b.addr) })
	return slices.CompactFunc(k, func(a, b piece) bool { return a.addr == b.addr && len(a.data) == len(b.data) })
}

// whole is all that was read.
func (n *noted) whole() leftOver {
	k := slices.Clone(leftOver(n.pieces))
	slices.SortFunc(k, func(a, b piece) int { return cmp.Compare(a.addr, b.addr) })
	return slices.CompactFunc(k, func(a, b piece) bool { return a.addr == b.addr && len(a.data) == len(b.data) })
}

// leftOver is pieces of memory in the order of their addresses.
type leftOver []piece

func (k leftOver) ReadAt(p []byte, addr uint64, _ Role) error {
	for _, c := range k {
		for len(p) > 0 && addr >= c.addr && addr < c.addr+uint64(len(c.data)) {
			n := copy(p, c.data[addr-c.addr:])
			p, addr = p[n:], addr+uint64(n)
		}
	}
	if len(p) > 0 {
		return ErrUnread
	}
	return nil
}

func (k leftOver) Next(addr, end uint64) (from, to uint64) {
	from, to = end, end
	for _, c := range k {
		lo, hi := max(c.addr, addr), min(c.addr+uint64(len(c.data)), end)
		switch {
		case lo >= hi:
		case from == end:
			from, to = lo, hi
		case lo == to:
			to = hi
		}
	}
	return from, to
}

// fromTelling compares what Compare says of the rows that tell with what it said
// of the whole map, d.
func fromTelling(t *testing.T, name string, op OpKind, l *Layout, roots [2]uint64, looks [2]*Map, mems [2]*noted, d *Delta) {
	t.Helper()
	differs := func(b, a *Row) bool { return b.Ctrl != a.Ctrl || b.Next != a.Next }
	rows := Telling(looks[0], looks[1], differs)
	for _, list := range []int{listAll, 0} {
		was := listAll
		listAll = list
		var ms [2]*Map
		for i := range ms {
			m, err := Decode(l, roots[i], mems[i].keep(l, rows[i]), Window{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			ms[i] = m
		}
		listAll = was
		if got := Compare(op, ms[0], ms[1]); !reflect.DeepEqual(got, d) {
			t.Fatalf("%s, listing unread rows up to %d, of %d and %d rows %d and %d are kept:\nthey say       %+v\nthe whole says %+v",
				name, list, len(looks[0].Rows), len(looks[1].Rows), len(rows[0]), len(rows[1]), got, d)
		}
	}
}
