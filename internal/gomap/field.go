package gomap

import "encoding/binary"

// Field is a header field's value by the runtime's own name.
func (m *Map) Field(name string) (uint64, bool) { return fieldValue(m.Header, name) }

// Field is a field's value by the runtime's own name.
func (t *Table) Field(name string) (uint64, bool) { return fieldValue(t.Fields, name) }

func fieldValue(fs []FieldValue, name string) (uint64, bool) {
	for i := range fs {
		if fs[i].Name == name {
			return fs[i].Value, true
		}
	}
	return 0, false
}

// fieldValues reads fields out of the bytes of their struct. Every field has
// been checked to lie within it.
func fieldValues(fs []Field, data []byte) []FieldValue {
	vs := make([]FieldValue, len(fs))
	for i, f := range fs {
		vs[i].Field = f
		vs[i].Value = scalar(data[f.Off:f.Off+f.Size], f.Kind == FieldSint)
	}
	return vs
}

// scalar is a little-endian number of 1, 2, 4 or 8 bytes.
func scalar(b []byte, signed bool) uint64 {
	switch len(b) {
	case 1:
		if signed {
			return uint64(int8(b[0]))
		}
		return uint64(b[0])
	case 2:
		v := binary.LittleEndian.Uint16(b)
		if signed {
			return uint64(int16(v))
		}
		return uint64(v)
	case 4:
		v := binary.LittleEndian.Uint32(b)
		if signed {
			return uint64(int32(v))
		}
		return uint64(v)
	case 8:
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
