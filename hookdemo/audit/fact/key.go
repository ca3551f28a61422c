package fact

import (
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Key renders a map's key in Go syntax: 42, "k1", int(3) for an interface's,
// main.T{A:1} for a struct. A pointer or channel is its address. The text has
// at most about limit bytes; where it is cut it ends in … and full is the key's
// whole length, of a string its own, of others its size in memory. Otherwise
// full is 0.
func Key(v reflect.Value, limit int) (text string, full int) {
	k := keyText{limit: limit}
	k.value(v)
	if !k.cut && len(k.buf) <= limit {
		return string(k.buf), 0
	}
	if k.full == 0 {
		k.full = int(v.Type().Size())
		if v.Kind() == reflect.String {
			k.full = v.Len()
		}
	}
	if len(k.buf) > limit {
		k.buf = k.buf[:limit]
	}
	for { // not in the middle of a rune
		r, size := utf8.DecodeLastRune(k.buf)
		if r != utf8.RuneError || size != 1 {
			break
		}
		k.buf = k.buf[:len(k.buf)-1]
	}
	return string(k.buf) + "…", k.full
}

type keyText struct {
	buf   []byte
	limit int
	cut   bool
	full  int
}

func (k *keyText) add(s string) { k.buf = append(k.buf, s...) }

// more reports whether there is room, and remembers if there was none.
func (k *keyText) more() bool {
	if len(k.buf) >= k.limit {
		k.cut = true
	}
	return !k.cut
}

func (k *keyText) value(v reflect.Value) {
	if !k.more() {
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		k.add("nil")
	case reflect.Bool:
		k.buf = strconv.AppendBool(k.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		k.buf = strconv.AppendInt(k.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		k.buf = strconv.AppendUint(k.buf, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		k.buf = strconv.AppendFloat(k.buf, v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		bits := v.Type().Bits() / 2
		k.add("(")
		k.buf = strconv.AppendFloat(k.buf, real(v.Complex()), 'g', -1, bits)
		if im := strconv.FormatFloat(imag(v.Complex()), 'g', -1, bits); im[0] == '-' || im[0] == '+' {
			k.add(im)
		} else {
			k.add("+" + im)
		}
		k.add("i)")
	case reflect.String:
		k.str(v.String())
	case reflect.Ptr, reflect.UnsafePointer, reflect.Chan:
		k.add("0x")
		k.buf = strconv.AppendUint(k.buf, uint64(v.Pointer()), 16)
	case reflect.Interface:
		k.held(v.Elem())
	case reflect.Array:
		k.add(v.Type().String() + "{")
		for i := 0; i < v.Len() && k.more(); i++ {
			if i > 0 {
				k.add(", ")
			}
			k.value(v.Index(i))
		}
		k.add("}")
	case reflect.Struct:
		k.add(v.Type().String() + "{")
		for i := 0; i < v.NumField() && k.more(); i++ {
			if i > 0 {
				k.add(", ")
			}
			k.add(v.Type().Field(i).Name + ":")
			k.value(v.Field(i))
		}
		k.add("}")
	default: // not a key: the delete is about to panic
		k.add(v.Type().String())
	}
}

// held is what an interface holds: its type is part of the key.
func (k *keyText) held(v reflect.Value) {
	if !v.IsValid() || v.Kind() == reflect.Array || v.Kind() == reflect.Struct {
		k.value(v)
		return
	}
	name := v.Type().String()
	if v.Kind() == reflect.Ptr || v.Kind() == reflect.Chan {
		name = "(" + name + ")"
	}
	k.add(name + "(")
	k.value(v)
	k.add(")")
}

func (k *keyText) str(s string) {
	room := k.limit - len(k.buf)
	if len(s) > room {
		k.cut, k.full = true, len(s)
		s = s[:room]
	}
	k.buf = strconv.AppendQuote(k.buf, s)
}
