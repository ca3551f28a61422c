package live

import (
	"reflect"
	"testing"

	"deltui/internal/gomap"
)

// clear in generic code names the type that its instances share; the map is
// the one that other code names by its own type.
func TestSharedTypes(t *testing.T) {
	layout := func(typ string, elem uint64) *gomap.Layout {
		return &gomap.Layout{Type: typ, Key: &gomap.Type{Kind: reflect.Int, Size: 8}, Elem: &gomap.Type{Size: elem}, Row: gomap.RowLayout{Size: 8 + 8*(8+elem)}}
	}
	var (
		own   = layout("map[main.ID]int", 8)
		other = layout("map[main.No]int", 8)
		share = layout("map[go.shape.int]go.shape.int", 8)
		small = layout("map[go.shape.int]go.shape.int8", 1)
		heap  = uint64(0x5000)
		stack = uint64(0x1f00)
		g     = goroutine{id: 1, lo: 0x1000, hi: 0x2000}
	)
	tab := newMapTable()
	for i, c := range []struct {
		addr uint64
		l    *gomap.Layout
		seed uint64
		id   int
		busy bool
	}{
		{heap, own, 1, 1, false},
		{heap, share, 1, 1, false},
		{heap, own, 1, 1, false},
		{heap, share, 2, 2, false}, // another map now
		{heap, own, 2, 2, false},
		{heap, share, 2, 2, false},
		{heap, small, 2, 3, false}, // cannot be the same
		{stack, share, 5, 4, false},
		{stack, own, 6, 4, false},
		{stack, other, 6, 5, false},
		{stack, own, 6, 4, false},
		{heap, own, 9, 6, false},
		{heap, own, 7, 6, true}, // a clear is at work on it
		{heap, own, 7, 6, false},
	} {
		m := tab.confirm(tab.find(g, c.addr, c.l), c.l, c.seed, true, c.busy)
		if m.id != c.id {
			t.Errorf("op %d: map %d, want %d", i, m.id, c.id)
		}
	}
}
