package tracetest

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// ClassicLayout is map[uint64]int as Go 1.23 has it.
func ClassicLayout() *gomap.Layout {
	return &gomap.Layout{
		Kind: gomap.Classic, Type: "map[uint64]int", Key: uint64Type, Elem: intType,
		Header: []gomap.Field{
			{Name: "count", Off: 0, Size: 8},
			{Name: "flags", Off: 8, Size: 1},
			{Name: "B", Off: 9, Size: 1},
			{Name: "noverflow", Off: 10, Size: 2},
			{Name: "hash0", Off: 12, Size: 4, Kind: gomap.FieldHash},
			{Name: "buckets", Off: 16, Size: 8, Kind: gomap.FieldPtr},
			{Name: "oldbuckets", Off: 24, Size: 8, Kind: gomap.FieldPtr},
			{Name: "nevacuate", Off: 32, Size: 8},
			{Name: "extra", Off: 40, Size: 8, Kind: gomap.FieldPtr},
		},
		HeaderSize: 48,
		Row:        gomap.RowLayout{Size: bucketSize, Keys: 8, KeyStride: 8, Elems: 72, ElemStride: 8, Overflow: 136},
	}
}

const (
	bucketSize     = 8 + 8*8 + 8*8 + 8
	emptyRest      = 0
	emptyOne       = 1
	evacuatedX     = 2
	evacuatedY     = 3
	evacuatedEmpty = 4
	minTopHash     = 5
)

// classicMap acts out runtime.hmap.
type classicMap struct {
	heap    *heap
	addr    uint64
	count   int
	b       int
	hash0   uint32
	buckets *buckets
	old     *buckets // while it grows
	evac    int
}

// buckets is an array of buckets, with the chains that hang from them.
type buckets struct {
	at    uint64
	mem   []byte
	chain [][]*bucket // by number: the overflow buckets
}

// bucket is one bucket's memory.
type bucket struct {
	at  uint64
	mem []byte
}

func (h *heap) newBuckets(n int) *buckets {
	return &buckets{h.alloc(n * bucketSize), make([]byte, n*bucketSize), make([][]*bucket, n)}
}

// of returns bucket i and its overflow chain.
func (bs *buckets) of(i int) []*bucket {
	first := &bucket{bs.at + uint64(i*bucketSize), bs.mem[i*bucketSize:][:bucketSize]}
	return append([]*bucket{first}, bs.chain[i]...)
}

func (b *bucket) key(c int) []byte  { return b.mem[8+8*c:][:8] }
func (b *bucket) elem(c int) []byte { return b.mem[72+8*c:][:8] }

func newClassic(h *heap) *classicMap {
	return &classicMap{heap: h, addr: h.alloc(48), hash0: h.rnd.Uint32(), buckets: h.newBuckets(1)}
}

func (m *classicMap) layout() *gomap.Layout { return ClassicLayout() }
func (m *classicMap) root() uint64          { return m.addr }
func (m *classicMap) hash(k uint64) uint64  { return mix(k ^ uint64(m.hash0)) }
func (m *classicMap) bucketOf(h uint64) int { return int(h & (1<<m.b - 1)) }

func tophash(h uint64) byte {
	if t := byte(h >> 56); t >= minTopHash {
		return t
	}
	return byte(h>>56) + minTopHash
}

// growWork moves the old bucket that i comes from, and one more.
func (m *classicMap) growWork(i int) {
	if m.old == nil {
		return
	}
	m.evacuate(i & (len(m.old.chain) - 1))
	if m.old != nil {
		m.evacuate(m.evac)
	}
}

func (m *classicMap) evacuate(i int) {
	chain := m.old.of(i)
	if t := chain[0].mem[0]; t < evacuatedX || t > evacuatedEmpty {
		for _, b := range chain {
			for c := range 8 {
				if b.mem[c] < minTopHash {
					b.mem[c] = evacuatedEmpty
					continue
				}
				k := le.Uint64(b.key(c))
				h := m.hash(k)
				m.insert(h, k, le.Uint64(b.elem(c)))
				b.mem[c] = evacuatedX
				if m.bucketOf(h) >= len(m.old.chain) {
					b.mem[c] = evacuatedY
				}
			}
		}
	}
	for m.evac < len(m.old.chain) {
		if t := m.old.of(m.evac)[0].mem[0]; t < evacuatedX || t > evacuatedEmpty {
			return
		}
		m.evac++
	}
	m.old, m.evac = nil, 0
}

