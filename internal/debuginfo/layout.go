package debuginfo

import (
	"debug/dwarf"
	"fmt"
	"reflect"
	"slices"

	"deltui/internal/gomap"
)

// Layout is the layout of the map type whose descriptor is at a link-time
// address. [ErrNoType] if the file does not describe it: a type made at run
// time by reflect, or in a PIE one that is only ever converted to an interface.
// [File.LayoutFromMemory] knows both.
func (f *File) Layout(rtype uint64) (l *gomap.Layout, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, fmt.Sprintf("the map type at %#x", rtype), &err)
	if l, ok := f.layouts[rtype]; ok {
		return l, nil
	}
	die, ok, err := f.rtypeDIE(rtype)
	if err != nil {
		return nil, err
	}
	switch {
	case ok:
		l, err = f.layoutOf(die)
	case f.inImage(rtype):
		l, err = (&loaded{f, image{f.c}, 0}).layout(rtype)
	default:
		return nil, fmt.Errorf("%s: map type at %#x: %w", f.path, rtype, ErrNoType)
	}
	if err == nil {
		f.layouts[rtype] = l
	}
	return l, err
}

// LayoutByName is the layout of a map type as DWARF names it: map[uint64]int,
// map[interface {}]string, main.Set.
func (f *File) LayoutByName(name string) (l *gomap.Layout, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, name, &err)
	die, ok, err := typeNamed(f, f.maps, name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: map type %s: %w", f.path, name, ErrNoType)
	}
	return f.layoutOf(die)
}

