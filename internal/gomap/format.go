package gomap

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"deltui/internal/visible"
)

const (
	maxDepth = 32      // of structs, arrays and interfaces within each other
	maxCount = 1 << 16 // bytes counted, not kept, to know the whole length
)

// Format shows a key or elem in Go syntax: 42, "k1", main.P{X:1, Y:2},
// [2]int{1, 2}, int(3) in an interface, (*main.T)(0xc000012345). Pointers are
// not followed; strings and what interfaces hold are, through m. What is not
// there is ??. A string of which only the pointer was cleared, as a classic
// delete does, is string{nil, 5}. The text has no character that a terminal would not show:
// control, bidi and zero-width characters are written as escapes.
//
// The text is cut to max bytes. whole is the length that it would have had:
// len(text) where nothing was cut, else a length in which the rest of a long
// string, which is not read, counts one for each byte; 0 where the rest is too
// long to know.
func Format(t *Type, data []byte, m Memory, types Types, max int) (text string, whole int) {
	f := formatter{m: m, types: types, max: max, limit: max + maxCount}
	f.value(t, data, false, 0)
	whole = f.n
	if f.n >= f.limit {
		whole = 0
	}
	return string(f.buf), whole
}

// Wants lists the memory that Format would read and m does not have: the bytes
// of strings, what interfaces hold. Read it and ask again until it wants no
// more: what a string inside an interface needs is known only then.
func Wants(t *Type, data []byte, m Memory, types Types, max int) []Range {
	w := wanted{Memory: m}
	Format(t, data, &w, types, max)
	return w.ranges
}

type wanted struct {
	Memory
	ranges []Range
}

func (w *wanted) ReadAt(p []byte, addr uint64, as Role) error {
	err := w.Memory.ReadAt(p, addr, as)
	if err != nil {
		w.ranges = append(w.ranges, Range{addr, uint64(len(p))})
	}
	return err
}

// noMemory has nothing.
type noMemory struct{}

func (noMemory) ReadAt([]byte, uint64, Role) error { return ErrUnread }

// formatter holds the first max bytes of a text and counts the rest.
type formatter struct {
	m     Memory
	types Types
	buf   []byte
	n     int // bytes so far, kept or not
	max   int
	limit int    // no more than so many are counted
	spent uint64 // bytes read, maxRead at most
}

func (f *formatter) full() bool { return f.n >= f.limit }

func (f *formatter) str(s string) {
	if len(f.buf) == f.n && f.n < f.max {
		f.buf = append(f.buf, cut(s, f.max-f.n)...)
	}
	f.n += len(s)
}

// cut returns at most n bytes of s, and no part of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

func (f *formatter) hex(v uint64) { f.str("0x" + strconv.FormatUint(v, 16)) }

const unread = "??"

// read reads what a pointer leads to.
func (f *formatter) read(addr, n uint64, as Role) ([]byte, bool) {
	if addr == 0 || addr+n < addr || n > maxRead-f.spent {
		return nil, false
	}
	f.spent += n
	b := make([]byte, n)
	m := f.m
	if m == nil {
		m = noMemory{}
	}
	return b, m.ReadAt(b, addr, as) == nil
}

// value writes data as t; typed says that a basic value must tell its type.
func (f *formatter) value(t *Type, data []byte, typed bool, depth int) {
	switch {
	case f.full():
		return
	case f.spent >= maxRead:
		f.str("…") // there is more than anybody wants to see
		return
	case t == nil:
		f.str(unread)
		return
	case depth > maxDepth:
		f.str("…")
		return
	}
	switch t.Kind {
	case reflect.Array:
		f.array(t, data, depth)
		return
	case reflect.Slice:
		if f.slice(t, data, depth) {
			return
		}
	case reflect.Struct:
		f.structure(t, data, depth)
		return
	}
	size := kindSize(t.Kind)
	if size == 0 {
		size = t.Size
	}
	if size > 16 || uint64(len(data)) < size {
		f.str(unread)
		return
	}
	data = data[:size]
	switch t.Kind {
	case reflect.Pointer, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Map, reflect.Slice:
		f.pointer(t, binary.LittleEndian.Uint64(data), typed)
		return
	case reflect.Interface:
		f.iface(t, data, depth)
		return
	}
	if typed {
		f.str(visible.String(t.Name) + "(")
		defer f.str(")")
	}
	switch t.Kind {
	case reflect.Bool:
		switch data[0] {
		case 0:
			f.str("false")
		case 1:
			f.str("true")
		default: // no Go program makes one
			f.str("bool(" + strconv.Itoa(int(data[0])) + ")")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.str(strconv.FormatInt(int64(scalar(data, true)), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		f.str(strconv.FormatUint(scalar(data, false), 10))
	case reflect.Float32, reflect.Float64:
		f.str(float(data))
	case reflect.Complex64, reflect.Complex128:
		im := float(data[size/2:])
		if im[0] != '+' && im[0] != '-' {
			im = "+" + im
		}
		f.str("(" + float(data[:size/2]) + im + "i)")
	case reflect.String:
		f.text(binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:]))
	default:
		f.str(unread)
	}
}

// kindSize is the size of a kind's values on the 64-bit machines that are
// watched, whatever a broken Type may say.
func kindSize(k reflect.Kind) uint64 {
	switch k {
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return 1
	case reflect.Int16, reflect.Uint16:
		return 2
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return 4
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Uintptr, reflect.Float64, reflect.Complex64,
		reflect.Pointer, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Map, reflect.Slice:
		return 8
	case reflect.Complex128, reflect.String, reflect.Interface:
		return 16
	}
	return 0
}

func float(b []byte) string {
	if len(b) == 4 {
		return strconv.FormatFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 'g', -1, 32)
	}
	return strconv.FormatFloat(math.Float64frombits(binary.LittleEndian.Uint64(b)), 'g', -1, 64)
}

