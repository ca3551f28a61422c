package gomap

import "reflect"

// LayoutKind tells the three layouts apart.
type LayoutKind uint8

// The layouts, in the order of their history.
const (
	Classic    LayoutKind = iota + 1 // buckets
	Swiss                            // groups, key and elem of a slot side by side
	SwissSplit                       // groups, all keys before all elems
)

// String is the layout's name in the JSON contract.
func (k LayoutKind) String() string {
	switch k {
	case Classic:
		return "classic"
	case Swiss:
		return "swiss"
	case SwissSplit:
		return "swiss-split"
	}
	return "unknown"
}

// CellsPerRow is the number of cells of a bucket or group, in every version.
const CellsPerRow = 8

// Layout tells where things are in the memory of one map type. Offsets and
// sizes are in bytes and come from the target's debug information. A Layout is
// immutable once made, and holds all that decoding needs: a recording keeps it.
type Layout struct {
	Kind LayoutKind
	Type string // as Go writes it: map[uint64]int
	Key  *Type
	Elem *Type

	// KeyIndirect and ElemIndirect: the cell holds a pointer to the key or
	// elem, because it is larger than 128 bytes.
	KeyIndirect  bool
	ElemIndirect bool

	// Header lists the fields of runtime.hmap or maps.Map in memory order.
	Header     []Field
	HeaderSize uint64

	Row   RowLayout
	Table TableLayout // Swiss only
}

// RowLayout is one bucket or group: the control bytes are at Ctrl, key i at
// Keys+i*KeyStride, elem i at Elems+i*ElemStride.
type RowLayout struct {
	Size       uint64
	Ctrl       uint64
	Keys       uint64
	KeyStride  uint64
	Elems      uint64
	ElemStride uint64
	Overflow   uint64 // classic only: offset of the pointer to the next bucket
}

// TableLayout is internal/runtime/maps.table.
type TableLayout struct {
	Size       uint64
	Fields     []Field // used, capacity, growthLeft, localDepth, index, in memory order
	GroupsData uint64  // offset of groups.data, a pointer to the first group
	LengthMask uint64  // offset of groups.lengthMask: number of groups - 1
}

// FieldKind says how a header field reads best.
type FieldKind uint8

// The kinds of header fields.
const (
	FieldInt  FieldKind = iota // unsigned count, size or flags
	FieldBool                  // 0 or 1
	FieldPtr                   // an address
	FieldHash                  // a seed: only equality matters
	FieldSint                  // signed, such as a table's index (-1: stale)
)

// Field is one scalar field of a runtime struct, by the runtime's own name.
type Field struct {
	Name string
	Off  uint64
	Size uint64 // 1, 2, 4 or 8
	Kind FieldKind
}

// Type is what is needed to show a key or elem. Pointers are not followed, so
// a Type is a finite tree: Elem is set for arrays and slices, but not for slices
// within a slice.
type Type struct {
	Name   string // as Go writes it, with its package: main.ID
	Kind   reflect.Kind
	Size   uint64
	Len    uint64 // of an array
	Elem   *Type  // of an array or a slice
	Fields []TypeField
	// Methods: a non-empty interface, whose first word is an itab and not a type.
	Methods bool
	// Direct: an interface holding this type holds the value itself and not a
	// pointer to it (pointer-shaped types).
	Direct bool
}

// TypeField is one field of a struct type.
type TypeField struct {
	Name string
	Off  uint64
	Type *Type
}

// Types finds the type that a runtime type descriptor in the target stands
// for: the dynamic type of an interface. It returns nil for an unknown one.
type Types interface {
	TypeAt(addr uint64) *Type
}
