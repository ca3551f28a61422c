package gomap

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

type (
	fID     int16
	fName   string
	fPtr    *int
	fInner  struct{ A, B uint8 }
	fStruct struct {
		X  int
		S  string
		In fInner
		E  any
	}
	fEmpty  struct{}
	fMethod interface{ Error() string }
	fErr    string
)

func (e fErr) Error() string { return string(e) }

// formatOwn formats a value of this process.
func formatOwn[T any](v T, types Types, max int) (string, int) {
	t := ownType(reflect.TypeFor[T]())
	t.Name = reflect.TypeFor[T]().String()
	sink = &v
	return Format(t, rawBytes(&v), ownMemory{}, types, max)
}

func TestFormat(t *testing.T) {
	types := typesOf(1, "a", 2.5, fID(3), fName("n"), fInner{}, fStruct{}, fEmpty{}, fErr(""), true, new(int), [2]string{}, uint8(3), complex64(1), fPtr(nil))
	check := func(got string, whole int, want string) {
		t.Helper()
		if got != want || whole != len(want) {
			t.Errorf("%s (%d), want %s (%d)", got, whole, want, len(want))
		}
	}
	one := func(v any, want string) {
		t.Helper()
		rt := reflect.TypeOf(v)
		rv := reflect.New(rt)
		rv.Elem().Set(reflect.ValueOf(v))
		sink = rv.Interface()
		data := make([]byte, rt.Size())
		copy(data, unsafe.Slice((*byte)(rv.UnsafePointer()), len(data)))
		got, whole := Format(ownType(rt), data, ownMemory{}, types, 1000)
		check(got, whole, want)
	}
	one(42, "42")
	one(-42, "-42")
	one(int8(-128), "-128")
	one(uint8(200), "200")
	one(uint16(65535), "65535")
	one(int32(math.MinInt32), "-2147483648")
	one(uint64(math.MaxUint64), "18446744073709551615")
	one(uintptr(10), "10")
	one(fID(-7), "-7")
	one(true, "true")
	one(false, "false")
	one(1.5, "1.5")
	one(float32(0.1), "0.1")
	one(math.NaN(), "NaN")
	one(math.Inf(1), "+Inf")
	one(math.Inf(-1), "-Inf")
	one(math.Copysign(0, -1), "-0")
	one(1e300, "1e+300")
	one(complex(1, 2), "(1+2i)")
	one(complex64(complex(1.5, -2)), "(1.5-2i)")
	one(complex(math.NaN(), math.Inf(1)), "(NaN+Infi)")
	one("", `""`)
	one("a", `"a"`)
	one("é日\n\"\x00", `"é日\n\"\x00"`)
	one(fName("n"), `"n"`)
	one([2]int{1, 2}, "[2]int{1, 2}")
	one([0]int{}, "[0]int{}")
	one([2]string{"a", "b"}, `[2]string{"a", "b"}`)
	one([2]fInner{{1, 2}, {3, 4}}, "[2]gomap.fInner{gomap.fInner{A:1, B:2}, gomap.fInner{A:3, B:4}}")
	one(fEmpty{}, "gomap.fEmpty{}")
	one(fStruct{1, "s", fInner{2, 3}, nil}, `gomap.fStruct{X:1, S:"s", In:gomap.fInner{A:2, B:3}, E:nil}`)
	one(fStruct{E: 5}, `gomap.fStruct{X:0, S:"", In:gomap.fInner{A:0, B:0}, E:int(5)}`)
	one((*int)(nil), "nil")
	one((chan int)(nil), "nil")
	one([]int(nil), "nil")
	one(map[string]int(nil), "nil")
	one((func())(nil), "nil")
	p := new(int)
	sink = p
	hex := func(p unsafe.Pointer) string { return fmt.Sprintf("%#x", uintptr(p)) }
	one(p, "(*int)("+hex(unsafe.Pointer(p))+")")
	one(fPtr(p), "gomap.fPtr("+hex(unsafe.Pointer(p))+")")
	one(unsafe.Pointer(p), "unsafe.Pointer("+hex(unsafe.Pointer(p))+")")
	ch := make(chan int, 1)
	one(ch, "(chan int)("+hex(*(*unsafe.Pointer)(unsafe.Pointer(&ch)))+")")
	s := []int{1}
	one(s, "[]int("+hex(unsafe.Pointer(&s[0]))+")")
	f := func(int) {}
	one(f, "(func(int))("+hex(*(*unsafe.Pointer)(unsafe.Pointer(&f)))+")")
	m := map[string]int{}
	one(m, "map[string]int("+hex(*(*unsafe.Pointer)(unsafe.Pointer(&m)))+")")

	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "nil"},
		{3, "int(3)"},
		{"a", `string("a")`},
		{2.5, "float64(2.5)"},
		{true, "bool(true)"},
		{uint8(3), "uint8(3)"},
		{fID(3), "gomap.fID(3)"},
		{fName("n"), `gomap.fName("n")`},
		{complex64(1), "complex64((1+0i))"},
		{fInner{1, 2}, "gomap.fInner{A:1, B:2}"},
		{fEmpty{}, "gomap.fEmpty{}"},
		{[2]string{"a", ""}, `[2]string{"a", ""}`},
		{p, "(*int)(" + hex(unsafe.Pointer(p)) + ")"},
		{(*int)(nil), "(*int)(nil)"},
		{fPtr(nil), "gomap.fPtr(nil)"},
	} {
		got, whole := formatOwn[any](c.v, types, 1000)
		check(got, whole, c.want)
	}
	got, whole := formatOwn[error](fErr("bad"), types, 1000)
	check(got, whole, `gomap.fErr("bad")`)
	got, whole = formatOwn[fMethod](nil, types, 1000)
	check(got, whole, "nil")
	got, _ = formatOwn[any](int8(3), types, 1000)
	if !strings.HasPrefix(got, "(type 0x") || !strings.Contains(got, ")(0x") {
		t.Errorf("an unknown type: %s", got)
	}
}