// layoutOf reads a map type: a typedef of a pointer to the header's struct,
// which the linker makes up for each map type. Its fields tell which of the
// layouts it is.
func (f *File) layoutOf(die dwarf.Offset) (*gomap.Layout, error) {
	m, err := f.shapeAt(die)
	if err != nil {
		return nil, err
	}
	for range 32 {
		if m.tag != dwarf.TagTypedef || m.key != 0 {
			break
		}
		name := m.name
		if m, err = f.shapeAt(m.typ); err != nil {
			return nil, err
		}
		m.name = name
	}
	if m.tag != dwarf.TagTypedef || m.kind != reflect.Map || m.key == 0 || m.elem == 0 {
		return nil, refuse(f.path, Unknown, "", "type %s is not a map", m)
	}
	l := &gomap.Layout{Type: goName(m.name)}
	if l.Key, err = f.typeOf(m.key); err != nil {
		return nil, err
	}
	if l.Elem, err = f.typeOf(m.elem); err != nil {
		return nil, err
	}
	h, err := f.deref(m.typ, m.name)
	if err != nil {
		return nil, err
	}
	l.HeaderSize = h.size
	if l.Header, err = f.scalars(&h); err != nil {
		return nil, err
	}
	switch {
	case h.member("buckets") != nil:
		err = f.classic(l, &h, &m)
	case h.member("dirPtr") != nil:
		err = f.swiss(l, &h, &m)
	default:
		err = missing(f.path, "map header "+h.String(), []string{"buckets or dirPtr"}, h.memberNames())
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// scalars lists the fields of a struct that are integers, bools or pointers,
// in memory order.
func (f *File) scalars(s *shape) ([]gomap.Field, error) {
	var fs []gomap.Field
	for _, m := range s.members {
		t, err := f.under(m.typ)
		if err != nil {
			return nil, err
		}
		fd := gomap.Field{Name: m.name, Off: m.off, Size: t.size}
		switch {
		case t.tag == dwarf.TagPointerType, t.kind == reflect.UnsafePointer:
			fd.Kind, fd.Size = gomap.FieldPtr, ptrSize
		case t.tag != dwarf.TagBaseType:
			continue
		case t.enc == encBoolean:
			fd.Kind = gomap.FieldBool
		case t.enc == encSigned, t.enc == encSignChar:
			fd.Kind = gomap.FieldSint
		}
		if m.name == "seed" || m.name == "hash0" {
			fd.Kind = gomap.FieldHash
		}
		switch fd.Size {
		case 1, 2, 4, 8:
			if fd.Off+fd.Size > s.size {
				return nil, f.malformed("field %s.%s is outside of its struct", s, m.name)
			}
			fs = append(fs, fd)
		}
	}
	slices.SortFunc(fs, func(a, b gomap.Field) int { return int(int64(a.Off) - int64(b.Off)) })
	return fs, nil
}

func (f *File) needClassic(h *shape) error {
	return f.need(h, "count", "flags", "B", "noverflow", "hash0", "buckets", "oldbuckets", "nevacuate")
}

func (f *File) needSwiss(h *shape) error {
	return f.need(h, "used", "seed", "dirPtr", "dirLen", "globalDepth", "globalShift")
}

// classic reads hash<K,V> and bucket<K,V>.
func (f *File) classic(l *gomap.Layout, h, m *shape) error {
	l.Kind = gomap.Classic
	if err := f.needClassic(h); err != nil {
		return err
	}
	b, err := f.deref(h.member("buckets").typ, h.name+".buckets")
	if err != nil {
		return err
	}
	if err := f.need(&b, "tophash", "keys", "values", "overflow"); err != nil {
		return err
	}
	l.Row = gomap.RowLayout{
		Size:     b.size,
		Ctrl:     b.member("tophash").off,
		Keys:     b.member("keys").off,
		Elems:    b.member("values").off,
		Overflow: b.member("overflow").off,
	}
	if l.Row.KeyStride, l.KeyIndirect, err = f.column(&b, "keys", m.key, l.Key); err != nil {
		return err
	}
	if l.Row.ElemStride, l.ElemIndirect, err = f.column(&b, "values", m.elem, l.Elem); err != nil {
		return err
	}
	if l.Row.Overflow+ptrSize > l.Row.Size {
		return missing(f.path, "bucket "+b.String(), []string{"overflow in its last 8 bytes"}, []string{fmt.Sprintf("overflow at %d of %d", l.Row.Overflow, l.Row.Size)})
	}
	return f.checkRow(l, b.String())
}

// swiss reads map<K,V>, table<K,V>, groupReference<K,V> and the group.
func (f *File) swiss(l *gomap.Layout, h, m *shape) error {
	l.Kind = gomap.Swiss
	if err := f.needSwiss(h); err != nil {
		return err
	}
	// dirPtr is declared as **table, though it points to a group in a small map.
	p, err := f.deref(h.member("dirPtr").typ, h.name+".dirPtr")
	if err != nil {
		return err
	}
	t, err := f.deref(p.off, h.name+".dirPtr")
	if err != nil {
		return err
	}
	r, err := f.table(l, &t)
	if err != nil {
		return err
	}
	g, err := f.deref(r.member("data").typ, r.name+".data")
	if err != nil {
		return err
	}
	return f.group(l, &g, m)
}

// table reads the struct of one Swiss table, and returns that of its groups.
func (f *File) table(l *gomap.Layout, t *shape) (groups shape, err error) {
	if err := f.need(t, "used", "capacity", "growthLeft", "localDepth", "index", "groups"); err != nil {
		return groups, err
	}
	l.Table.Size = t.size
	if l.Table.Fields, err = f.scalars(t); err != nil {
		return groups, err
	}
	m := t.member("groups")
	if groups, err = f.under(m.typ); err != nil {
		return groups, err
	}
	if err := f.need(&groups, "data", "lengthMask"); err != nil {
		return groups, err
	}
	l.Table.GroupsData = m.off + groups.member("data").off
	l.Table.LengthMask = m.off + groups.member("lengthMask").off
	return groups, nil
}

// group reads the struct of one Swiss group: ctrl and slots, or ctrl, keys and
// elems.
func (f *File) group(l *gomap.Layout, g, m *shape) (err error) {
	l.Row.Size = g.size
	switch {
	case g.member("ctrl") != nil && g.member("slots") != nil:
		l.Row.Ctrl = g.member("ctrl").off
		slots, err := f.under(g.member("slots").typ)
		if err != nil {
			return err
		}
		slot, err := f.under(slots.typ)
		if err != nil {
			return err
		}
		if err := f.need(&slot, "key", "elem"); err != nil {
			return err
		}
		base := g.member("slots").off
		l.Row.Keys, l.Row.Elems = base+slot.member("key").off, base+slot.member("elem").off
		l.Row.KeyStride, l.Row.ElemStride = slot.size, slot.size
		if l.KeyIndirect, err = f.indirect(slot.member("key").typ, m.key, l.Key); err != nil {
			return err
		}
		if l.ElemIndirect, err = f.indirect(slot.member("elem").typ, m.elem, l.Elem); err != nil {
			return err
		}
	case g.member("ctrl") != nil && g.member("keys") != nil && g.member("elems") != nil:
		l.Kind = gomap.SwissSplit
		l.Row.Ctrl = g.member("ctrl").off
		l.Row.Keys, l.Row.Elems = g.member("keys").off, g.member("elems").off
		if l.Row.KeyStride, l.KeyIndirect, err = f.column(g, "keys", m.key, l.Key); err != nil {
			return err
		}
		if l.Row.ElemStride, l.ElemIndirect, err = f.column(g, "elems", m.elem, l.Elem); err != nil {
			return err
		}
	default:
		return missing(f.path, "group "+g.String(), []string{"ctrl and slots, or ctrl, keys and elems"}, g.memberNames())
	}
	return f.checkRow(l, g.String())
}

// column reads an array of eight keys or elems.
func (f *File) column(row *shape, name string, of dwarf.Offset, t *gomap.Type) (stride uint64, indirect bool, err error) {
	a, err := f.under(row.member(name).typ)
	if err != nil {
		return 0, false, err
	}
	if a.tag != dwarf.TagArrayType || (a.count >= 0 && a.count != gomap.CellsPerRow) {
		return 0, false, missing(f.path, row.name+"."+name, []string{"an array of 8"}, []string{fmt.Sprintf("%v of %d", a, a.count)})
	}
	if stride, err = f.sizeOf(a.typ); err != nil {
		return 0, false, err
	}
	indirect, err = f.indirect(a.typ, of, t)
	return stride, indirect, err
}

// indirect tells whether a cell's place, whose type is at, holds a pointer to
// the key or elem of type of, and not itself.
func (f *File) indirect(at, of dwarf.Offset, t *gomap.Type) (bool, error) {
	if at == of {
		return false, nil
	}
	s, err := f.under(at)
	if err != nil {
		return false, err
	}
	u, err := f.under(of)
	if err != nil {
		return false, err
	}
	if s.off == u.off {
		return false, nil
	}
	if s.tag == dwarf.TagPointerType && (s.typ == of || t.Size > ptrSize) {
		return true, nil
	}
	if n, err := f.sizeOf(at); err != nil || n != t.Size {
		return false, missing(f.path, "cell of "+t.Name, []string{t.Name + " or a pointer to it"}, []string{s.String()})
	}
	return false, nil
}

// checkRow refuses cells that overlap or are outside of their row.
func (f *File) checkRow(l *gomap.Layout, row string) error {
	size := func(t *gomap.Type, indirect bool) uint64 {
		if indirect {
			return ptrSize
		}
		return t.Size
	}
	r := &l.Row
	const last = gomap.CellsPerRow - 1
	ks, es := size(l.Key, l.KeyIndirect), size(l.Elem, l.ElemIndirect)
	if r.Size == 0 || r.Ctrl+gomap.CellsPerRow > r.Size || ks > r.KeyStride || es > r.ElemStride ||
		r.Keys > r.Size || r.Elems > r.Size || r.KeyStride > r.Size || r.ElemStride > r.Size ||
		r.Keys+last*r.KeyStride+ks > r.Size || r.Elems+last*r.ElemStride+es > r.Size {
		return missing(f.path, row, []string{"eight cells inside of it"}, []string{fmt.Sprintf("%+v", *r)})
	}
	return nil
}
