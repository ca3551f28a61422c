package live

import (
	"bytes"
	"cmp"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// bigMap is the size in bytes of rows above which the timeline does not get all
// that was read of a map, but:
//
//	the header, the directory, the tables    whole
//	rows                                     the first so many bytes of them, the op's own,
//	                                         and those that tell what it did (gomap.Telling)
//	what keys and elems lead to              of the op's rows and of those that tell
const bigMap = 64 << 10

func big(lo *gomap.Layout, m *gomap.Map) bool { return uint64(len(m.Rows))*lo.Row.Size > bigMap }

// reading is one moment of an op: a map and the memory that was read of it.
type reading struct {
	m    *gomap.Map
	rec  *recorder
	rows []trace.Region // of the regions those of rows, by address
	lo   *gomap.Layout
	// given are the rows of a big map that the sink has.
	given map[uint64]bool
}

func newReading(lo *gomap.Layout, m *gomap.Map, rec *recorder) *reading {
	r := &reading{m: m, rec: rec, lo: lo}
	for _, g := range rec.regions {
		if g.Role == gomap.RoleRow {
			r.rows = append(r.rows, g)
		}
	}
	slices.SortFunc(r.rows, func(a, b trace.Region) int { return cmp.Compare(a.Addr, b.Addr) })
	return r
}

// row is the memory of the row at addr, or nil.
func (r *reading) row(addr uint64) []byte {
	i, ok := slices.BinarySearchFunc(r.rows, addr, func(g trace.Region, addr uint64) int { return cmp.Compare(g.Addr, addr) })
	if !ok {
		i--
	}
	if i < 0 || addr+r.lo.Row.Size > r.rows[i].Addr+uint64(len(r.rows[i].Data)) {
		return nil
	}
	off := addr - r.rows[i].Addr
	return r.rows[i].Data[off : off+r.lo.Row.Size : off+r.lo.Row.Size]
}

// regions are what the sink gets of the moment: of a big map the rows wanted, and
// a first window.
func (r *reading) regions(wanted map[uint64]bool) []trace.Region {
	if !big(r.lo, r.m) {
		return r.rec.regions
	}
	var give []trace.Region
	for _, g := range r.rec.regions {
		if g.Role != gomap.RoleRow {
			give = append(give, g)
		}
	}
	r.given = make(map[uint64]bool, bigMap/r.lo.Row.Size)
	for i := range r.m.Rows[:min(uint64(len(r.m.Rows)), bigMap/r.lo.Row.Size)] {
		r.given[r.m.Rows[i].Addr] = true
	}
	for addr := range wanted {
		r.given[addr] = true
	}
	return append(give, r.pieces(r.given)...)
}

// more are the rows wanted that the sink has not got yet.
func (r *reading) more(wanted map[uint64]bool) []trace.Region {
	if r.given == nil { // it has all
		return nil
	}
	fresh := make(map[uint64]bool)
	for addr := range wanted {
		if !r.given[addr] {
			fresh[addr], r.given[addr] = true, true
		}
	}
	return r.pieces(fresh)
}

// pieces cuts rows out of the regions; those that lie side by side stay one.
func (r *reading) pieces(rows map[uint64]bool) []trace.Region {
	addrs := make([]uint64, 0, len(rows))
	for addr := range rows {
		addrs = append(addrs, addr)
	}
	slices.Sort(addrs)
	var out []trace.Region
	for _, addr := range addrs {
		b := r.row(addr)
		if b == nil {
			continue // it could not be read
		}
		if n := len(out) - 1; n >= 0 && out[n].Addr+uint64(len(out[n].Data)) == addr && len(out[n].Data) < maxPiece {
			out[n].Data = append(out[n].Data, b...) // copies: a piece has no room to grow into
			continue
		}
		out = append(out, trace.Region{Addr: addr, Role: gomap.RoleRow, Data: b})
	}
	return out
}

// maxPiece is about the largest region that rows are joined to.
const maxPiece = 1 << 20

// tellingRows finds the rows that tell what an op did between two readings.
func tellingRows(before, after *reading) gomap.Rows {
	return gomap.Telling(before.m, after.m, func(b, a *gomap.Row) bool {
		return !bytes.Equal(before.row(b.Addr), after.row(a.Addr))
	})
}
