package debuginfo

import (
	"debug/dwarf"
	"fmt"
	"reflect"
)

// A member is one field of a struct type as DWARF has it.
type member struct {
	name string
	off  uint64
	typ  dwarf.Offset
}

// A shape is one type's entry, read but not followed.
type shape struct {
	off     dwarf.Offset
	tag     dwarf.Tag
	name    string
	size    uint64
	hasSize bool
	kind    reflect.Kind // 0 if the entry does not say
	enc     int64        // DW_ATE_… of a base type
	typ     dwarf.Offset // what a typedef, pointer or array is of
	key     dwarf.Offset // of a map
	elem    dwarf.Offset
	rtype   uint64
	members []member
	count   int64 // of an array; -1 if unknown
}

// Encodings of base types.
const (
	encBoolean  = 0x02
	encSigned   = 0x05
	encSignChar = 0x06
	encUnsigned = 0x07
)

// maxMembers bounds what one type of a hostile file may cost.
const maxMembers = 1 << 12

// shapeAt reads the type entry at an offset. Call it with mu held.
func (f *File) shapeAt(off dwarf.Offset) (shape, error) {
	d, err := f.dwarfUpTo(uint64(off)+1, 0)
	if err != nil {
		return shape{}, err
	}
	if uint64(off) >= f.dataInfo {
		return shape{}, f.malformed("a type outside of its section, at %#x", off)
	}
	r := d.Reader()
	r.Seek(off)
	e, err := r.Next()
	if err != nil {
		return shape{}, f.malformed("%v", err)
	}
	if e == nil || e.Tag == 0 {
		return shape{}, f.malformed("no type at %#x", off)
	}
	s := shape{off: off, tag: e.Tag, count: -1}
	for i := range e.Field {
		switch v := &e.Field[i]; v.Attr {
		case dwarf.AttrName:
			s.name, _ = v.Val.(string)
		case dwarf.AttrByteSize:
			n, ok := v.Val.(int64)
			s.size, s.hasSize = uint64(n), ok && n >= 0
		case dwarf.AttrEncoding:
			s.enc, _ = v.Val.(int64)
		case dwarf.AttrType:
			s.typ, _ = v.Val.(dwarf.Offset)
		case attrGoKind:
			n, _ := v.Val.(int64)
			s.kind = reflect.Kind(n & 0x1f)
		case attrGoKey:
			s.key, _ = v.Val.(dwarf.Offset)
		case attrGoElem:
			s.elem, _ = v.Val.(dwarf.Offset)
		case attrGoRuntimeType:
			switch n := v.Val.(type) {
			case uint64:
				s.rtype = n
			case int64:
				s.rtype = uint64(n)
			}
		}
	}
	if !e.Children {
		return s, nil
	}
	for {
		c, err := r.Next()
		if err != nil {
			return shape{}, f.malformed("%v", err)
		}
		if c == nil || c.Tag == 0 {
			return s, nil
		}
		switch c.Tag {
		case dwarf.TagMember:
			if len(s.members) >= maxMembers {
				return shape{}, f.malformed("type %s has more than %d fields", s.name, maxMembers)
			}
			var m member
			m.name, _ = c.Val(dwarf.AttrName).(string)
			m.typ, _ = c.Val(dwarf.AttrType).(dwarf.Offset)
			switch v := c.Val(dwarf.AttrDataMemberLoc).(type) {
			case int64:
				m.off = uint64(v)
			case []byte: // DW_OP_plus_uconst
				if len(v) > 1 && v[0] == 0x23 {
					m.off, _ = uleb(v[1:])
				}
			}
			s.members = append(s.members, m)
		case dwarf.TagSubrangeType:
			if n, ok := c.Val(dwarf.AttrCount).(int64); ok {
				s.count = n
			} else if n, ok := c.Val(dwarf.AttrUpperBound).(int64); ok {
				s.count = n + 1
			}
		}
		if c.Children {
			r.SkipChildren()
		}
	}
}

// under follows typedefs to the type that they name. Call it with mu held.
func (f *File) under(off dwarf.Offset) (shape, error) {
	for range 32 {
		s, err := f.shapeAt(off)
		if err != nil || s.tag != dwarf.TagTypedef {
			return s, err
		}
		off = s.typ
	}
	return shape{}, f.malformed("a type that is its own name, at %#x", off)
}

// deref is what a pointer type points to, typedefs followed.
func (f *File) deref(off dwarf.Offset, what string) (shape, error) {
	p, err := f.under(off)
	if err != nil {
		return shape{}, err
	}
	if p.tag != dwarf.TagPointerType || p.typ == 0 {
		return shape{}, missing(f.path, what, []string{"a pointer"}, []string{p.String()})
	}
	return f.under(p.typ)
}

func (s shape) String() string {
	if s.name != "" {
		return s.name
	}
	return fmt.Sprintf("a nameless %v", s.tag)
}

// member finds a field by name.
func (s *shape) member(name string) *member {
	for i := range s.members {
		if s.members[i].name == name {
			return &s.members[i]
		}
	}
	return nil
}

func (s *shape) memberNames() []string {
	names := make([]string, len(s.members))
	for i, m := range s.members {
		names[i] = m.name
	}
	return names
}

// need refuses a struct that lacks any of the fields.
func (f *File) need(s *shape, names ...string) error {
	for _, n := range names {
		if s.member(n) == nil {
			return missing(f.path, "struct "+s.String(), names, s.memberNames())
		}
	}
	return nil
}

// sizeOf is a type's size in bytes. Call it with mu held.
func (f *File) sizeOf(off dwarf.Offset) (uint64, error) {
	s, err := f.under(off)
	if err != nil {
		return 0, err
	}
	switch {
	case s.hasSize:
		return s.size, nil
	case s.tag == dwarf.TagPointerType, s.tag == dwarf.TagSubroutineType:
		return ptrSize, nil
	}
	return 0, missing(f.path, "type "+s.String(), []string{"a size"}, nil)
}

// ptrSize is the size of a pointer: both architectures have 64 bits.
const ptrSize = 8

// Field finds a field of one of the runtime's structs, such as runtime.g and
// goid, or stack.lo for a field of a field.
func (f *File) Field(structName, field string) (off, size uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, "struct "+structName, &err)
	die, ok, err := typeNamed(f, f.structs, structName)
	if err != nil {
		return 0, 0, err
	}
	if !ok {
		return 0, 0, missing(f.path, "struct "+structName, []string{field}, nil)
	}
	return f.fieldIn(die, field)
}
