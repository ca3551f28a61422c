package gomap

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// ownMemory is the test process's own memory.
type ownMemory struct{}

//go:nocheckptr
func (ownMemory) ReadAt(p []byte, addr uint64) error {
	a := uintptr(addr)
	copy(p, unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&a))), len(p)))
	return nil
}

// ownType describes a type of this process.
func ownType(t reflect.Type) *Type {
	o := &Type{Name: t.String(), Kind: t.Kind(), Size: uint64(t.Size())}
	switch t.Kind() {
	case reflect.Array:
		o.Len, o.Elem = uint64(t.Len()), ownType(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			o.Fields = append(o.Fields, TypeField{f.Name, uint64(f.Offset), ownType(f.Type)})
		}
	case reflect.Interface:
		o.Methods = t.NumMethod() > 0
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		o.Direct = true
	}
	return o
}

// ownLayout is the layout of a map type of this process, whose Go ownKind.
func ownLayout(t reflect.Type) *Layout {
	l := &Layout{
		Kind: ownKind, Type: t.String(), Key: ownType(t.Key()), Elem: ownType(t.Elem()),
		KeyIndirect: t.Key().Size() > 128, ElemIndirect: t.Elem().Size() > 128,
	}
	slotted := func(t reflect.Type, indirect bool) reflect.Type {
		if indirect {
			return reflect.PointerTo(t)
		}
		return t
	}
	key, elem := slotted(t.Key(), l.KeyIndirect), slotted(t.Elem(), l.ElemIndirect)
	slot := reflect.StructOf([]reflect.StructField{{Name: "Key", Type: key}, {Name: "Elem", Type: elem}})
	switch ownKind {
	case Classic:
		bucket := reflect.StructOf([]reflect.StructField{
			{Name: "Tophash", Type: reflect.TypeFor[[CellsPerRow]uint8]()},
			{Name: "Keys", Type: reflect.ArrayOf(CellsPerRow, key)},
			{Name: "Elems", Type: reflect.ArrayOf(CellsPerRow, elem)},
			{Name: "Overflow", Type: reflect.TypeFor[uintptr]()},
		})
		l.Row = RowLayout{
			Size: uint64(bucket.Size()), Keys: 8, KeyStride: uint64(key.Size()),
			Elems: uint64(bucket.Field(2).Offset), ElemStride: uint64(elem.Size()), Overflow: uint64(bucket.Size() - 8),
		}
		classicHeader(l)
		return l
	case SwissSplit:
		group := reflect.StructOf([]reflect.StructField{
			{Name: "Ctrl", Type: reflect.TypeFor[uint64]()},
			{Name: "Keys", Type: reflect.ArrayOf(CellsPerRow, key)},
			{Name: "Elems", Type: reflect.ArrayOf(CellsPerRow, elem)},
		})
		l.Row = RowLayout{
			Size: uint64(group.Size()), Keys: 8, KeyStride: uint64(key.Size()),
			Elems: uint64(group.Field(2).Offset), ElemStride: uint64(elem.Size()),
		}
	default:
		l.Row = RowLayout{
			Size: 8 + CellsPerRow*uint64(slot.Size()), Keys: 8, KeyStride: uint64(slot.Size()),
			Elems: 8 + uint64(slot.Field(1).Offset), ElemStride: uint64(slot.Size()),
		}
	}
	swissHeader(l)
	return l
}

// classicHeader sets the header of a classic layout.
func classicHeader(l *Layout) {
	l.HeaderSize = 48
	l.Header = []Field{
		{"count", 0, 8, FieldInt},
		{"flags", 8, 1, FieldInt},
		{"B", 9, 1, FieldInt},
		{"noverflow", 10, 2, FieldInt},
		{"hash0", 12, 4, FieldHash},
		{"buckets", 16, 8, FieldPtr},
		{"oldbuckets", 24, 8, FieldPtr},
		{"nevacuate", 32, 8, FieldInt},
	}
}

