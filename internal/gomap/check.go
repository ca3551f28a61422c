package gomap

import "fmt"

// Bounds of what a layout may claim: twenty times what any runtime has, small
// enough that buffers made by them are cheap.
const (
	maxHeader = 4 << 10
	maxRow    = 64 << 10
)

// Check reports what makes a layout unfit for decoding. Layouts come from a
// target's debug information or from a file, so they may be anything.
func (l *Layout) Check() error {
	if l == nil {
		return fmt.Errorf("no layout")
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("layout of %q: "+format, append([]any{l.Type}, args...)...)
	}
	if l.Kind < Classic || l.Kind > SwissSplit {
		return bad("unknown kind %d", l.Kind)
	}
	if l.HeaderSize == 0 || l.HeaderSize > maxHeader {
		return bad("header of %d bytes", l.HeaderSize)
	}
	if f, ok := outside(l.Header, l.HeaderSize); ok {
		return bad("field %s is not within the header", f)
	}
	r := &l.Row
	switch {
	case r.Size < CellsPerRow || r.Size > maxRow:
		return bad("row of %d bytes", r.Size)
	case !within(r.Ctrl, CellsPerRow, r.Size):
		return bad("control bytes are not within the row")
	case r.Keys > r.Size || r.KeyStride > r.Size || r.Elems > r.Size || r.ElemStride > r.Size:
		return bad("keys or elems are not within the row")
	case r.Keys+(CellsPerRow-1)*r.KeyStride > r.Size || r.Elems+(CellsPerRow-1)*r.ElemStride > r.Size:
		return bad("keys or elems are not within the row")
	}
	names := []string{"used", "dirPtr", "dirLen"}
	if l.Kind == Classic {
		names = []string{"count", "flags", "B", "buckets", "oldbuckets"}
		if !within(r.Overflow, 8, r.Size) {
			return bad("overflow pointer is not within the row")
		}
	} else {
		t := &l.Table
		if t.Size == 0 || t.Size > maxHeader || !within(t.GroupsData, 8, t.Size) || !within(t.LengthMask, 8, t.Size) {
			return bad("groups are not within a table of %d bytes", t.Size)
		}
		if f, ok := outside(t.Fields, t.Size); ok {
			return bad("field %s is not within the table", f)
		}
	}
	for _, name := range names {
		if !hasField(l.Header, name) {
			return bad("the header has no field %s", name)
		}
	}
	return nil
}

func within(off, n, size uint64) bool { return off <= size && size-off >= n }

func outside(fs []Field, size uint64) (string, bool) {
	for i := range fs {
		f := &fs[i]
		switch f.Size {
		case 1, 2, 4, 8:
		default:
			return f.Name, true
		}
		if !within(f.Off, f.Size, size) {
			return f.Name, true
		}
	}
	return "", false
}

func hasField(fs []Field, name string) bool {
	for i := range fs {
		if fs[i].Name == name {
			return true
		}
	}
	return false
}
