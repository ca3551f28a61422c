package debuginfo

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"deltui/internal/gomap"
)

// A memField is one field of a struct type's descriptor.
type memField struct {
	name string
	typ  uint64
	off  uint64
}

func fieldNames(fs []memField) []string {
	var names []string
	for _, f := range fs {
		names = append(names, f.name)
	}
	return names
}

// fields reads the fields of a struct type's descriptor.
func (l *loaded) fields(rtype uint64) ([]memField, error) {
	r, err := l.record(rtype, abiStruct)
	if err != nil {
		return nil, err
	}
	at, err := r.offset("Fields", "fields")
	if err != nil {
		return nil, err
	}
	var hdr [16]byte
	if err := l.m.ReadAt(hdr[:], at, gomap.RoleType); err != nil {
		return nil, fmt.Errorf("reading the struct type at %#x: %w", rtype, err)
	}
	data, n := binary.LittleEndian.Uint64(hdr[:]), binary.LittleEndian.Uint64(hdr[8:])
	if n > maxMembers {
		return nil, l.f.malformed("the struct type at %#x has %d fields", rtype, n)
	}
	var fs []memField
	for i := range n {
		e, err := l.record(data, abiField)
		if err != nil {
			return nil, err
		}
		size, err := l.f.sizeOf(e.die)
		if err != nil {
			return nil, err
		}
		e.at = data + i*size
		var f memField
		if f.typ, err = e.get("Typ", "typ"); err != nil {
			return nil, err
		}
		if f.off, err = e.get("Offset", "offset"); err != nil {
			// Until 1.18, shifted by one for a flag.
			if f.off, err = e.get("offsetAnon", "offsetEmbed"); err != nil {
				return nil, err
			}
			f.off >>= 1
		}
		name, err := e.get("Name.Bytes", "name.bytes")
		if err != nil {
			return nil, err
		}
		f.name = l.name(name)
		fs = append(fs, f)
	}
	return fs, nil
}

// element is what an array type is of, and the size of that.
func (l *loaded) element(rtype uint64, names []string) (elem, size uint64, err error) {
	a, err := l.record(rtype, names)
	if err != nil {
		return 0, 0, err
	}
	if elem, err = a.get("Elem", "elem"); err != nil {
		return 0, 0, err
	}
	e, err := l.record(elem, abiType)
	if err != nil {
		return 0, 0, err
	}
	size, err = e.get("Size_", "size")
	return elem, size, err
}

// maxName bounds the name of a type or field.
const maxName = 1 << 12

// name reads a name of a descriptor: flags, its length, its bytes. It is "" if
// there is none.
func (l *loaded) name(at uint64) string {
	var hdr [4]byte
	if at == 0 || l.m.ReadAt(hdr[:], at, gomap.RoleType) != nil {
		return ""
	}
	n, i := ulebAt(append(slices.Clone(hdr[1:]), 0), 0)
	if n > maxName {
		return ""
	}
	b := make([]byte, n)
	if l.m.ReadAt(b, at+1+i, gomap.RoleType) != nil {
		return ""
	}
	return string(b)
}

// typ reads a type: from the file if it is described there, and otherwise
// from its descriptor.
func (l *loaded) typ(rtype uint64, nest int, budget *int, inSlice bool) (*gomap.Type, error) {
	if t, err := l.f.typeAt(rtype - l.slide); err != nil || t != nil {
		return t, err
	}
	r, err := l.record(rtype, abiType)
	if err != nil {
		return nil, err
	}
	t := &gomap.Type{}
	if t.Size, err = r.get("Size_", "size"); err != nil {
		return nil, err
	}
	kind, err := r.get("Kind_", "kind")
	if err != nil {
		return nil, err
	}
	t.Kind = reflect.Kind(kind & 0x1f)
	t.Name = l.typeName(r)
	if *budget--; nest > maxNest || *budget <= 0 {
		return t, nil
	}
	switch t.Kind {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		t.Direct = true
	case reflect.Interface:
		i, err := l.record(rtype, abiInterface)
		if err != nil {
			return nil, err
		}
		at, err := i.offset("Methods", "mhdr")
		if err != nil {
			return nil, err
		}
		var b [16]byte
		if err := l.m.ReadAt(b[:], at, gomap.RoleType); err != nil {
			return nil, fmt.Errorf("reading the interface type at %#x: %w", rtype, err)
		}
		t.Methods = binary.LittleEndian.Uint64(b[8:]) != 0
	case reflect.Slice:
		if inSlice {
			break
		}
		elem, _, err := l.element(rtype, abiSlice)
		if err != nil {
			return nil, err
		}
		if t.Elem, err = l.typ(elem, nest+1, budget, true); err != nil {
			return nil, err
		}
	case reflect.Array:
		elem, size, err := l.element(rtype, abiArray)
		if err != nil {
			return nil, err
		}
		a, err := l.record(rtype, abiArray)
		if err != nil {
			return nil, err
		}
		if t.Len, err = a.get("Len", "len"); err != nil {
			return nil, err
		}
		if t.Elem, err = l.typ(elem, nest+1, budget, inSlice); err != nil {
			return nil, err
		}
		if size != 0 && t.Len > t.Size/size {
			return nil, l.f.malformed("the array type at %#x has %d elements in %d bytes", rtype, t.Len, t.Size)
		}
		t.Direct = t.Len == 1 && t.Elem.Direct
		if t.Name == "" {
			t.Name = fmt.Sprintf("[%d]%s", t.Len, t.Elem.Name)
		}
	case reflect.Struct:
		fs, err := l.fields(rtype)
		if err != nil {
			return nil, err
		}
		for _, f := range fs {
			ft, err := l.typ(f.typ, nest+1, budget, inSlice)
			if err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, gomap.TypeField{Name: f.name, Off: f.off, Type: ft})
			if *budget <= 0 {
				break
			}
		}
		t.Direct = len(t.Fields) == 1 && t.Fields[0].Type.Direct
		if t.Name == "" {
			var parts []string
			for _, f := range t.Fields {
				parts = append(parts, f.Name+" "+f.Type.Name)
			}
			t.Name = "struct { " + strings.Join(parts, "; ") + " }"
		}
	}
	if t.Name == "" {
		t.Name = t.Kind.String()
	}
	return t, nil
}

// Flags of a type's descriptor, the same in all versions.
const (
	flagExtraStar = 1 << 1
	flagNamed     = 1 << 2
)

// typeName is a type's name, where it is one that the linker wrote; those that
// reflect made are in a map of the runtime.
func (l *loaded) typeName(r record) string {
	off, err := r.get("Str", "str")
	if err != nil || int32(off) <= 0 {
		return ""
	}
	name := l.name(l.f.syms["runtime.types"].addr + l.slide + off)
	// The descriptor of T shares its name with that of *T.
	if flags, err := r.get("TFlag", "tflag"); err == nil && flags&flagExtraStar != 0 {
		name = strings.TrimPrefix(name, "*")
	}
	return name
}
