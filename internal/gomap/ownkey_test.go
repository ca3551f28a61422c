package gomap

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// boxed is a key whose equals lie in other boxes.
type boxed struct {
	ID   int32
	_    int32
	What any
}

// failing is a memory in which nothing that a key leads to was read.
type failing struct{ Memory }

func (f failing) ReadAt(p []byte, addr uint64, as Role) error {
	if as != RoleRow && as != RoleHeader && as != RoleDirectory && as != RoleTable {
		return ErrUnread
	}
	return f.Memory.ReadAt(p, addr, as)
}

// deletes deletes the keys of a map of this process in a random order, while
// others come: each with a key made anew. It looks for the cell by the key
// before, and by what changed after.
func deletes[K comparable](t *testing.T, name string, n int, types ownTypes, key func(i int) K, more ...any) {
	t.Run(fmt.Sprintf("%s of %d", name, n), func(t *testing.T) {
		ts := typesOf(more...)
		for a, ty := range types {
			ts[a] = ty
		}
		m := map[K]int{}
		sink = m
		l := ownLayout(reflect.TypeOf(m))
		decode := func() *Map {
			d, err := Decode(l, root(m), ownMemory{}, Window{})
			if err != nil || len(d.Partial) > 0 {
				t.Fatal(err, d.Partial)
			}
			return d
		}
		elem := func(before *Map, at Place) int {
			b, _, err := l.ReadElem(ownMemory{}, &before.Rows[at.Row], at.Cell, 8)
			if err != nil {
				t.Fatal(err)
			}
			return int(scalar(b, true))
		}
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		next, moved := 0, 0
		// A growth ends within a few ops. Where none of its old buckets has had a
		// delete yet, the next ops are deletes, so that one has.
		wanted := func() bool {
			return ownKind == Classic && moved == 0 && slices.ContainsFunc(decode().Rows, func(r Row) bool { return r.Where.Old })
		}
		var alive []int
		for step := range 3 * n {
			for next < n && rng.IntN(3) > 0 && !wanted() {
				m[key(next)] = next
				alive = append(alive, next)
				next++
			}
			if len(alive) == 0 {
				continue
			}
			at := rng.IntN(len(alive))
			i := alive[at]
			alive[at] = alive[len(alive)-1]
			alive = alive[:len(alive)-1]
			k := key(i)
			absent := key(n + step)
			before := decode()
			raw := rawBytes(&k)
			if reflect.TypeFor[K]() == reflect.TypeFor[boxed]() {
				raw[4] ^= 0x55 // what stands in a blank field is no part of the value
			}
			s := &Search{Map: before, Mem: ownMemory{}, Key: raw, KeyMem: ownMemory{}, Types: ts}
			found, sure := s.Find()
			if sure != Equal || elem(before, found) != i {
				t.Fatalf("before delete(m, %v): %v, %v", k, found, sure)
			}
			none := &Search{Map: before, Mem: ownMemory{}, Key: rawBytes(&absent), KeyMem: ownMemory{}, Types: ts}
			if p, sure := none.Find(); sure != Differs {
				t.Fatalf("%v is not there: %v, %v", absent, p, sure)
			}
			// What stood in the cell, for memory is not kept here.
			was := make(map[Place]int)
			for r := range before.Rows {
				for c := range CellsPerRow {
					if l.State(&before.Rows[r], c).Live() {
						was[Place{r, c}] = elem(before, Place{r, c})
					}
				}
			}
			kept := s.Map
			hold := keep(t, l, before)
			delete(m, k)
			after := decode()
			d := Compare(Delete, before, after)
			part := *kept
			part.Partial = []string{"a chain could not be followed"}
			for way, mem := range []Memory{hold, failing{hold}, failing{hold}} {
				s := &Search{Map: []*Map{kept, kept, &part}[way], Mem: mem, Key: rawBytes(&k), KeyMem: mem, Types: ts}
				at, ok := s.Emptied(d, after)
				if way > 0 && !emptied(d) {
					moved++
					continue // which of the entries that moved it was, only keys can tell
				}
				if !ok || was[at] != i {
					t.Fatalf("delete(m, %v) from %v, %v, whose elem was %d; %+v", k, at, ok, was[at], d)
				}
			}
			if step%5 == 0 {
				d := Compare(Delete, after, after)
				if at, ok := (&Search{Map: after, Mem: ownMemory{}, Key: rawBytes(&k), KeyMem: ownMemory{}, Types: ts}).Emptied(d, after); ok {
					t.Fatalf("a delete that did nothing emptied %v", at)
				}
			}
		}
		if ownKind == Classic && n > 100 && moved == 0 {
			t.Error("no key was deleted from an old bucket")
		}
	})
}

// emptied reports whether a cell went from full to empty or deleted.
func emptied(d *Delta) bool {
	return slices.ContainsFunc(d.Changes, func(c Change) bool {
		return c.State[0] == Full && (c.State[1] == EmptyOne || c.State[1] == EmptyRest || c.State[1] == Empty || c.State[1] == Deleted)
	})
}

// kept is memory as it was: rows, and behind them this process's own.
type kept struct {
	rows map[uint64][]byte
	size uint64
}

