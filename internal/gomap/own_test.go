package gomap

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// ownMemory is the test process's own memory.
type ownMemory struct{}

//go:nocheckptr
func (ownMemory) ReadAt(p []byte, addr uint64, _ Role) error {
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
	if strings.HasPrefix(runtime.Version(), "go1.24") {
		l.Header = slices.DeleteFunc(l.Header, func(f Field) bool { return f.Name == "tombstonePossible" })
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
			if vs := Verify(d); len(vs) > 0 {
				t.Fatalf("%v", vs)
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

// watched is a map of this process whose ops are compared as they happen.
type watched[K comparable, V any] struct {
	t    *testing.T
	m    map[K]V
	l    *Layout
	seen map[string]int
}

func watch[K comparable, V any](t *testing.T) *watched[K, V] {
	w := &watched[K, V]{t: t, m: map[K]V{}, seen: map[string]int{}}
	sink = w.m
	w.l = ownLayout(reflect.TypeOf(w.m))
	return w
}

func (w *watched[K, V]) decode() *Map {
	m, err := Decode(w.l, root(w.m), ownMemory{}, Window{})
	if err != nil || len(m.Partial) > 0 {
		w.t.Fatal(err, m.Partial)
	}
	if vs := Verify(m); len(vs) > 0 {
		w.t.Fatal(vs)
	}
	return m
}

func (w *watched[K, V]) op(op OpKind, k K, f func()) {
	w.t.Helper()
	_, had := w.m[k]
	before := w.decode() // anew: an iterator may have set its flag
	f()
	after := w.decode()
	d := Compare(op, before, after)
	if d.Unexplained > 0 || d.Rule == "" || op != Clear && d.Found != had {
		w.t.Fatalf("%s(%v), had %v: %+v", op, k, had, d)
	}
	w.seen[d.Rule]++
	for _, c := range d.Changes {
		w.seen["change "+c.Rule]++
	}
	for _, e := range d.Events {
		w.seen["event "+string(e)]++
	}
}

func (w *watched[K, V]) assign(k K, v V) { w.op(Assign, k, func() { w.m[k] = v }) }
func (w *watched[K, V]) remove(k K)      { w.op(Delete, k, func() { delete(w.m, k) }) }

// TestOwnChurn deletes the oldest of a hundred keys for each new one: what
// makes tombstones and overflow buckets pile up.
func TestOwnChurn(t *testing.T) {
	w := watch[int, int](t)
	for n := range 6000 {
		w.assign(n, n)
		if n >= 100 {
			w.remove(n - 100)
		}
	}
	t.Log(w.seen)
	want := "swiss.delete.group-full"
	if ownKind == Classic {
		want = "classic.assign.same-size-grow"
	}
	if w.seen[want] == 0 {
		t.Errorf("%s never seen", want)
	}
}

// TestOwnIterated changes maps within loops over them, with keys that are not
// equal to themselves: what evacuation treats in a way of its own.
func TestOwnIterated(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	floats := watch[float64, [3]string](t)
	iterate(floats, rng, func(i int) float64 {
		if i%7 == 0 {
			return math.NaN()
		}
		return float64(i) / 4
	})
	iterate(watch[any, any](t), rng, func(i int) any {
		return []any{i, float64(i), math.NaN(), fmt.Sprint(i), [1]int{i}, any(nil)}[i%6]
	})
	iterate(watch[[33]int32, [40]int32](t), rng, func(i int) [33]int32 { return [33]int32{32: int32(i)} })
}

func iterate[K comparable, V any](w *watched[K, V], rng *rand.Rand, key func(int) K) {
	for round := range 60 {
		for range rng.IntN(60) {
			w.assign(key(rng.IntN(2000)), *new(V))
		}
		limit := rng.IntN(40)
		for k := range w.m {
			switch rng.IntN(3) {
			case 0:
				w.remove(k)
			case 1:
				w.assign(key(rng.IntN(2000)), *new(V))
			}
			if limit--; limit < 0 {
				break
			}
		}
		for range rng.IntN(40) {
			w.remove(key(rng.IntN(2000)))
		}
		if round%25 == 24 {
			w.op(Clear, key(0), func() { clear(w.m) })
		}
	}
	w.t.Log(w.seen)
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
