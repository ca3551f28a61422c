package debuginfo

import (
	"debug/dwarf"
	"encoding/binary"
	"fmt"
	"reflect"

	"deltui/internal/gomap"
)

// A loaded is a program in memory, at its link-time addresses plus a slide.
type loaded struct {
	f     *File
	m     gomap.Memory
	slide uint64
}

// LayoutFromMemory is the layout of a map type that the file does not describe
// ([ErrNoType]), because the program made it at run time (reflect.MapOf): it is
// read from the type's descriptor in the program's memory. rtype is the
// descriptor's address there, and slide what was added to link-time addresses.
// A type that the file does describe has the same layout as from Layout.
func (f *File) LayoutFromMemory(m gomap.Memory, rtype, slide uint64) (l *gomap.Layout, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, fmt.Sprintf("the map type at %#x", rtype), &err)
	return (&loaded{f, m, slide}).layout(rtype)
}

// TypeFromMemory is the type whose descriptor is at an address of the
// program's memory, as LayoutFromMemory reads it; types that the file
// describes are taken from there.
func (f *File) TypeFromMemory(m gomap.Memory, rtype, slide uint64) (t *gomap.Type, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, fmt.Sprintf("the type at %#x", rtype), &err)
	budget := maxTypes
	return (&loaded{f, m, slide}).typ(rtype, 0, &budget, false)
}

// A record is the address of one of the runtime's structs, with what DWARF
// says of its fields. The structs and fields have had several names.
type record struct {
	*loaded
	at  uint64
	die dwarf.Offset
}

// names of the descriptors' structs, the newest first.
var (
	abiType      = []string{"internal/abi.Type", "runtime._type"}
	abiSwissMap  = []string{"internal/abi.MapType", "internal/abi.SwissMapType"}
	abiClassic   = []string{"internal/abi.OldMapType", "internal/abi.MapType", "runtime.maptype"}
	abiStruct    = []string{"internal/abi.StructType", "runtime.structtype"}
	abiField     = []string{"internal/abi.StructField", "runtime.structfield"}
	abiArray     = []string{"internal/abi.ArrayType", "runtime.arraytype"}
	abiSlice     = []string{"internal/abi.SliceType", "runtime.slicetype"}
	abiInterface = []string{"internal/abi.InterfaceType", "runtime.interfacetype"}
)

// record finds the first struct of the names that has all the fields.
func (l *loaded) record(at uint64, names []string, fields ...string) (record, error) {
	var lastErr error
	for _, n := range names {
		die, ok, err := typeNamed(l.f, l.f.structs, n)
		if err != nil {
			return record{}, err
		}
		if !ok {
			continue
		}
		s, err := l.f.shapeAt(die)
		if err != nil {
			return record{}, err
		}
		if lastErr = l.f.need(&s, fields...); lastErr == nil {
			return record{l, at, s.off}, nil
		}
	}
	if lastErr == nil {
		lastErr = missing(l.f.path, "the type descriptors", names, nil)
	}
	return record{}, lastErr
}

