package gomap

import "fmt"

// Size is what the memory of a map is, in bytes: its header, its directory and
// tables, its buckets or groups. What keys and elems point to is not in it, nor
// what the allocator rounds up and the overflow buckets that a classic map has
// ready and does not use.
type Size struct {
	Cells uint64
	Bytes uint64
}

// maxTable is the largest capacity of a Swiss table; a fuller one is split.
const maxTable = 1024

// Held is the size of the map as it is. ok is false where not enough of it is
// known: of a large map of which one table was looked at, or of chains of overflow
// buckets that were not followed.
func (m *Map) Held() (s Size, ok bool) {
	l := m.Layout
	if l == nil || m.Root == 0 {
		return Size{}, false
	}
	rows := m.RowsTotal
	s.Bytes = l.HeaderSize
	if l.Kind != Classic {
		dir, known := m.Field("dirLen")
		if !known || m.SomeTables {
			return Size{}, false
		}
		rows = 0
		if data, _ := m.Field("dirPtr"); dir == 0 && data != 0 {
			rows = 1
		}
		for i := range m.Tables {
			n, known := m.Tables[i].Field("capacity")
			if !known {
				return Size{}, false
			}
			rows += n / CellsPerRow
		}
		if dir > 0 && len(m.Tables) == 0 {
			return Size{}, false
		}
		s.Bytes += dir*8 + uint64(len(m.Tables))*l.Table.Size
	} else if !m.Whole {
		return Size{}, false
	}
	s.Cells = rows * CellsPerRow
	s.Bytes += rows * l.Row.Size
	return s, true
}

// Fresh is the size of a map that was made for n entries: make(map[K]V, n).
//
// Classic (runtime.makemap): the least B for which n is at most 6.5 entries a
// bucket. Swiss (internal/runtime/maps.NewMap): one group for eight; beyond, n*8/7
// cells in as many tables of at most 1024 as a power of two, each of a capacity
// that is one as well.
func (l *Layout) Fresh(n uint64) Size {
	rows, s := uint64(1), Size{Bytes: l.HeaderSize}
	switch {
	case n == 0:
		return s // the first bucket or group comes with the first entry
	case n <= CellsPerRow:
	case l.Kind == Classic:
		for n > 13*(rows/2) && rows < 1<<62 {
			rows <<= 1
		}
	default:
		cells := min(n, 1<<60) * CellsPerRow / maxLoad
		dir := powerOf2((cells + maxTable - 1) / maxTable)
		capacity := powerOf2(max(cells/dir, CellsPerRow))
		rows = dir * capacity / CellsPerRow
		s.Bytes += dir * (8 + l.Table.Size)
	}
	s.Cells = rows * CellsPerRow
	s.Bytes += rows * l.Row.Size
	return s
}

// powerOf2 is the least power of two that is n or more.
func powerOf2(n uint64) uint64 {
	p := uint64(1)
	for p < n && p < 1<<62 {
		p <<= 1
	}
	return p
}

// Spare says how much less a fresh map with the entries of m would take, and that
// Go's maps never give it back: "74 of 512 cells used: …". It is "" where that is
// less than half of what is held, or not known. It does not advise maps.Clone: in
// Go 1.26 that copies a Swiss map's groups as they are.
func (m *Map) Spare() string {
	held, ok := m.Held()
	if !ok || m.Layout == nil {
		return ""
	}
	fresh := m.Layout.Fresh(m.Used)
	if held.Bytes < 2*fresh.Bytes {
		return ""
	}
	rows := "groups"
	if m.Layout.Kind == Classic {
		rows = "buckets"
	}
	return fmt.Sprintf("%d of %d cells used: a Go map keeps its %s after delete; %s held, %s would do in a fresh one: copy the entries to make(%s, len(m))",
		m.Used, held.Cells, rows, Bytes(held.Bytes), Bytes(fresh.Bytes), m.Layout.Type)
}

// Bytes is a number of bytes for people: 512 B, 4 kB, 1.5 MB.
func Bytes(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 9950:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 999500:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
