package debuginfo

import (
	"debug/dwarf"
	"reflect"
	"strings"

	"deltui/internal/gomap"
)

var _ gomap.Types = (*File)(nil)

// fieldIn finds a dotted field in the struct at an offset.
func (f *File) fieldIn(die dwarf.Offset, path string) (off, size uint64, err error) {
	for {
		name, rest, more := strings.Cut(path, ".")
		s, err := f.under(die)
		if err != nil {
			return 0, 0, err
		}
		if err := f.need(&s, name); err != nil {
			return 0, 0, err
		}
		m := s.member(name)
		off += m.off
		if !more {
			size, err = f.sizeOf(m.typ)
			return off, size, err
		}
		die, path = m.typ, rest
	}
}

// maxTypes bounds how many types one key or elem may consist of, and how deep
// they may nest; what is beyond is a leaf without fields.
const (
	maxTypes = 1 << 12
	maxNest  = 64
)

// typeOf builds the gomap.Type of an entry. Call it with mu held.
func (f *File) typeOf(off dwarf.Offset) (*gomap.Type, error) {
	budget := maxTypes
	return f.build(off, 0, &budget, false)
}

// build builds a type. inSlice: it is what a slice holds, whose own slices are not
// followed, since they may hold the type again.
func (f *File) build(off dwarf.Offset, nest int, budget *int, inSlice bool) (*gomap.Type, error) {
	if t, ok := f.cache[uint64(off)]; ok && !inSlice {
		return t, nil
	}
	s, err := f.shapeAt(off)
	if err != nil {
		return nil, err
	}
	whole := *budget == maxTypes
	*budget--
	t := &gomap.Type{Name: goName(s.name), Kind: s.kind}
	u := s
	for i := 0; u.tag == dwarf.TagTypedef && i < 32; i++ {
		if u, err = f.shapeAt(u.typ); err != nil {
			return nil, err
		}
		if t.Kind == 0 {
			t.Kind = u.kind
		}
	}
	if u.tag == dwarf.TagPointerType && u.typ == 0 {
		t.Kind = reflect.UnsafePointer
	} else if t.Kind == 0 && u.tag == dwarf.TagPointerType {
		t.Kind = reflect.Pointer
	}
	switch t.Kind {
	case reflect.Interface:
		// runtime.iface begins with an itab, runtime.eface with a type.
		t.Methods = strings.HasSuffix(u.name, "iface")
	case reflect.Func, reflect.Chan, reflect.Map, reflect.Pointer, reflect.UnsafePointer:
		t.Size, t.Direct = ptrSize, true
		return f.keep(off, t, whole), nil
	}
	if t.Size, err = f.sizeOf(off); err != nil {
		return nil, err
	}
	if nest > maxNest || *budget <= 0 {
		return t, nil
	}
	switch t.Kind {
	case reflect.Slice:
		if u.elem == 0 || inSlice {
			break
		}
		if t.Elem, err = f.build(u.elem, nest+1, budget, true); err != nil {
			return nil, err
		}
	case reflect.Array:
		if t.Elem, err = f.build(u.typ, nest+1, budget, inSlice); err != nil {
			return nil, err
		}
		if u.count >= 0 {
			t.Len = uint64(u.count)
		} else if t.Elem.Size > 0 {
			t.Len = t.Size / t.Elem.Size
		}
		t.Direct = t.Len == 1 && t.Elem.Direct
	case reflect.Struct:
		for _, m := range u.members {
			mt, err := f.build(m.typ, nest+1, budget, inSlice)
			if err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, gomap.TypeField{Name: m.name, Off: m.off, Type: mt})
			if *budget <= 0 {
				break
			}
		}
		t.Direct = len(t.Fields) == 1 && t.Fields[0].Type.Direct
	}
	return f.keep(off, t, whole && *budget > 0), nil
}

// keep remembers a type that was built whole.
func (f *File) keep(off dwarf.Offset, t *gomap.Type, whole bool) *gomap.Type {
	if whole {
		f.cache[uint64(off)] = t
	}
	return t
}

// TypeAt is the type whose descriptor is at a link-time address: the dynamic
// type of an interface. It is nil for one that the file does not describe,
// such as a type made by reflect. File is a [gomap.Types] for a program that
// is loaded at its link-time addresses.
func (f *File) TypeAt(rtype uint64) *gomap.Type {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.typeAt(rtype)
	if err == nil && t == nil && f.inImage(rtype) {
		t, err = f.typeInImage(rtype)
	}
	if err != nil {
		return nil
	}
	return t
}

// typeAt is the type that DWARF describes, with mu held; nil and no error if
// there is none.
func (f *File) typeAt(rtype uint64) (t *gomap.Type, err error) {
	defer guard(f.path, "a type", &err)
	die, ok, err := f.rtypeDIE(rtype)
	if err != nil || !ok {
		return nil, err
	}
	return f.typeOf(die)
}

// inImage: the descriptor at a link-time address can be read from the file
// itself. DWARF has only the types that variables have; a type that is only
// ever converted to an interface has no more than its descriptor. In a PIE its
// pointers are not there before it is loaded.
func (f *File) inImage(rtype uint64) bool {
	return !f.facts.PIE && rtype > f.syms["runtime.types"].addr && rtype < f.syms["runtime.etypes"].addr
}

// image is the file's own contents as memory.
type image struct{ c container }

func (i image) ReadAt(p []byte, addr uint64, _ gomap.Role) error { return i.c.readAt(p, addr) }

func (f *File) typeInImage(rtype uint64) (t *gomap.Type, err error) {
	defer guard(f.path, "a type", &err)
	budget := maxTypes
	return (&loaded{f, image{f.c}, 0}).typ(rtype, 0, &budget, false)
}

// rtypeDIE finds the entry of a runtime type.
func (f *File) rtypeDIE(rtype uint64) (dwarf.Offset, bool, error) {
	base, end := f.syms["runtime.types"].addr, f.syms["runtime.etypes"].addr
	if rtype <= base || (end > base && rtype >= end) {
		return 0, false, nil
	}
	return typeNamed(f, f.types, rtype-base)
}
