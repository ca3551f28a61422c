package trace

import (
	"hash/fnv"
	"slices"
	"strconv"

	"deltui/internal/gomap"
	"deltui/internal/visible"
)

// digest is what is known of a block, or of a part of one, without unpacking
// it: which ops it has, their marks, and enough to tell that no op in it can
// match a query. The digests of all blocks are the index, and are in memory:
// two to three bytes an op, the mark included.
type digest struct {
	firstID  OpID
	begun    int
	firstSeq uint64
	marks    []Mark // of the ops that ended here
	others   []OpID // ops that began in an earlier block and have records here
	pending  []OpID // in progress when it was written; of the last one only

	// Of the ops that ended here: sets of what they are, and how high they go.
	kinds, outcomes, found, states, events uint64
	highest                                [4]uint64 // by the fields below
	used, goroutine                        [2]int64  // lowest and highest
	names                                  []string  // functions, callers, types and rules
	keys                                   []bloom   // one a part
	mapIDs                                 [4]uint64 // by the remainder of the ID by 256
	maps                                   []mapCount

	hashes []uint64 // while it is written: of the keys
}

// Indexes of digest.highest.
const (
	highTombstones = iota
	highChanges
	highDrift
	highUnexplained
)

// mapCount counts the ops of a map, by their beginning.
type mapCount struct {
	ref  MapRef // as of the last of them
	ops  int
	last OpID
}

// bloom holds the keys of ops: a key that is not in it is in none.
type bloom []byte

const (
	bloomBits   = 10 // a key
	bloomHashes = 4  // together they let through one key in a hundred
)

// keyHash is what [newBloom] makes a filter of.
func keyHash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64()
}

func newBloom(hashes []uint64) bloom {
	b := make(bloom, max((len(hashes)*bloomBits+7)/8, 8))
	for _, h := range hashes {
		for i := range uint64(bloomHashes) {
			p := b.place(h, i)
			b[p/8] |= 1 << (p % 8)
		}
	}
	return b
}

func (b bloom) place(h, i uint64) uint64 { return (h>>32 + i*(h&0xffffffff)) % uint64(len(b)*8) }

func (b bloom) has(h uint64) bool {
	if len(b) == 0 {
		return false
	}
	for i := range uint64(bloomHashes) {
		p := b.place(h, i)
		if b[p/8]&(1<<(p%8)) == 0 {
			return false
		}
	}
	return true
}

// hasKey reports whether an op's key may be this one.
func (d *digest) hasKey(key string) bool {
	h := keyHash(key)
	return slices.ContainsFunc(d.keys, func(b bloom) bool { return b.has(h) })
}

var allEvents = []gomap.Event{gomap.Grow, gomap.SameSizeGrow, gomap.Evacuate, gomap.Split, gomap.Rehash, gomap.Prune, gomap.Reseed}

// eventBit is the bit of an event in digest.events; the last is for any other.
func eventBit(e gomap.Event) uint64 {
	if i := slices.Index(allEvents, e); i >= 0 {
		return 1 << i
	}
	return 1 << 63
}

func bit[T ~uint8](v T) uint64 { return 1 << min(v, 63) }

// The bits of digest.found.
const (
	foundYes = 1 << iota
	foundNo
	foundUnknown
)

func foundBit(s Summary) uint64 {
	switch {
	case !s.FoundKnown:
		return foundUnknown
	case s.Found:
		return foundYes
	}
	return foundNo
}

// begin counts an op that has begun.
func (d *digest) begin(op *Op) {
	d.begun++
	if op.Map.ID == 0 {
		return
	}
	// In the order of their first op; a block has few.
	i := slices.IndexFunc(d.maps, func(m mapCount) bool { return m.ref.ID == op.Map.ID })
	if i < 0 {
		i = len(d.maps)
		d.maps = append(d.maps, mapCount{})
	}
	d.maps[i] = mapCount{op.Map, d.maps[i].ops + 1, op.ID}
}

// end takes in an op that has ended.
func (d *digest) end(op *Op) {
	s := &op.Summary
	if len(d.marks) == 0 {
		d.used = [2]int64{int64(s.Used[1]), int64(s.Used[1])}
		d.goroutine = [2]int64{op.Goroutine, op.Goroutine}
	}
	d.marks = append(d.marks, s.Mark)
	d.kinds |= bit(op.Kind)
	d.outcomes |= bit(op.Outcome)
	d.found |= foundBit(*s)
	for _, st := range s.To {
		d.states |= bit(st)
	}
	for _, e := range s.Events {
		d.events |= eventBit(e)
	}
	for i, n := range []int{s.Tombstones[1], s.Changes, op.Drift, s.Unexplained} {
		d.highest[i] = max(d.highest[i], uint64(max(n, 0)))
	}
	widen(&d.used, int64(s.Used[1]))
	widen(&d.goroutine, op.Goroutine)
	for _, n := range []string{op.Func, caller(op), op.Map.Type, s.Rule} {
		d.name(n)
	}
	d.mapIDs[op.Map.ID&3] |= 1 << (op.Map.ID >> 2 & 63)
	d.hashes = append(d.hashes, keyHash(op.KeyText))
	if plain, err := strconv.Unquote(op.KeyText); err == nil {
		d.hashes = append(d.hashes, keyHash(plain))
	}
}

// other notes an op that began in an earlier block.
func (d *digest) other(id OpID) {
	if !slices.Contains(d.others, id) {
		d.others = append(d.others, id)
	}
}

func widen(r *[2]int64, v int64) {
	r[0], r[1] = min(r[0], v), max(r[1], v)
}

func (d *digest) name(n string) {
	if i, ok := slices.BinarySearch(d.names, n); !ok {
		d.names = slices.Insert(d.names, i, n)
	}
}

