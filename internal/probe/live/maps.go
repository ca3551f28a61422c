package live

import (
	"strings"

	"deltui/internal/gomap"
)

// mapTable gives maps their numbers. A heap map is known by its header's
// address and type, for as long as reuse of the address can be excluded: its
// seed must be the one last seen (a delete that empties a map and a clear
// change it, but both are watched, or else nothing can be excluded), or an op must
// be at work on it, which may have changed the seed by now. A map on a
// stack is known by goroutine, place in the stack and type: the address is read
// anew at each stop, and the distance from the stack's upper end stays when
// the stack moves.
//
// Generic code may hand the runtime the type that its instances share
// (map[go.shape.int]int, by clear): such a type says nothing against the map
// that was last seen at the same place.
type mapTable struct {
	known map[mapKey]*knownMap
	last  map[mapKey]*knownMap // the latest at a place: keys without a layout
	byID  map[int]*knownMap
	next  int
}

type mapKey struct {
	addr      uint64 // on a stack: the distance from its upper end
	goroutine int64  // 0 on the heap
	layout    *gomap.Layout
}

type knownMap struct {
	id      int
	layout  *gomap.Layout // as last seen, but a shared type never replaces another
	addr    uint64
	onStack bool
	seed    uint64
	seeded  bool
}

func newMapTable() *mapTable {
	return &mapTable{known: make(map[mapKey]*knownMap), last: make(map[mapKey]*knownMap), byID: make(map[int]*knownMap)}
}

// find returns the map with its header at addr, as far as addresses tell.
func (t *mapTable) find(g goroutine, addr uint64, l *gomap.Layout) *knownMap {
	k := mapKey{addr: addr, layout: l}
	on := g.onStack(addr)
	if on {
		k.addr, k.goroutine = g.hi-addr, g.id
	}
	place := mapKey{addr: k.addr, goroutine: k.goroutine}
	m := t.last[place]
	if m == nil || m.layout != l && (!shared(m.layout) && !shared(l) || !alike(m.layout, l)) {
		m = t.known[k]
	}
	if m == nil {
		m = t.add(k, on)
	}
	if !shared(l) {
		m.layout = l
	}
	t.known[k], t.last[place] = m, m
	m.addr = addr
	return m
}

// shared reports whether a type is one that instances of generic code share.
func shared(l *gomap.Layout) bool { return strings.Contains(l.Type, "go.shape.") }

// alike reports whether maps of two types look the same in memory.
func alike(a, b *gomap.Layout) bool {
	return a.Kind == b.Kind && a.Row == b.Row && a.Key.Kind == b.Key.Kind && a.Key.Size == b.Key.Size && a.Elem.Size == b.Elem.Size &&
		a.KeyIndirect == b.KeyIndirect && a.ElemIndirect == b.ElemIndirect
}

func (t *mapTable) add(k mapKey, onStack bool) *knownMap {
	t.next++
	m := &knownMap{id: t.next, onStack: onStack, layout: k.layout}
	t.known[k] = m
	t.last[mapKey{addr: k.addr, goroutine: k.goroutine}] = m
	t.byID[m.id] = m
	return m
}

// confirm compares what was read of a map with what is known of it, and
// returns a new number for it if it may be another one at the same address: not
// if another op is at work on it.
func (t *mapTable) confirm(m *knownMap, l *gomap.Layout, seed uint64, ok, busy bool) *knownMap {
	if ok && m.seeded && m.seed != seed && !m.onStack && !busy {
		m = t.add(mapKey{addr: m.addr, layout: l}, false)
	}
	m.seed, m.seeded = seed, ok
	return m
}

// seedOf is the seed in a decoded header.
func seedOf(m *gomap.Map) (uint64, bool) {
	for _, f := range m.Header {
		if f.Kind == gomap.FieldHash {
			return f.Value, true
		}
	}
	return 0, false
}
