package gomap

import (
	"fmt"
	gomaps "maps"
	"reflect"
	"strings"
	"testing"
)

// TestOwnFresh compares what a fresh map should take with maps that this process's
// runtime makes, empty and with as many entries.
func TestOwnFresh(t *testing.T) {
	sizes(t, func(i int) int { return i }, 1)
	sizes(t, func(i int) string { return fmt.Sprint(i) }, [3]int{})
	sizes(t, func(i int) [40]int { return [40]int{i} }, byte(1))
}

func sizes[K comparable, V any](t *testing.T, key func(int) K, v V) {
	l := ownLayout(reflect.TypeFor[map[K]V]())
	for _, n := range []int{9, 10, 13, 14, 15, 26, 27, 28, 29, 52, 53, 56, 57, 100, 112, 113, 208, 209, 416, 417, 896, 897, 1792, 1793, 2000, 5000} {
		m := make(map[K]V, n)
		sink = m
		want := l.Fresh(uint64(n))
		decoded := func() *Map {
			d, err := Decode(l, root(m), ownMemory{}, Window{})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if got, ok := decoded().Held(); !ok || got != want {
			t.Errorf("make(%s, %d) takes %+v (%v), by the rules %+v", l.Type, n, got, ok, want)
		}
		for i := range n {
			m[key(i)] = v
		}
		d := decoded()
		got, ok := d.Held()
		if extra := uint64(len(d.Rows)) * CellsPerRow; !ok || got.Cells != extra {
			t.Errorf("%s of %d: %d cells (%v), and %d were listed", l.Type, n, got.Cells, ok, extra)
		}
		left := n / 10
		for i := left; i < n; i++ {
			delete(m, key(i))
		}
		kept, _ := decoded().Held()
		held := func(m map[K]V) Size {
			sink = m
			d, err := Decode(l, root(m), ownMemory{}, Window{})
			if err != nil {
				t.Fatal(err)
			}
			s, ok := d.Held()
			if !ok {
				t.Fatal("what a copy holds is not known")
			}
			return s
		}
		// What the advice is worth: a copy is as small as a fresh map. A clone is not
		// in every version: some copy a Swiss map's groups as they are.
		fresh := l.Fresh(uint64(left))
		anew := make(map[K]V, left)
		gomaps.Copy(anew, m)
		if got := held(anew); got.Bytes < fresh.Bytes || got.Bytes > fresh.Bytes && l.Kind != Classic {
			t.Errorf("a copy of %d entries of %s takes %+v, by the rules %+v", left, l.Type, got, fresh)
		}
		if got := held(gomaps.Clone(m)); l.Kind != Classic && got != kept && got != fresh {
			t.Errorf("a clone of %d entries of %s takes %+v, the map itself %+v, a fresh one %+v", left, l.Type, got, kept, fresh)
		}
		if now, ok := decoded().Held(); !ok || now != got {
			t.Errorf("%s of %d: deleting every entry makes %+v of %+v", l.Type, n, now, got)
		}
	}
}

func TestOwnSpare(t *testing.T) {
	m := make(map[int]int)
	for i := range 400 {
		m[i] = i
	}
	sink = m
	l := ownLayout(reflect.TypeOf(m))
	say := func() string {
		d, err := Decode(l, root(m), ownMemory{}, Window{})
		if err != nil {
			t.Fatal(err)
		}
		return d.Spare()
	}
	if got := say(); got != "" {
		t.Errorf("a full map says %q", got)
	}
	for i := 74; i < 400; i++ {
		delete(m, i)
	}
	if got := say(); !strings.HasPrefix(got, "74 of ") || !strings.HasSuffix(got, " would do in a fresh one: copy the entries to make(map[int]int, len(m))") {
		t.Errorf("a map that has shrunk says %q", got)
	} else {
		t.Log(got)
	}
}

// What is not known is not told.
func TestOwnHeldUnknown(t *testing.T) {
	m := make(map[int]int)
	for i := range 3000 {
		m[i] = i
	}
	sink = m
	l := ownLayout(reflect.TypeOf(m))
	d, err := Decode(l, root(m), ownMemory{}, Window{Bytes: 1, Header: true})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := d.Held(); ok && l.Kind == Classic {
		t.Errorf("%+v is told of a map of which the header alone was read", s)
	}
	if _, ok := (&Map{}).Held(); ok {
		t.Error("a nil map holds nothing")
	}
}