// merge adds the digest of a block's next part.
func (d *digest) merge(o *digest) {
	if len(d.marks) == 0 {
		d.used, d.goroutine = o.used, o.goroutine
	} else if len(o.marks) > 0 {
		widen(&d.used, o.used[0])
		widen(&d.used, o.used[1])
		widen(&d.goroutine, o.goroutine[0])
		widen(&d.goroutine, o.goroutine[1])
	}
	d.begun += o.begun
	d.marks = append(d.marks, o.marks...)
	d.others = append(d.others, o.others...)
	d.pending = nil
	d.kinds |= o.kinds
	d.outcomes |= o.outcomes
	d.found |= o.found
	d.states |= o.states
	d.events |= o.events
	for i := range d.highest {
		d.highest[i] = max(d.highest[i], o.highest[i])
	}
	for _, n := range o.names {
		d.name(n)
	}
	d.keys = append(d.keys, o.keys...)
	for i := range d.mapIDs {
		d.mapIDs[i] |= o.mapIDs[i]
	}
	d.maps = nil // counted once, in the whole file's list
}

// append appends the digest of a part.
func (d *digest) append(b []byte) []byte {
	if len(d.hashes) > 0 {
		d.keys, d.hashes = []bloom{newBloom(d.hashes)}, nil
	}
	b = appendUint(b, uint64(d.firstID))
	b = appendUint(b, uint64(d.begun))
	b = appendUint(b, d.firstSeq)
	b = appendUint(b, uint64(len(d.marks)))
	for _, m := range d.marks {
		b = append(b, byte(m))
	}
	for _, ids := range [][]OpID{d.others, d.pending} {
		b = appendUint(b, uint64(len(ids)))
		for _, id := range ids {
			b = appendUint(b, uint64(id))
		}
	}
	for _, v := range []uint64{d.kinds, d.outcomes, d.found, d.states, d.events} {
		b = appendUint(b, v)
	}
	for _, v := range append(d.highest[:], d.mapIDs[:]...) {
		b = appendUint(b, v)
	}
	for _, v := range []int64{d.used[0], d.used[1], d.goroutine[0], d.goroutine[1]} {
		b = appendInt(b, v)
	}
	b = appendUint(b, uint64(len(d.names)))
	for _, n := range d.names {
		b = appendText(b, n)
	}
	b = appendUint(b, uint64(len(d.keys)))
	for _, k := range d.keys {
		b = append(appendUint(b, uint64(len(k))), k...)
	}
	b = appendUint(b, uint64(len(d.maps)))
	for _, m := range d.maps {
		b = appendUint(b, uint64(m.ref.ID))
		b = appendUint(b, m.ref.Addr)
		b = appendUint(b, uint64(slices.Index(d.names, m.ref.Type)+1))
		if !slices.Contains(d.names, m.ref.Type) {
			b = appendText(b, m.ref.Type)
		}
		b = appendUint(b, uint64(m.ref.Layout))
		b = appendBool(b, m.ref.OnStack)
		b = appendUint(b, uint64(m.ops))
		b = appendUint(b, uint64(m.last))
	}
	return b
}

func (d *digest) parse(b []byte) error {
	r := decoder{b: b}
	d.firstID = OpID(r.small(maxNumber))
	d.begun = r.small(maxRaw / 8)
	d.firstSeq = uint64(r.small(maxNumber))
	for n := r.count(1); n > 0; n-- {
		m := Mark(r.byte())
		if m < 0x20 || m > 0x7e {
			m = '?'
		}
		d.marks = append(d.marks, m)
	}
	for _, ids := range []*[]OpID{&d.others, &d.pending} {
		for n := min(r.count(1), maxPending+1); n > 0; n-- {
			*ids = append(*ids, OpID(r.small(maxNumber)))
		}
	}
	for _, v := range []*uint64{&d.kinds, &d.outcomes, &d.found, &d.states, &d.events} {
		*v = r.uint()
	}
	for i := range d.highest {
		d.highest[i] = r.uint()
	}
	for i := range d.mapIDs {
		d.mapIDs[i] = r.uint()
	}
	for _, v := range []*int64{&d.used[0], &d.used[1], &d.goroutine[0], &d.goroutine[1]} {
		*v = r.int()
	}
	for n := r.count(1); n > 0; n-- {
		d.names = append(d.names, visible.String(r.text()))
	}
	for n := r.count(1); n > 0; n-- {
		d.keys = append(d.keys, slices.Clone(bloom(r.take(r.count(1)))))
	}
	for n := r.count(6); n > 0; n-- {
		m := mapCount{ref: MapRef{ID: r.small(1 << 31), Addr: r.uint()}}
		if i := r.uint(); i > uint64(len(d.names)) {
			r.fail()
		} else if i > 0 {
			m.ref.Type = d.names[i-1]
		} else {
			m.ref.Type = visible.String(r.text())
		}
		m.ref.Layout, m.ref.OnStack = LayoutID(r.small(1<<31)), r.bool()
		m.ops, m.last = r.small(maxNumber), OpID(r.small(maxNumber))
		d.maps = append(d.maps, m)
	}
	if r.err == nil && (d.firstID == 0 || d.firstSeq == 0 || !slices.IsSorted(d.names)) {
		r.fail()
	}
	return r.err
}

// interned makes the digest share the texts that many blocks have.
func (d *digest) interned(texts map[string]string) {
	for i, n := range d.names {
		s, ok := texts[n]
		if !ok && len(texts) < 1<<16 {
			texts[n], s = n, n
		}
		if s != "" {
			d.names[i] = s
		}
	}
	d.names, d.marks, d.others = slices.Clip(d.names), slices.Clip(d.marks), slices.Clip(d.others)
}