// swissHeader sets header and table of a Swiss layout, as of Go 1.26.
func swissHeader(l *Layout) {
	l.HeaderSize = 48
	l.Header = []Field{
		{"used", 0, 8, FieldInt},
		{"seed", 8, 8, FieldHash},
		{"dirPtr", 16, 8, FieldPtr},
		{"dirLen", 24, 8, FieldSint},
		{"globalDepth", 32, 1, FieldInt},
		{"globalShift", 33, 1, FieldInt},
		{"writing", 34, 1, FieldInt},
		{"tombstonePossible", 35, 1, FieldBool},
		{"clearSeq", 40, 8, FieldInt},
	}
	l.Table = TableLayout{
		Size: 32, GroupsData: 16, LengthMask: 24,
		Fields: []Field{
			{"used", 0, 2, FieldInt},
			{"capacity", 2, 2, FieldInt},
			{"growthLeft", 4, 2, FieldInt},
			{"localDepth", 6, 1, FieldInt},
			{"index", 8, 8, FieldSint},
		},
	}
}

// root is the header's address of any map.
func root(m any) uint64 {
	return uint64((*[2]uintptr)(unsafe.Pointer(&m))[1])
}

type ownTypes map[uint64]*Type

func (ts ownTypes) TypeAt(a uint64) *Type { return ts[a] }

// types notes what interfaces of this process may hold.
func typesOf(vs ...any) ownTypes {
	ts := ownTypes{}
	for _, v := range vs {
		ts[uint64((*[2]uintptr)(unsafe.Pointer(&v))[0])] = ownType(reflect.TypeOf(v))
	}
	return ts
}

