package tracetest

import (
	"encoding/binary"
	"reflect"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

var le = binary.LittleEndian

var (
	uint64Type = &gomap.Type{Name: "uint64", Kind: reflect.Uint64, Size: 8}
	intType    = &gomap.Type{Name: "int", Kind: reflect.Int, Size: 8}
)

// SwissLayout is map[uint64]int as Go 1.26 has it.
func SwissLayout() *gomap.Layout {
	return &gomap.Layout{
		Kind: gomap.Swiss, Type: "map[uint64]int", Key: uint64Type, Elem: intType,
		Header: []gomap.Field{
			{Name: "used", Off: 0, Size: 8},
			{Name: "seed", Off: 8, Size: 8, Kind: gomap.FieldHash},
			{Name: "dirPtr", Off: 16, Size: 8, Kind: gomap.FieldPtr},
			{Name: "dirLen", Off: 24, Size: 8},
			{Name: "globalDepth", Off: 32, Size: 1},
			{Name: "globalShift", Off: 33, Size: 1},
			{Name: "writing", Off: 34, Size: 1},
			{Name: "tombstonePossible", Off: 35, Size: 1, Kind: gomap.FieldBool},
			{Name: "clearSeq", Off: 40, Size: 8},
		},
		HeaderSize: 48,
		Row:        gomap.RowLayout{Size: swissGroup, Keys: 8, KeyStride: 16, Elems: 16, ElemStride: 16},
		Table: gomap.TableLayout{
			Size: 32,
			Fields: []gomap.Field{
				{Name: "used", Off: 0, Size: 2},
				{Name: "capacity", Off: 2, Size: 2},
				{Name: "growthLeft", Off: 4, Size: 2},
				{Name: "localDepth", Off: 6, Size: 1},
				{Name: "index", Off: 8, Size: 8, Kind: gomap.FieldSint},
			},
			GroupsData: 16, LengthMask: 24,
		},
	}
}

const (
	swissGroup   = 8 + 8*16
	ctrlEmpty    = 0x80
	ctrlDeleted  = 0xfe
	maxTableSize = 1024
)

// swissMap acts out internal/runtime/maps.Map.
type swissMap struct {
	heap   *heap
	addr   uint64
	used   int
	seed   uint64
	small  *groups   // until the ninth key
	dir    []*swissT // then this
	depth  int
	dirAt  uint64
	tomb   bool
	clears uint64
}

// swissT acts out maps.table.
type swissT struct {
	addr             uint64
	used, growthLeft int
	depth, index     int
	*groups
}

type groups struct {
	at  uint64
	mem []byte
}

func (h *heap) newGroups(n int) *groups {
	g := &groups{at: h.alloc(n * swissGroup), mem: make([]byte, n*swissGroup)}
	for i := range n {
		g.empty(i)
	}
	return g
}

func (g *groups) len() int            { return len(g.mem) / swissGroup }
func (g *groups) ctrl(i int) []byte   { return g.mem[i*swissGroup:][:8] }
func (g *groups) key(i, c int) []byte { return g.mem[i*swissGroup+8+c*16:][:8] }
func (g *groups) elem(i, c int) []byte {
	return g.mem[i*swissGroup+16+c*16:][:8]
}

func (g *groups) empty(i int) {
	for c := range 8 {
		g.ctrl(i)[c] = ctrlEmpty
	}
}

func (g *groups) has(i int, b byte) bool {
	for _, c := range g.ctrl(i) {
		if c == b {
			return true
		}
	}
	return false
}

func (g *groups) set(i, c int, b byte, k, v uint64) {
	g.ctrl(i)[c] = b
	le.PutUint64(g.key(i, c), k)
	le.PutUint64(g.elem(i, c), v)
}

// find follows the probe sequence to a key, or to the place for it: the first
// tombstone or empty cell. found is whether the key is there.
func (g *groups) find(h, k uint64) (i, c int, found bool) {
	mask := g.len() - 1
	ti, tc := -1, 0
	for i, step := int(h>>7)&mask, 1; step <= g.len()+1; i, step = (i+step)&mask, step+1 {
		for c, b := range g.ctrl(i) {
			if b == byte(h&0x7f) && le.Uint64(g.key(i, c)) == k {
				return i, c, true
			}
		}
		for c, b := range g.ctrl(i) {
			if b == ctrlDeleted && ti < 0 {
				ti, tc = i, c
			}
		}
		for c, b := range g.ctrl(i) {
			if b == ctrlEmpty {
				if ti >= 0 {
					return ti, tc, false
				}
				return i, c, false
			}
		}
	}
	return ti, tc, false
}

func (g *groups) each(f func(k, v uint64)) {
	for i := range g.len() {
		for c, b := range g.ctrl(i) {
			if b < ctrlEmpty {
				f(le.Uint64(g.key(i, c)), le.Uint64(g.elem(i, c)))
			}
		}
	}
}

func newSwiss(h *heap) *swissMap {
	return &swissMap{heap: h, addr: h.alloc(48), seed: h.rnd.Uint64()}
}

func (m *swissMap) layout() *gomap.Layout { return SwissLayout() }
func (m *swissMap) root() uint64          { return m.addr }
func (m *swissMap) hash(k uint64) uint64  { return mix(k ^ m.seed) }

func (m *swissMap) table(h uint64) *swissT {
	if m.depth == 0 {
		return m.dir[0]
	}
	return m.dir[h>>(64-m.depth)]
}

func (m *swissMap) newTable(capacity, index, depth int) *swissT {
	return &swissT{addr: m.heap.alloc(32), growthLeft: capacity * 7 / 8, depth: depth, index: index, groups: m.heap.newGroups(capacity / 8)}
}

func (m *swissMap) assign(k, v uint64) {
	h := m.hash(k)
	if m.dir == nil {
		if m.small == nil {
			m.small = m.heap.newGroups(1)
		}
		if i, c, found := m.small.find(h, k); found || m.used < 8 {
			m.small.set(i, c, byte(h&0x7f), k, v)
			if !found {
				m.used++
			}
			return
		}
		t := m.newTable(16, 0, 0)
		m.small.each(func(k, v uint64) { m.insert(t, k, v) })
		m.small, m.dir, m.dirAt = nil, []*swissT{t}, m.heap.alloc(8)
	}
	for {
		t := m.table(h)
		i, c, found := t.find(h, k)
		if found {
			t.set(i, c, byte(h&0x7f), k, v)
			return
		}
		if i >= 0 && t.ctrl(i)[c] == ctrlDeleted {
			t.growthLeft++ // a tombstone is reused for nothing
		}
		if t.growthLeft > 0 {
			m.insert(t, k, v)
			m.used++
			return
		}
		m.rehash(t)
	}
}

// insert adds a key that is not in t.
func (m *swissMap) insert(t *swissT, k, v uint64) {
	h := m.hash(k)
	i, c, _ := t.find(h, k)
	t.set(i, c, byte(h&0x7f), k, v)
	t.used++
	t.growthLeft--
}

// rehash grows t to twice its size, or splits it in two.
func (m *swissMap) rehash(t *swissT) {
	if n := t.len() * 8; n < maxTableSize {
		bigger := m.newTable(2*n, t.index, t.depth)
		t.each(func(k, v uint64) { m.insert(bigger, k, v) })
		for i := range m.dir {
			if m.dir[i] == t {
				m.dir[i] = bigger
			}
		}
		return
	}
	if t.depth == m.depth {
		dir := make([]*swissT, 2*len(m.dir))
		for i := range dir {
			dir[i] = m.dir[i/2]
		}
		m.dir, m.dirAt = dir, m.heap.alloc(8*len(dir))
		m.depth++
	}
	left, right := m.newTable(maxTableSize, 0, t.depth+1), m.newTable(maxTableSize, 0, t.depth+1)
	t.each(func(k, v uint64) {
		if m.hash(k)>>(63-t.depth)&1 == 0 {
			m.insert(left, k, v)
		} else {
			m.insert(right, k, v)
		}
	})
	first, n := -1, 0
	for i := range m.dir {
		if m.dir[i] == t {
			if first < 0 {
				first = i
			}
			n++
		}
	}
	for i := range n {
		m.dir[first+i] = left
		if i >= n/2 {
			m.dir[first+i] = right
		}
	}
	left.index, right.index = first, first+n/2
	for i, t := range m.dir {
		if i == 0 || m.dir[i-1] != t {
			t.index = i
		}
	}
}

func (m *swissMap) delete(k uint64) {
	if m.used == 0 {
		return
	}
	h := m.hash(k)
	if m.dir == nil {
		if i, c, found := m.small.find(h, k); found {
			m.small.ctrl(i)[c] = ctrlEmpty
			clear(m.small.elem(i, c))
			m.used--
		}
	} else {
		t := m.table(h)
		i, c, found := t.find(h, k)
		if !found {
			return
		}
		t.used--
		m.used--
		clear(t.elem(i, c))
		if t.has(i, ctrlEmpty) {
			t.ctrl(i)[c] = ctrlEmpty
			t.growthLeft++
		} else {
			t.ctrl(i)[c] = ctrlDeleted
			m.tomb = true
		}
	}
	if m.used == 0 {
		m.seed = m.heap.rnd.Uint64()
	}
}

func (m *swissMap) clear() {
	for _, t := range m.tables() {
		for i := range t.len() {
			clear(t.mem[i*swissGroup:][:swissGroup])
			t.empty(i)
		}
		t.used, t.growthLeft = 0, t.len()*7
	}
	if m.small != nil {
		clear(m.small.mem)
		m.small.empty(0)
	}
	m.used, m.tomb, m.seed = 0, false, m.heap.rnd.Uint64()
	m.clears++
}

func (m *swissMap) tables() []*swissT {
	var ts []*swissT
	for i, t := range m.dir {
		if i == 0 || m.dir[i-1] != t {
			ts = append(ts, t)
		}
	}
	return ts
}

func (m *swissMap) keys() []uint64 {
	var ks []uint64
	add := func(k, _ uint64) { ks = append(ks, k) }
	if m.small != nil {
		m.small.each(add)
	}
	for _, t := range m.tables() {
		t.each(add)
	}
	return ks
}

// regions is the map's memory as a source reads it, copied.
func (m *swissMap) regions() []trace.Region {
	head := make([]byte, 48)
	le.PutUint64(head, uint64(m.used))
	le.PutUint64(head[8:], m.seed)
	if m.dir == nil {
		if m.small != nil {
			le.PutUint64(head[16:], m.small.at)
		}
	} else {
		le.PutUint64(head[16:], m.dirAt)
	}
	le.PutUint64(head[24:], uint64(len(m.dir)))
	head[32], head[33] = byte(m.depth), byte(64-m.depth)
	if m.tomb {
		head[35] = 1
	}
	le.PutUint64(head[40:], m.clears)
	rs := []trace.Region{{Addr: m.addr, Role: gomap.RoleHeader, Data: head}}
	if m.small != nil {
		return append(rs, trace.Region{Addr: m.small.at, Role: gomap.RoleRow, Data: append([]byte{}, m.small.mem...)})
	}
	if m.dir == nil {
		return rs
	}
	dir := make([]byte, 8*len(m.dir))
	for i, t := range m.dir {
		le.PutUint64(dir[8*i:], t.addr)
	}
	rs = append(rs, trace.Region{Addr: m.dirAt, Role: gomap.RoleDirectory, Data: dir})
	for _, t := range m.tables() {
		b := make([]byte, 32)
		le.PutUint16(b, uint16(t.used))
		le.PutUint16(b[2:], uint16(t.len()*8))
		le.PutUint16(b[4:], uint16(t.growthLeft))
		b[6] = byte(t.depth)
		le.PutUint64(b[8:], uint64(t.index))
		le.PutUint64(b[16:], t.at)
		le.PutUint64(b[24:], uint64(t.len()-1))
		rs = append(rs, trace.Region{Addr: t.addr, Role: gomap.RoleTable, Data: b}, trace.Region{Addr: t.at, Role: gomap.RoleRow, Data: append([]byte{}, t.mem...)})
	}
	return rs
}
