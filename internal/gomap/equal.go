package gomap

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
)

// Match is what comparing two keys came to.
type Match uint8

// The matches. Unsure: what would decide it was not read, or is too much.
const (
	Unsure Match = iota
	Differs
	Equal
)

const (
	chunk      = 256     // bytes of strings that are compared at once
	maxCompare = 1 << 20 // bytes of a string, or of what an interface holds
)

// equality compares two values as Go's == does, each with a memory of its own:
// an op's key is known from its caller's moment, a cell's from the map's.
type equality struct {
	a, b  Memory
	types Types
	reads int // of what values lead to
}

// value compares values of a type, of which a and b are the bytes.
//
// Equal bytes are not equal values where a NaN is among them, and different
// bytes may be equal values: 0.0 and -0.0, padding, blank fields, strings and
// interfaces, which are told apart by what they lead to. A part that differs
// decides, whatever of the rest was not read.
func (e *equality) value(t *Type, a, b []byte, depth int) Match {
	if t == nil || depth > maxDepth || uint64(len(a)) < t.Size || uint64(len(b)) < t.Size {
		return Unsure
	}
	a, b = a[:t.Size], b[:t.Size]
	switch t.Kind {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return match(bytes.Equal(a, b))
	case reflect.Float32, reflect.Float64:
		return floats(a, b, t.Size)
	case reflect.Complex64, reflect.Complex128:
		half := t.Size / 2
		return both(floats(a[:half], b[:half], half), floats(a[half:], b[half:], half))
	case reflect.String:
		if t.Size == 16 {
			return e.text(a, b)
		}
	case reflect.Interface:
		if t.Size == 16 {
			return e.iface(t, a, b, depth)
		}
	case reflect.Array:
		return e.array(t, a, b, depth)
	case reflect.Struct:
		all := Equal
		for _, f := range t.Fields {
			if f.Name == "_" {
				continue
			}
			if f.Type == nil || !within(f.Off, f.Type.Size, t.Size) {
				all = both(all, Unsure)
				continue
			}
			all = both(all, e.value(f.Type, a[f.Off:f.Off+f.Type.Size], b[f.Off:f.Off+f.Type.Size], depth+1))
			if all == Differs {
				break
			}
		}
		return all
	}
	return Unsure // no key is of such a type
}

func match(same bool) Match {
	if same {
		return Equal
	}
	return Differs
}

// both is what two parts say of the whole.
func both(x, y Match) Match {
	switch {
	case x == Differs || y == Differs:
		return Differs
	case x == Unsure || y == Unsure:
		return Unsure
	}
	return Equal
}

func floats(a, b []byte, size uint64) Match {
	switch size {
	case 4:
		return match(math.Float32frombits(binary.LittleEndian.Uint32(a)) == math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case 8:
		return match(math.Float64frombits(binary.LittleEndian.Uint64(a)) == math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return Unsure
}

func (e *equality) array(t *Type, a, b []byte, depth int) Match {
	if t.Elem == nil || t.Elem.Size == 0 || t.Elem.Size > t.Size {
		return match(t.Size == 0)
	}
	if isPlain(t.Elem) {
		return match(bytes.Equal(a, b))
	}
	all := Equal
	for n := t.Elem.Size; uint64(len(a)) >= n && all != Differs; a, b = a[n:], b[n:] {
		all = both(all, e.value(t.Elem, a[:n], b[:n], depth+1))
	}
	return all
}

// text compares strings {address, length}: only those of one length are read,
// and no further than to the first difference.
func (e *equality) text(a, b []byte) Match {
	n := binary.LittleEndian.Uint64(a[8:])
	if n != binary.LittleEndian.Uint64(b[8:]) {
		return Differs
	}
	pa, pb := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b)
	switch {
	case n == 0 || pa == pb:
		return Equal
	case n > maxCompare:
		return Unsure
	}
	for at := uint64(0); at < n; at += chunk {
		x, y, ok := e.read(pa+at, pb+at, min(chunk, n-at))
		if !ok {
			return Unsure
		}
		if !bytes.Equal(x, y) {
			return Differs
		}
	}
	return Equal
}

// iface compares interfaces {type or itab, data}. The runtime has one type
// descriptor a type, and one itab for it and an interface.
func (e *equality) iface(t *Type, a, b []byte, depth int) Match {
	word := binary.LittleEndian.Uint64(a)
	switch {
	case word != binary.LittleEndian.Uint64(b):
		return Differs
	case word == 0:
		return Equal
	}
	dyn := e.dynamic(t, word)
	if dyn != nil && dyn.Direct {
		return match(bytes.Equal(a[8:], b[8:]))
	}
	pa, pb := binary.LittleEndian.Uint64(a[8:]), binary.LittleEndian.Uint64(b[8:])
	switch {
	case pa == pb && (dyn == nil || !hasFloat(dyn)):
		return Equal
	case dyn == nil || dyn.Size > maxCompare:
		return Unsure
	case dyn.Size == 0:
		return Equal
	}
	x, y, ok := e.read(pa, pb, dyn.Size)
	if !ok {
		return Unsure
	}
	return e.value(dyn, x, y, depth+1)
}

// dynamic is the type of what an interface of type t holds; nil if not known.
func (e *equality) dynamic(t *Type, word uint64) *Type {
	if e.types == nil {
		return nil
	}
	if t.Methods { // an itab: {*interfacetype, *type, …}
		var p [8]byte
		if e.b.ReadAt(p[:], word+8, RoleType) != nil && e.a.ReadAt(p[:], word+8, RoleType) != nil {
			return nil
		}
		word = binary.LittleEndian.Uint64(p[:])
	}
	return e.types.TypeAt(word)
}

func (e *equality) read(pa, pb, n uint64) (x, y []byte, ok bool) {
	e.reads++
	buf := make([]byte, 2*n)
	x, y = buf[:n], buf[n:]
	if pa == 0 || pb == 0 || e.a.ReadAt(x, pa, RoleArgument) != nil || e.b.ReadAt(y, pb, RoleKey) != nil {
		return nil, nil, false
	}
	return x, y, true
}

// isPlain reports whether values of a type are equal when their bytes are, and
// only then.
func isPlain(t *Type) bool {
	switch t.Kind {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return true
	case reflect.Array:
		return t.Elem != nil && isPlain(t.Elem)
	}
	return false
}

// hasFloat reports whether a value of a type may hold a NaN, and so differ from
// itself.
func hasFloat(t *Type) bool {
	if t == nil {
		return true
	}
	switch t.Kind {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return true
	case reflect.Array:
		return hasFloat(t.Elem)
	case reflect.Struct:
		for _, f := range t.Fields {
			if hasFloat(f.Type) {
				return true
			}
		}
	}
	return false
}