// entriesOf reads all entries of a decoded map, as text.
func entriesOf(t *testing.T, m *Map, types Types) map[string]string {
	t.Helper()
	got := map[string]string{}
	for k := range m.Rows {
		r := &m.Rows[k]
		if !r.Read {
			t.Fatalf("%s was not read", r.Where)
		}
		for i := range CellsPerRow {
			if !m.Layout.State(r, i).Live() {
				continue
			}
			key, _, err := m.Layout.ReadKey(ownMemory{}, r, i, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			elem, _, err := m.Layout.ReadElem(ownMemory{}, r, i, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			ks, _ := Format(m.Layout.Key, key, ownMemory{}, types, 1000)
			es, _ := Format(m.Layout.Elem, elem, ownMemory{}, types, 1000)
			if _, ok := got[ks]; ok {
				t.Fatalf("key %s twice", ks)
			}
			got[ks] = es
		}
	}
	return got
}

var sink any

// drive runs random ops on a map of this process and decodes it around each.
func drive[K comparable, V comparable](t *testing.T, steps, keys int, key func(int) K, val func(int) V) {
	var kv any = *new(K)
	types := typesOf(1, "a", 2.5, key(0), val(0), kv)
	name := fmt.Sprintf("%T", map[K]V{})
	t.Run(name, func(t *testing.T) {
		m := map[K]V{}
		sink = m
		l := ownLayout(reflect.TypeOf(m))
		rng := rand.New(rand.NewPCG(1, uint64(keys)))
		decode := func() *Map {
			d, err := Decode(l, root(m), ownMemory{}, Window{})
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Partial) > 0 {
				t.Fatal(d.Partial)
			}
			if d.Used != uint64(len(m)) {
				t.Fatalf("used %d, len %d", d.Used, len(m))
			}
			return d
		}
		seen := map[string]int{}
		before := decode()
		fill := 0.7
		for n := range steps {
			if n%400 == 0 {
				fill = 0.25 + 0.5*rng.Float64()
			}
			k := key(rng.IntN(keys))
			_, had := m[k]
			var op OpKind
			switch r := rng.Float64(); {
			case r < 0.002:
				op = Clear
				clear(m)
			case r < fill:
				op = Assign
				m[k] = val(n)
			default:
				op = Delete
				delete(m, k)
			}
			after := decode()
			d := Compare(op, before, after)
			if d.Unexplained > 0 || d.Rule == "" {
				t.Fatalf("step %d, %s(%v), had %v: %+v", n, op, k, had, d)
			}
			if op != Clear && (!d.FoundKnown || d.Found != had) {
				t.Fatalf("step %d, %s(%v): found %v, had %v", n, op, k, d.Found, had)
			}
			if strings.Contains(d.Why, "%!") || d.Why == "" {
				t.Fatalf("why: %s", d.Why)
			}
			seen[d.Rule]++
			for _, e := range d.Events {
				seen["event "+string(e)]++
			}
			if n%97 == 0 {
				got := entriesOf(t, after, types)
				if len(got) != len(m) {
					t.Fatalf("%d entries, want %d", len(got), len(m))
				}
				for k, v := range m {
					ks, vs := goText(k), goText(v)
					if got[ks] != vs {
						t.Fatalf("m[%s] = %s, want %s\n%v", ks, got[ks], vs, got)
					}
				}
			}
			before = after
		}
		t.Log(seen)
	})
}

// goText is Format's text by fmt.
func goText(v any) string {
	return fmt.Sprintf("%#v", v)
}

// TestOwnChurn deletes the oldest of a hundred keys for each new one: what
// makes tombstones and overflow buckets pile up.
func TestOwnChurn(t *testing.T) {
	m := map[int]int{}
	sink = m
	l := ownLayout(reflect.TypeOf(m))
	seen := map[string]int{}
	decode := func() *Map {
		d, err := Decode(l, root(m), ownMemory{}, Window{})
		if err != nil || len(d.Partial) > 0 {
			t.Fatal(err, d.Partial)
		}
		return d
	}
	before := decode()
	op := func(op OpKind, n int, f func()) {
		f()
		after := decode()
		d := Compare(op, before, after)
		if d.Unexplained > 0 || d.Rule == "" || d.Found != (op == Delete) {
			t.Fatalf("%s %d: %+v", op, n, d)
		}
		seen[d.Rule]++
		for _, c := range d.Changes {
			seen["change "+c.Rule]++
		}
		for _, e := range d.Events {
			seen["event "+string(e)]++
		}
		before = after
	}
	for n := range 20000 {
		op(Assign, n, func() { m[n] = n })
		if n >= 100 {
			op(Delete, n-100, func() { delete(m, n-100) })
		}
	}
	t.Log(seen)
	want := "swiss.delete.group-full"
	if ownKind == Classic {
		want = "classic.assign.same-size-grow"
	}
	if seen[want] == 0 {
		t.Errorf("%s never seen", want)
	}
}

type pair struct {
	A int32
	B int8
}

func TestOwnMaps(t *testing.T) {
	integer := func(i int) int { return i }
	str := func(i int) string { return fmt.Sprintf("key-%d", i) }
	for _, keys := range []int{6, 12, 100, 3000} {
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			steps := 3000
			drive(t, steps, keys, func(i int) int { return i }, integer)
			drive(t, steps, keys, str, str)
			drive(t, steps, keys, func(i int) int32 { return int32(i) }, func(i int) bool { return i%2 == 0 })
			drive(t, steps, keys, func(i int) pair { return pair{int32(i), int8(i)} }, func(i int) [2]int { return [2]int{i, 1} })
			drive(t, steps, keys, func(i int) [20]int { return [20]int{i, 7} }, func(i int) [17]int { return [17]int{16: i} })
			if keys == 3000 {
				drive(t, 9000, 1<<30, func(i int) int64 { return int64(i) }, integer)
			}
			drive(t, steps, keys, str, func(int) struct{} { return struct{}{} })
		})
	}
}

// rawBytes are a value's own bytes.
func rawBytes[T any](v *T) []byte {
	b := make([]byte, unsafe.Sizeof(*v))
	copy(b, unsafe.Slice((*byte)(unsafe.Pointer(v)), len(b)))
	return b
}