// TestFormatStrange formats bytes that a sound program does not have.
func TestFormatStrange(t *testing.T) {
	str := &Type{Name: "string", Kind: reflect.String, Size: 16}
	integer := &Type{Name: "int", Kind: reflect.Int, Size: 8}
	words := func(ws ...uint64) []byte {
		var b []byte
		for _, w := range ws {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
		return b
	}
	nested := integer
	for range 100 {
		nested = &Type{Name: "[1]T", Kind: reflect.Array, Size: 8, Len: 1, Elem: nested}
	}
	eface := &Type{Name: "interface {}", Kind: reflect.Interface, Size: 16}
	a := newArena()
	loop := a.alloc(16) // an interface that holds itself
	a.put64(loop, 1)
	a.put64(loop+8, loop)
	box := &Type{Name: "main.Box", Kind: reflect.Struct, Size: 16, Fields: []TypeField{{"V", 0, eface}, {"W", 0, eface}}}
	for _, c := range []struct {
		name string
		t    *Type
		data []byte
		want string
	}{
		{"a deleted classic string cell", str, words(0, 5), "string{nil, 5}"},
		{"a string of negative length", str, words(0, ^uint64(0)), "string{nil, -1}"},
		{"a string without memory", str, words(0xdead, 5), "??"},
		{"a string without end", str, words(0xdead, ^uint64(0)), "??"},
		{"a bool of 7", &Type{Name: "bool", Kind: reflect.Bool, Size: 1}, []byte{7}, "bool(7)"},
		{"too few bytes", integer, []byte{1, 2}, "??"},
		{"no type", nil, []byte{1, 2}, "??"},
		{"a kind of none", &Type{Kind: 99, Size: 8}, words(1), "??"},
		{"an array of structs of no size", &Type{Name: "[4611686018427387904]struct {}", Kind: reflect.Array, Len: 1 << 62, Elem: &Type{Name: "struct {}", Kind: reflect.Struct}}, nil, ""},
		{"an array with too few bytes", &Type{Name: "[3]int", Kind: reflect.Array, Len: 3, Size: 24, Elem: integer}, words(1, 2), "[3]int{1, 2, ??}"},
		{"an array of no type", &Type{Name: "[3]int", Kind: reflect.Array, Len: 3, Size: 24}, words(1, 2), "[3]int{??, ??, ??}"},
		{"a field beyond its struct", &Type{Name: "main.P", Kind: reflect.Struct, Size: 8, Fields: []TypeField{{"X", ^uint64(0), integer}, {"Y", 0, nil}}}, words(1), "main.P{X:??, Y:??}"},
		{"an interface without memory", eface, words(77, 0xdead), "main.T(?? at 0xdead)"},
		{"an itab without memory", &Type{Name: "error", Kind: reflect.Interface, Size: 16, Methods: true}, words(0xdead, 5), "??"},
		{"arrays without end", nested, words(1), ""},
		{"an interface that holds itself", eface, words(1, loop), ""},
		{"a name with escapes", &Type{Name: "main.\x1b[31mT\u202e", Kind: reflect.Struct, Fields: []TypeField{{"X\u200b\xff", 0, integer}}, Size: 8}, words(1), `main.\x1b[31mT\u202e{X\u200b\xff:1}`},
	} {
		types := ownTypes{77: {Name: "main.T", Kind: reflect.Int, Size: 8}, 1: box}
		got, whole := Format(c.t, c.data, a, types, 100)
		if c.want != "" && got != c.want || len(got) > 100 || whole != 0 && whole < len(got) {
			t.Errorf("%s: %s (%d), want %s", c.name, got, whole, c.want)
		}
		if strings.ContainsFunc(got, unseen) {
			t.Errorf("%s: %q has characters that nobody sees", c.name, got)
		}
	}
	if got, _ := Format(str, words(1, 5), nil, nil, 100); got != "??" {
		t.Errorf("no memory: %s", got)
	}
}

// unseen is a character that must not be in a text: see TestFormatVisible.
func unseen(r rune) bool {
	return r < ' ' || r == 0x7f ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// TestFormatVisible formats the characters there are: what shows nothing, or
// changes how others show, is escaped, and the text means the same still.
func TestFormatVisible(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x20000 && r < 0xe0000 || r > 0xe1000 {
			r += 96 // ideographs and private use: one in a hundred
		}
		s := "a" + string(r) + "b"
		got := quote(s)
		if back, err := strconv.Unquote(got); err != nil || back != s {
			t.Fatalf("%U: %s is not %q: %v", r, got, s, err)
		}
		if strings.ContainsFunc(got, unseen) {
			t.Errorf("%U is not escaped: %s", r, got)
		}
		if c, _ := Format(&Type{Name: s, Kind: reflect.Pointer, Size: 8}, []byte("deadbeef"), nil, nil, 100); strings.ContainsFunc(c, unseen) {
			t.Errorf("%U is not escaped in a name: %s", r, c)
		}
	}
	for _, s := range []string{"\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u3164", "\u115f", "\u2800", "\ufe0f", "\U000e0041", "\x1b", "\u009b", "\x7f"} {
		if got := quote(s); !strings.HasPrefix(got, `"\`) {
			t.Errorf("%+q is not escaped", s)
		}
	}
}

func TestFormatCut(t *testing.T) {
	types := typesOf("")
	for _, s := range []string{strings.Repeat("x", 100), strings.Repeat("é", 50), strings.Repeat("\x00", 100), strings.Repeat("日本", 20) + "\n", "abc"} {
		full, whole := formatOwn(s, nil, 10000)
		if full != strconv.Quote(s) || whole != len(full) {
			t.Fatalf("%s (%d)", full, whole)
		}
		for max := range 110 {
			got, whole := formatOwn(s, nil, max)
			if len(got) > max || !strings.HasPrefix(full, got) || !utf8.ValidString(got) || len(full) <= max && got != full || max-len(got) > 4 && got != full {
				t.Fatalf("max %d: %s (%d bytes)", max, got, len(got))
			}
			if got == full && whole != len(full) || whole < len(s) || whole > len(full) {
				t.Fatalf("max %d: whole %d, of %d", max, whole, len(full))
			}
			inside, _ := formatOwn[any](s, types, max)
			if len(inside) > max || !strings.HasPrefix("string("+full+")", inside) {
				t.Fatalf("max %d: %s", max, inside)
			}
		}
	}
	long := strings.Repeat("k", 100000)
	got, whole := formatOwn(long, nil, 256)
	if got != `"`+long[:255] || whole != 0 && whole != len(long)+2 {
		t.Errorf("a long string: %s (%d)", got, whole)
	}
	// Not more is read than is shown.
	mem := &counting{}
	Format(ownType(reflect.TypeFor[string]()), rawBytes(&long), mem, nil, 256)
	if mem.n > 300 {
		t.Errorf("%d bytes read to show 256", mem.n)
	}
}

type counting struct{ n int }

func (c *counting) ReadAt(p []byte, addr uint64, _ Role) error {
	c.n += len(p)
	return ownMemory{}.ReadAt(p, addr, RoleUnknown)
}

// TestWants reads what Format wants, and nothing else, until it wants no more.
func TestWants(t *testing.T) {
	type deep struct {
		S string
		E any
		M error
	}
	v := deep{"outer", fStruct{1, "inner", fInner{}, "innermost"}, fErr("itab")}
	types := typesOf("", fStruct{}, fErr(""))
	sink = &v
	want, _ := formatOwn(v, types, 1000)
	rt, data := ownType(reflect.TypeFor[deep]()), rawBytes(&v)
	mem := &patches{}
	rounds := 0
	for {
		ranges := Wants(rt, data, mem, types, 1000)
		if len(ranges) == 0 {
			break
		}
		if rounds++; rounds > 10 {
			t.Fatal("wants more and more")
		}
		for _, r := range ranges {
			b := make([]byte, r.Len)
			if err := (ownMemory{}).ReadAt(b, r.Addr, RoleUnknown); err != nil {
				t.Fatal(err)
			}
			mem.add(r.Addr, b)
		}
	}
	if got, _ := Format(rt, data, mem, types, 1000); got != want || strings.Contains(got, "??") {
		t.Errorf("%s, want %s", got, want)
	}
	if rounds < 2 {
		t.Errorf("closed after %d rounds", rounds)
	}
}

// patches is memory of single reads.
type patches struct {
	at   []uint64
	data [][]byte
}

func (p *patches) add(addr uint64, b []byte) {
	p.at, p.data = append(p.at, addr), append(p.data, b)
}

func (p *patches) ReadAt(b []byte, addr uint64, _ Role) error {
	i := slices.Index(p.at, addr)
	if i < 0 || len(p.data[i]) < len(b) {
		return ErrUnread
	}
	copy(b, p.data[i])
	return nil
}