// insert adds a key that is not in the map, to the new buckets.
func (m *classicMap) insert(h, k, v uint64) {
	i := m.bucketOf(h)
	chain := m.buckets.of(i)
	for _, b := range chain {
		for c := range 8 {
			if b.mem[c] <= emptyOne {
				b.mem[c] = tophash(h)
				le.PutUint64(b.key(c), k)
				le.PutUint64(b.elem(c), v)
				return
			}
		}
	}
	b := &bucket{m.heap.alloc(bucketSize), make([]byte, bucketSize)}
	le.PutUint64(chain[len(chain)-1].mem[136:], b.at)
	m.buckets.chain[i] = append(m.buckets.chain[i], b)
	m.insert(h, k, v)
}

// find returns the bucket and cell of a key.
func (m *classicMap) find(h, k uint64) (chain []*bucket, bi, c int) {
	chain = m.buckets.of(m.bucketOf(h))
	if m.old != nil {
		old := m.old.of(m.bucketOf(h) & (len(m.old.chain) - 1))
		if t := old[0].mem[0]; t < evacuatedX || t > evacuatedEmpty {
			chain = old
		}
	}
	for bi, b := range chain {
		for c := range 8 {
			if b.mem[c] >= minTopHash && le.Uint64(b.key(c)) == k {
				return chain, bi, c
			}
		}
	}
	return chain, -1, 0
}

func (m *classicMap) assign(k, v uint64) {
	h := m.hash(k)
	m.growWork(m.bucketOf(h))
	if chain, bi, c := m.find(h, k); bi >= 0 {
		le.PutUint64(chain[bi].elem(c), v)
		return
	}
	if m.old == nil && m.count+1 > 8 && 2*(m.count+1) > 13<<m.b {
		m.old = m.buckets
		m.b++
		m.buckets = m.heap.newBuckets(1 << m.b)
		m.growWork(m.bucketOf(h))
	}
	m.insert(h, k, v)
	m.count++
}

func (m *classicMap) delete(k uint64) {
	if m.count == 0 {
		return
	}
	h := m.hash(k)
	m.growWork(m.bucketOf(h))
	chain, bi, c := m.find(h, k)
	if bi < 0 {
		return
	}
	clear(chain[bi].elem(c))
	chain[bi].mem[c] = emptyOne
	next := byte(emptyRest)
	if c < 7 {
		next = chain[bi].mem[c+1]
	} else if bi+1 < len(chain) {
		next = chain[bi+1].mem[0]
	}
	for next == emptyRest && chain[bi].mem[c] == emptyOne {
		chain[bi].mem[c] = emptyRest
		if c--; c < 0 {
			if bi == 0 {
				break
			}
			bi, c = bi-1, 7
		}
	}
	if m.count--; m.count == 0 {
		m.hash0 = m.heap.rnd.Uint32()
	}
}

func (m *classicMap) clear() {
	clear(m.buckets.mem)
	clear(m.buckets.chain)
	m.old, m.evac, m.count, m.hash0 = nil, 0, 0, m.heap.rnd.Uint32()
}

func (m *classicMap) all() []*buckets {
	if m.old != nil {
		return []*buckets{m.buckets, m.old}
	}
	return []*buckets{m.buckets}
}

func (m *classicMap) keys() []uint64 {
	var ks []uint64
	for _, bs := range m.all() {
		for i := range bs.chain {
			for _, b := range bs.of(i) {
				for c := range 8 {
					if b.mem[c] >= minTopHash {
						ks = append(ks, le.Uint64(b.key(c)))
					}
				}
			}
		}
	}
	return ks
}

func (m *classicMap) regions() []trace.Region {
	head := make([]byte, 48)
	le.PutUint64(head, uint64(m.count))
	head[9] = byte(m.b)
	le.PutUint32(head[12:], m.hash0)
	le.PutUint64(head[16:], m.buckets.at)
	if m.old != nil {
		le.PutUint64(head[24:], m.old.at)
	}
	le.PutUint64(head[32:], uint64(m.evac))
	rs := []trace.Region{{Addr: m.addr, Role: gomap.RoleHeader, Data: head}}
	overflow := 0
	for n, bs := range m.all() {
		rs = append(rs, trace.Region{Addr: bs.at, Role: gomap.RoleRow, Data: append([]byte{}, bs.mem...)})
		for _, chain := range bs.chain {
			for _, b := range chain {
				if n == 0 {
					overflow++
				}
				rs = append(rs, trace.Region{Addr: b.at, Role: gomap.RoleRow, Data: append([]byte{}, b.mem...)})
			}
		}
	}
	le.PutUint16(head[10:], uint16(overflow))
	return rs
}