// get reads an integer or pointer field, by the first of its names.
func (r record) get(names ...string) (uint64, error) {
	var off, size uint64
	var err error
	for _, n := range names {
		if off, size, err = r.f.fieldIn(r.die, n); err == nil {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	var b [8]byte
	if size > 8 {
		return 0, missing(r.f.path, "field "+names[0], []string{"at most 8 bytes"}, []string{fmt.Sprint(size)})
	}
	if err := r.m.ReadAt(b[:size], r.at+off, gomap.RoleType); err != nil {
		return 0, fmt.Errorf("reading the type at %#x: %w", r.at, err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// offset is where a field is in the program's memory.
func (r record) offset(names ...string) (off uint64, err error) {
	for _, n := range names {
		if off, _, err = r.f.fieldIn(r.die, n); err == nil {
			return r.at + off, nil
		}
	}
	return 0, err
}

// layout reads a map type's descriptor. Which kind of map the program has is
// told by the header's struct that it describes.
func (l *loaded) layout(rtype uint64) (*gomap.Layout, error) {
	t, err := l.record(rtype, abiType)
	if err != nil {
		return nil, err
	}
	kind, err := t.get("Kind_", "kind")
	if err != nil {
		return nil, err
	}
	if k := reflect.Kind(kind & 0x1f); k != reflect.Map {
		return nil, refuse(l.f.path, Unknown, "", "the type at %#x is a %v and not a map", rtype, k)
	}
	for _, name := range []string{"internal/runtime/maps.Map", "runtime.hmap"} {
		die, ok, err := typeNamed(l.f, l.f.structs, name)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		h, err := l.f.shapeAt(die)
		if err != nil {
			return nil, err
		}
		lay := &gomap.Layout{HeaderSize: h.size}
		if lay.Header, err = l.f.scalars(&h); err != nil {
			return nil, err
		}
		if name == "runtime.hmap" {
			return lay, l.classic(lay, rtype, &h)
		}
		return lay, l.swiss(lay, rtype, &h)
	}
	return nil, missing(l.f.path, "map header", []string{"internal/runtime/maps.Map or runtime.hmap"}, nil)
}

// keyElem reads the types of key and elem, and names the map's type.
func (l *loaded) keyElem(lay *gomap.Layout, r record) (key, elem uint64, err error) {
	budget := maxTypes
	if key, err = r.get("Key", "key"); err != nil {
		return 0, 0, err
	}
	if elem, err = r.get("Elem", "elem"); err != nil {
		return 0, 0, err
	}
	if lay.Key, err = l.typ(key, 0, &budget, false); err != nil {
		return 0, 0, err
	}
	if lay.Elem, err = l.typ(elem, 0, &budget, false); err != nil {
		return 0, 0, err
	}
	lay.Type = "map[" + lay.Key.Name + "]" + lay.Elem.Name
	t, err := l.record(r.at, abiType)
	if err != nil {
		return 0, 0, err
	}
	if flags, err := t.get("TFlag", "tflag"); err == nil && flags&flagNamed != 0 {
		if name := l.typeName(t); name != "" {
			lay.Type = name
		}
	}
	return key, elem, nil
}

func (l *loaded) classic(lay *gomap.Layout, rtype uint64, h *shape) error {
	lay.Kind = gomap.Classic
	if err := l.f.needClassic(h); err != nil {
		return err
	}
	r, err := l.record(rtype, abiClassic)
	if err != nil {
		return err
	}
	if _, _, err := l.keyElem(lay, r); err != nil {
		return err
	}
	keySize, err := r.get("KeySize", "keysize")
	if err != nil {
		return err
	}
	elemSize, err := r.get("ValueSize", "elemsize")
	if err != nil {
		return err
	}
	size, err := r.get("BucketSize", "bucketsize")
	if err != nil {
		return err
	}
	// The sizes are those of the cells: of a pointer where the key or elem is
	// too large.
	lay.KeyIndirect, lay.ElemIndirect = keySize != lay.Key.Size, elemSize != lay.Elem.Size
	const n = gomap.CellsPerRow
	lay.Row = gomap.RowLayout{
		Size: size, Keys: n, KeyStride: keySize, Elems: n + n*keySize, ElemStride: elemSize, Overflow: size - ptrSize,
	}
	if size < n+n*keySize+n*elemSize+ptrSize {
		return missing(l.f.path, lay.Type, []string{"a bucket that holds its cells"}, []string{fmt.Sprintf("%d bytes", size)})
	}
	return l.f.checkRow(lay, lay.Type)
}

func (l *loaded) swiss(lay *gomap.Layout, rtype uint64, h *shape) error {
	lay.Kind = gomap.Swiss
	if err := l.f.needSwiss(h); err != nil {
		return err
	}
	die, ok, err := typeNamed(l.f, l.f.structs, "internal/runtime/maps.table")
	if err != nil {
		return err
	}
	if !ok {
		return missing(l.f.path, "map tables", []string{"internal/runtime/maps.table"}, nil)
	}
	t, err := l.f.shapeAt(die)
	if err != nil {
		return err
	}
	if _, err := l.f.table(lay, &t); err != nil {
		return err
	}
	r, err := l.record(rtype, abiSwissMap, "Group")
	if err != nil {
		return err
	}
	key, elem, err := l.keyElem(lay, r)
	if err != nil {
		return err
	}
	group, err := r.get("Group")
	if err != nil {
		return err
	}
	fields, err := l.fields(group)
	if err != nil {
		return err
	}
	g, err := l.record(group, abiType)
	if err != nil {
		return err
	}
	if lay.Row.Size, err = g.get("Size_", "size"); err != nil {
		return err
	}
	switch len(fields) {
	case 2: // ctrl, slots
		slot, _, err := l.element(fields[1].typ, abiArray)
		if err != nil {
			return err
		}
		s, err := l.fields(slot)
		if err != nil {
			return err
		}
		st, err := l.record(slot, abiType)
		if err != nil {
			return err
		}
		if len(s) != 2 {
			return missing(l.f.path, lay.Type+"'s slot", []string{"key", "elem"}, fieldNames(s))
		}
		stride, err := st.get("Size_", "size")
		if err != nil {
			return err
		}
		lay.Row.Keys, lay.Row.KeyStride = fields[1].off+s[0].off, stride
		lay.Row.Elems, lay.Row.ElemStride = fields[1].off+s[1].off, stride
		lay.KeyIndirect, lay.ElemIndirect = s[0].typ != key, s[1].typ != elem
	case 3: // ctrl, keys, elems
		lay.Kind = gomap.SwissSplit
		kt, ks, err := l.element(fields[1].typ, abiArray)
		if err != nil {
			return err
		}
		et, es, err := l.element(fields[2].typ, abiArray)
		if err != nil {
			return err
		}
		lay.Row.Keys, lay.Row.KeyStride = fields[1].off, ks
		lay.Row.Elems, lay.Row.ElemStride = fields[2].off, es
		lay.KeyIndirect, lay.ElemIndirect = kt != key, et != elem
	default:
		return missing(l.f.path, lay.Type+"'s group", []string{"ctrl and slots, or ctrl, keys and elems"}, fieldNames(fields))
	}
	return l.f.checkRow(lay, lay.Type)
}
