package gomap

import (
	"cmp"
	"slices"
)

// Window says which rows [Decode] reads. The zero Window is every row. A map's
// header is read whatever the window says.
type Window struct {
	// Bytes: every row, if all together take at most so many bytes; 0 is no
	// limit. Of a larger map only what the rest of the window says is read.
	Bytes uint64
	// Hash: the rows that an op on a key of that hash works on, wherever they
	// are; of a Swiss map with their table alone, so that what is read does not
	// grow with the map.
	Hash Hash
	// Table: all rows of the table that Hash leads to, and not the probe's path
	// alone: an assign may prune or replace it.
	Table bool
	// Evacuating: after an op, what [Map.Evacuating] said before it.
	Evacuating Evacuating
	// Rows are addresses of rows, or of something within them. Of a classic map
	// these are buckets of the arrays: each is read with its overflow chain. They
	// are looked for where Hash is not known; the headers of all tables are read.
	Rows []uint64
	Near int // as many rows are read on either side of each of Rows
	// Header: of a map larger than Bytes nothing but its header.
	Header bool

	// MaxRows and MaxTables bound what is decoded at all, before anything is
	// allocated by what a map claims; 0 is DefaultMaxRows, DefaultMaxTables.
	MaxRows, MaxTables int
}

// Hash is the hash of a key, by the map's own seed, where it is known.
type Hash struct {
	Value uint64
	Known bool
}

// The bounds of a window that says nothing of them: a map of several million
// entries fits.
const (
	DefaultMaxRows   = 1 << 20
	DefaultMaxTables = 1 << 14
)

// listAll is how many rows a map may have for those to be listed that were not
// read: a person scrolls past them. Of a larger map they would be most of it.
var listAll = 1 << 12

func (w Window) bounded() Window {
	if w.MaxRows <= 0 {
		w.MaxRows = DefaultMaxRows
	}
	if w.MaxTables <= 0 {
		w.MaxTables = DefaultMaxTables
	}
	return w
}

// span is the rows from..to-1 of an array.
type span struct{ from, to int }

// sortRows puts rows in the order of their places in their tables.
func sortRows(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Where.Table, b.Where.Table), cmp.Compare(a.Where.Row, b.Where.Row))
	})
}

// spans lists which of n rows of size bytes from addr on the window has, in
// their order, when it does not have all.
func (w *Window) spans(addr, size uint64, n int) []span {
	var ss []span
	for _, a := range w.Rows {
		if a < addr || (a-addr)/size >= uint64(n) {
			continue
		}
		i := int((a - addr) / size)
		ss = append(ss, span{max(i-w.Near, 0), min(i+w.Near+1, n)})
	}
	slices.SortFunc(ss, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := ss[:0]
	for _, s := range ss {
		if last := len(out) - 1; last >= 0 && s.from <= out[last].to {
			out[last].to = max(out[last].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}
