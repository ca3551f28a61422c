package gomap

import "fmt"

// Map is one decoded moment of a map.
type Map struct {
	Layout *Layout
	Root   uint64       // the header's address; 0 is a nil map, with nothing else set
	Header []FieldValue // in memory order
	Used   uint64       // the map's own count, as read
	Tables []Table      // Swiss, those that were looked at, each once, in directory order; none in a small map
	// Rows are those that the window asked for and the memory may have. Classic:
	// buckets by number, each followed by its overflow chain, then old buckets;
	// Swiss: table by table, groups by number. Of a map of more than a few
	// thousand rows only those are listed that were read.
	Rows []Row

	// RowsTotal counts the rows that the header and the tables that were read
	// promise, and the overflow buckets met.
	RowsTotal uint64
	// Whole: every row was in the window.
	Whole bool
	// SomeTables: not all of the directory is known, so there may be tables that
	// are not in Tables.
	SomeTables bool
	// Evacuating: the old buckets that an op on a key of the window's hash
	// evacuates, or would if it began a growth.
	Evacuating Evacuating
	// Partial says that something could not be read or was cut off, and what.
	Partial []string
}

// FieldValue is a header field with its value.
type FieldValue struct {
	Field
	Value uint64 // FieldSint: sign-extended two's complement
}

// Table is one Swiss table.
type Table struct {
	Addr   uint64
	Fields []FieldValue
	Groups uint64 // how many
	Data   uint64 // address of the first group
	Dir    []int  // directory places that point here, of those that were read
	// No is the table's number: its place among the map's tables in the order of
	// the directory, or, where not all of that was read or it is very large, the
	// runtime's own index of it, the first of its places.
	No int
}

// State is what a control byte means.
type State uint8

// The states. Empty and Deleted are Swiss; the others but Full are classic.
const (
	Unknown State = iota
	EmptyRest
	EmptyOne
	EvacuatedX
	EvacuatedY
	EvacuatedEmpty
	Empty
	Deleted
	Full
)

var stateNames = [...]string{"unknown", "emptyRest", "emptyOne", "evacuatedX", "evacuatedY", "evacuatedEmpty", "empty", "deleted", "full"}

// String is the state's name in the JSON contract.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[Unknown]
}

// Live reports whether a cell in this state holds an entry of the map.
func (s State) Live() bool { return s == Full }

// Where is the place of a row in its map.
type Where struct {
	Table    int    // Swiss: index into Map.Tables; -1 in a small map or classic
	No       int    // Swiss: the table's number, see [Table]
	Row      uint64 // number of the bucket, or of the group in its table
	Overflow int    // classic: 0 is the bucket itself, 1 the first of its chain
	Old      bool   // classic: in oldbuckets
	Classic  bool
}

// String is the row's name in the JSON contract: "table 0 group 3",
// "group 0" (a small map), "bucket 5 overflow 1", "old bucket 3".
func (w Where) String() string {
	if !w.Classic {
		if w.Table < 0 {
			return fmt.Sprintf("group %d", w.Row)
		}
		return fmt.Sprintf("table %d group %d", w.No, w.Row)
	}
	s := fmt.Sprintf("bucket %d", w.Row)
	if w.Old {
		s = "old " + s
	}
	if w.Overflow > 0 {
		s += fmt.Sprintf(" overflow %d", w.Overflow)
	}
	return s
}

// Row is one bucket or group.
type Row struct {
	Where Where
	Addr  uint64
	Read  bool // false: the control bytes were not read
	Ctrl  [CellsPerRow]byte
	Next  uint64 // classic: the overflow pointer
}

// CtrlAddr is the address of cell i's control byte.
func (l *Layout) CtrlAddr(r *Row, i int) uint64 { return r.Addr + l.Row.Ctrl + uint64(i) }

// KeyAddr is the address of cell i's key, or of the pointer to it.
func (l *Layout) KeyAddr(r *Row, i int) uint64 {
	return r.Addr + l.Row.Keys + uint64(i)*l.Row.KeyStride
}

// ElemAddr is the address of cell i's elem, or of the pointer to it.
func (l *Layout) ElemAddr(r *Row, i int) uint64 {
	return r.Addr + l.Row.Elems + uint64(i)*l.Row.ElemStride
}

// State is what cell i's control byte means; Unknown where it was not read.
func (l *Layout) State(r *Row, i int) State {
	if !r.Read {
		return Unknown
	}
	return l.StateOf(r.Ctrl[i])
}

// StateOf is what a control byte means in this layout.
func (l *Layout) StateOf(b byte) State {
	if l.Kind == Classic {
		switch b {
		case 0:
			return EmptyRest
		case 1:
			return EmptyOne
		case 2:
			return EvacuatedX
		case 3:
			return EvacuatedY
		case 4:
			return EvacuatedEmpty
		}
		return Full
	}
	switch {
	case b == 0x80:
		return Empty
	case b == 0xfe:
		return Deleted
	case b < 0x80:
		return Full
	}
	return Unknown
}