func keep(t *testing.T, l *Layout, m *Map) kept {
	t.Helper()
	k := kept{make(map[uint64][]byte), l.Row.Size}
	for i := range m.Rows {
		b := make([]byte, l.Row.Size)
		if err := (ownMemory{}).ReadAt(b, m.Rows[i].Addr, RoleRow); err != nil {
			t.Fatal(err)
		}
		k.rows[m.Rows[i].Addr] = b
	}
	return k
}

func (k kept) ReadAt(p []byte, addr uint64, as Role) error {
	if as != RoleRow {
		return ownMemory{}.ReadAt(p, addr, as)
	}
	for at, b := range k.rows {
		if addr >= at && addr < at+k.size {
			copy(p, b[addr-at:])
			return nil
		}
	}
	return ErrUnread
}

// own makes a string that shares its bytes with no other.
func own(i int) string { return strings.Clone(fmt.Sprint("key ", i)) }

func TestOwnSearch(t *testing.T) {
	// What a deleted cell led to is looked at once more.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	types := typesOf(1, "", 2.5, boxed{}, [2]any{}, syscall.Signal(1), &boxed{}, pair{}, struct{}{}, [3]int{})
	pointers := make([]boxed, 1<<12)
	for _, n := range []int{7, 60, 400} {
		deletes(t, "int", n, types, func(i int) int { return i })
		deletes(t, "string", n, types, own)
		deletes(t, "any", n, types, func(i int) any {
			return []any{i << 10, own(i), float64(i) + 1000.5, boxed{ID: int32(i), What: own(i)}, [2]any{i << 10, own(i)}, &pointers[i%len(pointers)], [3]int{i, 1, 2}}[i%7]
		})
		deletes(t, "struct", n, types, func(i int) boxed { return boxed{int32(i), 0, any(i << 10)} })
		deletes(t, "array", n, types, func(i int) [2]any { return [2]any{own(i), i << 10} })
		deletes(t, "signal", n, types, func(i int) os.Signal { return syscall.Signal(i + 1000) })
		deletes(t, "indirect", n, types, func(i int) [20]string { return [20]string{19: own(i)} })
		deletes(t, "nothing to tell apart", n, types, func(i int) [2]string { return [2]string{"same", own(i)} })
	}
}

// TestSearchZero: 0.0 deletes -0.0, at whatever depth; NaN deletes nothing.
func TestOwnSearchZero(t *testing.T) {
	minus := math.Copysign(0, -1)
	zero := func(name string, l *Layout, r uint64, keys [2][]byte, types Types) {
		m, err := Decode(l, r, ownMemory{}, Window{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []Match{Equal, Differs} {
			s := &Search{Map: m, Mem: ownMemory{}, Key: keys[i], KeyMem: ownMemory{}, Types: types}
			if _, got := s.Find(); got != want {
				t.Errorf("%s, key %d: %v, want %v", name, i, got, want)
			}
		}
	}
	types := typesOf(1.5, complex(1, 2))
	nan := math.NaN()
	{
		m, a, b := map[float64]int{minus: 1, nan: 2}, 0.0, nan
		zero("float64", ownLayout(reflect.TypeOf(m)), root(m), [2][]byte{rawBytes(&a), rawBytes(&b)}, types)
	}
	{
		m, a, b := map[[2]float32]int{{float32(minus), 1}: 1}, [2]float32{0, 1}, [2]float32{0, float32(nan)}
		zero("array", ownLayout(reflect.TypeOf(m)), root(m), [2][]byte{rawBytes(&a), rawBytes(&b)}, types)
	}
	{
		m, a, b := map[complex128]int{complex(minus, 1): 1}, complex(0, 1), complex(0, nan)
		zero("complex128", ownLayout(reflect.TypeOf(m)), root(m), [2][]byte{rawBytes(&a), rawBytes(&b)}, types)
	}
	{
		var boxedNaN any = nan
		m, a := map[any]int{minus: 1, boxedNaN: 2}, any(0.0)
		zero("any", ownLayout(reflect.TypeOf(m)), root(m), [2][]byte{rawBytes(&a), rawBytes(&boxedNaN)}, types)
	}
}

// TestSearchUnread: where what keys lead to was not read, nobody knows; and a key
// of which a part is known is not looked for.
func TestOwnSearchUnread(t *testing.T) {
	m := map[string]int{"one": 1, "two": 2, "three": 3}
	d, err := Decode(ownLayout(reflect.TypeOf(m)), root(m), ownMemory{}, Window{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key    string
		mem    Memory
		follow int
		cut    int
		want   Match
	}{
		{strings.Clone("two"), ownMemory{}, 0, 0, Equal},
		{strings.Clone("two"), failing{ownMemory{}}, 0, 0, Unsure},
		{strings.Clone("twelve"), failing{ownMemory{}}, 0, 0, Differs}, // none has its length
		{strings.Clone("six"), ownMemory{}, 1, 0, Unsure},
		{strings.Clone("two"), ownMemory{}, 0, 8, Unsure},
	} {
		s := &Search{Map: d, Mem: tt.mem, Key: rawBytes(&tt.key)[tt.cut:], KeyMem: ownMemory{}, Follow: tt.follow}
		if _, got := s.Find(); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
