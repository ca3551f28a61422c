package gomap

import (
	"fmt"
	"sort"
)

// Item is the smallest thing of a map that an address is in: a field of its header
// or of a table, a place of the directory, or of a cell its control byte, key or
// elem.
type Item struct {
	Range
	Part  Part
	Name  string // of a field
	Kind  FieldKind
	Where Where // of a row's parts
	Cell  int
	Table int // number of the table, of its fields
}

// Part says what an item is.
type Part uint8

// The parts of a map.
const (
	NoPart Part = iota // within what was read of a map, and none of its items
	HeaderField
	TableField
	DirectoryPlace
	ControlByte
	CellKey
	CellElem
	OverflowPointer
)

// Items finds the items of one moment of a map by address.
type Items struct {
	m    *Map
	rows []int // of m.Rows, by address
}

// ItemsOf is for looking up the items of m.
func ItemsOf(m *Map) *Items {
	t := &Items{m: m, rows: make([]int, len(m.Rows))}
	for i := range t.rows {
		t.rows[i] = i
	}
	sort.Slice(t.rows, func(i, j int) bool { return m.Rows[t.rows[i]].Addr < m.Rows[t.rows[j]].Addr })
	return t
}

// At is the item that an address is in. Where that is none, it is the byte.
func (t *Items) At(addr uint64) Item {
	l := t.m.Layout
	if off := addr - t.m.Root; off < l.HeaderSize {
		for i := range l.Header {
			if f := &l.Header[i]; off-f.Off < f.Size {
				return Item{Range: Range{t.m.Root + f.Off, f.Size}, Part: HeaderField, Name: f.Name, Kind: f.Kind}
			}
		}
		return Item{Range: Range{addr, 1}}
	}
	for i := range t.m.Tables {
		tab := &t.m.Tables[i]
		off := addr - tab.Addr
		if off >= l.Table.Size {
			continue
		}
		for _, f := range append(l.Table.Fields[:len(l.Table.Fields):len(l.Table.Fields)],
			Field{Name: "groups.data", Off: l.Table.GroupsData, Size: 8, Kind: FieldPtr},
			Field{Name: "groups.lengthMask", Off: l.Table.LengthMask, Size: 8}) {
			if off-f.Off < f.Size {
				return Item{Range: Range{tab.Addr + f.Off, f.Size}, Part: TableField, Name: f.Name, Kind: f.Kind, Table: tab.No}
			}
		}
		return Item{Range: Range{addr, 1}}
	}
	if item, ok := t.inRow(addr); ok {
		return item
	}
	if dir, ok := t.m.Field("dirPtr"); ok {
		if n, _ := t.m.Field("dirLen"); n > 0 && (addr-dir)/8 < n {
			return Item{Range: Range{addr - (addr-dir)%8, 8}, Part: DirectoryPlace, Table: int((addr - dir) / 8)}
		}
	}
	return Item{Range: Range{addr, 1}}
}

func (t *Items) inRow(addr uint64) (Item, bool) {
	l := t.m.Layout
	k := sort.Search(len(t.rows), func(i int) bool { return t.m.Rows[t.rows[i]].Addr > addr }) - 1
	if k < 0 {
		return Item{}, false
	}
	r := &t.m.Rows[t.rows[k]]
	if addr-r.Addr >= l.Row.Size {
		return Item{}, false
	}
	for c := range CellsPerRow {
		ctrl, key, elem := l.Ranges(r, c)
		for i, g := range [...]Range{ctrl, key, elem} {
			if addr-g.Addr < g.Len {
				return Item{Range: g, Part: ControlByte + Part(i), Where: r.Where, Cell: c}, true
			}
		}
	}
	if over := r.Addr + l.Row.Overflow; l.Kind == Classic && addr-over < 8 {
		return Item{Range: Range{over, 8}, Part: OverflowPointer, Where: r.Where}, true
	}
	return Item{Range: Range{addr, 1}, Where: r.Where}, true
}

// Say tells what it means that an item's bytes became to, from from, both of them
// as long as the item.
func (l *Layout) Say(it Item, from, to []byte) string {
	cell := fmt.Sprintf("%s cell %d", it.Where, it.Cell)
	switch it.Part {
	case HeaderField:
		return l.sayField("", it, from, to)
	case TableField:
		return l.sayField(fmt.Sprintf("table %d ", it.Table), it, from, to)
	case DirectoryPlace:
		return fmt.Sprintf("the directory's place %d leads to another table", it.Table)
	case ControlByte:
		was, is := l.StateOf(from[0]), l.StateOf(to[0])
		if was == is {
			return fmt.Sprintf("%s: control byte %02x becomes %02x, both %s", cell, from[0], to[0], is)
		}
		return fmt.Sprintf("%s: control byte %02x becomes %02x, %s to %s", cell, from[0], to[0], was, is)
	case CellKey:
		return fmt.Sprintf("%s: its key is %s", cell, written(to))
	case CellElem:
		return fmt.Sprintf("%s: its elem is %s", cell, written(to))
	case OverflowPointer:
		if zero(to) {
			return fmt.Sprintf("%s has no overflow bucket any more", it.Where)
		}
		return fmt.Sprintf("%s gets another overflow bucket", it.Where)
	}
	if it.Where != (Where{}) {
		return fmt.Sprintf("unused bytes of %s", it.Where)
	}
	return "memory that the map does not use any more"
}

func written(b []byte) string {
	if zero(b) {
		return "cleared"
	}
	return "written"
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// flagWriting is the bit of hmap.flags that says that a goroutine writes.
const flagWriting = 4

func (l *Layout) sayField(of string, it Item, from, to []byte) string {
	signed := it.Kind == FieldSint
	was, is := scalar(from, signed), scalar(to, signed)
	name := of + it.Name
	switch {
	case it.Name == "writing" && is != 0, l.Kind == Classic && it.Name == "flags" && (was^is) == flagWriting && is&flagWriting != 0:
		return name + ": the map is marked as being written to"
	case it.Name == "writing", l.Kind == Classic && it.Name == "flags" && (was^is) == flagWriting:
		return name + ": the map is not being written to any more"
	}
	switch it.Kind {
	case FieldBool:
		return fmt.Sprintf("%s: %t becomes %t", name, was != 0, is != 0)
	case FieldPtr:
		return name + ": it leads elsewhere"
	case FieldHash:
		return name + ": a new seed"
	case FieldSint:
		return fmt.Sprintf("%s: %d becomes %d", name, int64(was), int64(is))
	}
	return fmt.Sprintf("%s: %d becomes %d", name, was, is)
}