// text writes a string's bytes, read only up to what is shown.
func (f *formatter) text(addr, n uint64) {
	if n == 0 {
		f.str(`""`)
		return
	}
	if addr == 0 { // a deleted classic cell: the runtime cleared the pointer only
		f.str("string{nil, " + strconv.FormatInt(int64(n), 10) + "}")
		return
	}
	room := max(f.max-f.n, 0) + utf8.UTFMax // what is read ends beyond max
	shown := min(n, uint64(room), maxRead-f.spent)
	b, ok := f.read(addr, shown, RoleUnknown)
	if !ok {
		f.str(unread)
		return
	}
	if shown < n { // leave a character that is cut off to the rest
		for i := len(b) - 1; i >= 0 && i > len(b)-utf8.UTFMax; i-- {
			if utf8.RuneStart(b[i]) {
				if !utf8.FullRune(b[i:]) {
					b = b[:i]
				}
				break
			}
		}
		shown = uint64(len(b))
	}
	f.str(quote(string(b)))
	if rest := n - shown; rest < uint64(f.limit) {
		f.n += int(rest)
	} else {
		f.n = f.limit
	}
}

func (f *formatter) pointer(t *Type, v uint64, typed bool) {
	switch {
	case v == 0 && !typed:
		f.str("nil")
		return
	case strings.HasPrefix(t.Name, "["), isName(t.Name):
		f.str(visible.String(t.Name) + "(")
	default:
		f.str("(" + visible.String(t.Name) + ")(")
	}
	if v == 0 {
		f.str("nil")
	} else {
		f.hex(v)
	}
	f.str(")")
}

// isName reports whether a type is written without operators.
func isName(s string) bool {
	return s != "" && !strings.HasPrefix(s, "*") && !strings.HasPrefix(s, "chan ") && !strings.HasPrefix(s, "<-") && !strings.HasPrefix(s, "func(")
}

func (f *formatter) array(t *Type, data []byte, depth int) {
	f.str(visible.String(t.Name) + "{")
	for i := uint64(0); i < t.Len && !f.full(); i++ {
		if i > 0 {
			f.str(", ")
		}
		var size uint64
		if t.Elem != nil {
			size = t.Elem.Size
		}
		if uint64(len(data)) < size {
			f.str(unread)
			break
		}
		f.value(t.Elem, data[:size], false, depth+1)
		data = data[size:]
	}
	f.str("}")
}

// maxSlice is how many elements of a slice are shown; the rest is counted.
const maxSlice = 16

// slice writes the elements of a slice, as far as they were read, and reports
// whether they were.
func (f *formatter) slice(t *Type, data []byte, depth int) bool {
	if t.Elem == nil || len(data) < 24 {
		return false
	}
	addr, n := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
	if addr == 0 && n == 0 {
		return false // nil
	}
	shown := min(n, maxSlice)
	b, ok := []byte(nil), true
	if t.Elem.Size > 0 && shown > 0 {
		shown = min(shown, max(maxCount/t.Elem.Size, 1))
		if t.Elem.Size > maxRead/maxSlice {
			return false
		}
		b, ok = f.read(addr, shown*t.Elem.Size, RoleUnknown)
	}
	if !ok {
		return false // its address tells more than ??
	}
	f.str(visible.String(t.Name) + "{")
	for i := uint64(0); i < shown && !f.full(); i++ {
		if i > 0 {
			f.str(", ")
		}
		f.value(t.Elem, b[:t.Elem.Size], false, depth+1)
		b = b[t.Elem.Size:]
	}
	if n > shown {
		f.str(", … " + strconv.FormatUint(n-shown, 10) + " more")
	}
	f.str("}")
	return true
}

func (f *formatter) structure(t *Type, data []byte, depth int) {
	f.str(visible.String(t.Name) + "{")
	for i, field := range t.Fields {
		if f.full() {
			break
		}
		if i > 0 {
			f.str(", ")
		}
		f.str(visible.String(field.Name) + ":")
		if field.Type == nil || !within(field.Off, field.Type.Size, uint64(len(data))) {
			f.str(unread)
			continue
		}
		f.value(field.Type, data[field.Off:field.Off+field.Type.Size], false, depth+1)
	}
	f.str("}")
}

// iface writes the dynamic value of an interface {type or itab, data}.
func (f *formatter) iface(t *Type, data []byte, depth int) {
	word, ptr := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
	if word == 0 {
		f.str("nil")
		return
	}
	if t.Methods { // an itab: {*interfacetype, *type, …}
		b, ok := f.read(word+8, 8, RoleType)
		if !ok {
			f.str(unread)
			return
		}
		word = binary.LittleEndian.Uint64(b)
	}
	var dyn *Type
	if f.types != nil {
		dyn = f.types.TypeAt(word)
	}
	switch {
	case dyn == nil:
		f.str("(type ")
		f.hex(word)
		f.str(")(")
		f.hex(ptr)
		f.str(")")
	case dyn.Direct:
		f.value(dyn, data[8:], true, depth+1)
	case dyn.Size == 0:
		f.value(dyn, nil, true, depth+1)
	default:
		// A large value is read up to what can be shown: each byte of it is
		// at least a character, but for what fields do not cover.
		b, ok := f.read(ptr, min(dyn.Size, maxCount, maxRead-f.spent), RoleUnknown)
		if !ok {
			f.str(visible.String(dyn.Name) + "(" + unread + " at ")
			f.hex(ptr)
			f.str(")")
			return
		}
		f.value(dyn, b, true, depth+1)
	}
}
