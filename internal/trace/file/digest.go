package file

import (
	"hash/fnv"
	"slices"
	"strconv"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// digest is what is known of a block, or of a part of one, without unpacking
// it: which ops it has, their marks, and enough to tell that no op in it can
// match a query. The digests of all blocks are the index, and are in memory:
// six to eight bytes an op, the mark and what it touches included.
//
// It is written with its part and never changed: a part that is added to a block
// brings the digest of what it adds, and the block's is the sum of its parts'.
//
// For a search it answers "can an op in here match?", and may say yes wrongly but
// never no: sets have all that occurs, ranges reach at least as far, the filter of
// keys lets through one in a hundred that is not there. What cannot be summed up so
// (a key by a part of it, a regular expression over keys) is always "maybe".
//
// IDs, seqs and surveys are counted, not listed: those of a part follow each other,
// so a first number and a count tell which block has one, by bisection, and a gap
// between two parts is one that is missing. Listed is only what breaks that order,
// ops and surveys that have records in a later block than they began in.
type digest struct {
	firstID      trace.OpID
	begun        int
	firstSurvey  int
	surveyed     int
	trace.Bounds              // of the ops that ended here
	others       []trace.OpID // ops that began in an earlier block and have records here
	otherSurveys []int        // likewise, surveys
	pending      []trace.OpID // in progress when it was written; of the last one only

	keys []bloom // one a part
	// touched lists what each op that ended here touches, for who looks for a
	// writer: a count (uvarint) and so many moment.Touch of 3 bytes, op by op. It
	// is not there in what was written by a version that did not have it.
	touched   []byte
	untracked bool
	touchable *touchable // of touched, when the block is whole
	maps      []mapCount

	hashes []uint64 // while it is written: of the keys
}

// mapCount counts the ops of a map, by their beginning.
type mapCount struct {
	ref  trace.MapRef // as of the last of them
	ops  int
	last trace.OpID
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

// after is the digest, empty yet, of the part that follows.
func (d *digest) after() digest {
	return digest{
		firstID: d.firstID + trace.OpID(d.begun), firstSurvey: d.firstSurvey + d.surveyed,
		Bounds: trace.Bounds{FirstSeq: d.FirstSeq + uint64(len(d.Marks))},
	}
}

// empty is a digest of nothing, that begins where d does.
func (d *digest) empty() digest {
	return digest{firstID: d.firstID, firstSurvey: d.firstSurvey, Bounds: trace.Bounds{FirstSeq: d.FirstSeq}}
}

// begin counts an op that has begun.
func (d *digest) begin(op *trace.Op) {
	d.begun++
	d.seen(op.Map, 1, op.ID)
}

// survey counts a look outside any op.
func (d *digest) survey(s *trace.Surveyed) {
	d.surveyed++
	d.seen(s.Map, 0, 0)
}

func (d *digest) seen(m trace.MapRef, ops int, last trace.OpID) {
	if m.ID == 0 {
		return
	}
	// In the order in which they were first seen; a block has few.
	i := slices.IndexFunc(d.maps, func(c mapCount) bool { return c.ref.ID == m.ID })
	if i < 0 {
		i = len(d.maps)
		d.maps = append(d.maps, mapCount{})
	}
	d.maps[i] = mapCount{m, d.maps[i].ops + ops, max(d.maps[i].last, last)}
}

// end takes in an op that has ended, and what it touches.
func (d *digest) end(op *trace.Op, touches []moment.Touch) {
	d.Add(op)
	if len(d.touched)+len(touches)*touchSize > maxTouched {
		touches = []moment.Touch{moment.AllTouch(op.Map.ID)}
	}
	d.touched = appendTouches(d.touched, touches)
	d.hashes = append(d.hashes, keyHash(op.KeyText))
	if plain, err := strconv.Unquote(op.KeyText); err == nil {
		d.hashes = append(d.hashes, keyHash(plain))
	}
}

// other notes an op, or a survey, of an earlier block that has records here.
func (d *digest) other(m trace.Moment) {
	if m.Phase == trace.Survey {
		if !slices.Contains(d.otherSurveys, m.Step) {
			d.otherSurveys = append(d.otherSurveys, m.Step)
		}
	} else if !slices.Contains(d.others, m.Op) {
		d.others = append(d.others, m.Op)
	}
}

// eachOther calls f with what has records here and is of an earlier block.
func (d *digest) eachOther(f func(owner trace.Moment)) {
	for _, id := range d.others {
		f(trace.Moment{Op: id})
	}
	for _, n := range d.otherSurveys {
		f(trace.Moment{Phase: trace.Survey, Step: n})
	}
}

// merge adds the digest of a block's next part.
func (d *digest) merge(o *digest) {
	d.begun += o.begun
	d.surveyed += o.surveyed
	d.Merge(&o.Bounds)
	d.others = append(d.others, o.others...)
	d.otherSurveys = append(d.otherSurveys, o.otherSurveys...)
	d.pending = nil
	d.keys = append(d.keys, o.keys...)
	d.touched, d.untracked = append(d.touched, o.touched...), d.untracked || o.untracked
	d.maps = nil // counted once, in the whole file's list
}

// append appends the digest of a part.
func (d *digest) append(b []byte) []byte {
	if len(d.hashes) > 0 {
		d.keys, d.hashes = []bloom{newBloom(d.hashes)}, nil
	}
	b = appendUint(b, uint64(d.firstID))
	b = appendUint(b, uint64(d.begun))
	b = appendUint(b, d.FirstSeq)
	b = appendUint(b, uint64(len(d.Marks)))
	for _, m := range d.Marks {
		b = append(b, byte(m))
	}
	b = appendUint(b, uint64(d.firstSurvey))
	b = appendUint(b, uint64(d.surveyed))
	for _, ids := range [][]trace.OpID{d.others, d.pending} {
		b = appendUint(b, uint64(len(ids)))
		for _, id := range ids {
			b = appendUint(b, uint64(id))
		}
	}
	b = appendUint(b, uint64(len(d.otherSurveys)))
	for _, n := range d.otherSurveys {
		b = appendUint(b, uint64(n))
	}
	for _, v := range []uint64{d.Kinds, d.Outcomes, d.Found, d.States, d.Events} {
		b = appendUint(b, v)
	}
	for _, v := range append(d.Highest[:], d.MapIDs[:]...) {
		b = appendUint(b, v)
	}
	for _, v := range []int64{d.Used[0], d.Used[1], d.Goroutine[0], d.Goroutine[1]} {
		b = appendInt(b, v)
	}
	b = appendUint(b, uint64(len(d.Names)))
	for _, n := range d.Names {
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
		b = appendUint(b, uint64(slices.Index(d.Names, m.ref.Type)+1))
		if !slices.Contains(d.Names, m.ref.Type) {
			b = appendText(b, m.ref.Type)
		}
		b = appendUint(b, uint64(m.ref.Layout))
		b = appendBool(b, m.ref.OnStack)
		b = appendUint(b, uint64(m.ops))
		b = appendUint(b, uint64(m.last))
	}
	return append(appendUint(b, uint64(len(d.touched))), d.touched...)
}

func (d *digest) parse(b []byte) error {
	r := decoder{b: b}
	d.firstID = trace.OpID(r.small(maxNumber))
	d.begun = r.small(maxRaw / 8)
	d.FirstSeq = uint64(r.small(maxNumber))
	for n := r.count(1); n > 0; n-- {
		m := trace.Mark(r.byte())
		if m < 0x20 || m > 0x7e {
			m = '?'
		}
		d.Marks = append(d.Marks, m)
	}
	d.firstSurvey = r.small(maxNumber)
	d.surveyed = r.small(maxBlockReads)
	for _, ids := range []*[]trace.OpID{&d.others, &d.pending} {
		for n := r.count(1); n > 0; n-- {
			*ids = append(*ids, trace.OpID(r.small(maxNumber)))
		}
	}
	for n := r.count(1); n > 0; n-- {
		d.otherSurveys = append(d.otherSurveys, r.small(maxNumber))
	}
	for _, v := range []*uint64{&d.Kinds, &d.Outcomes, &d.Found, &d.States, &d.Events} {
		*v = r.uint()
	}
	for i := range d.Highest {
		d.Highest[i] = r.uint()
	}
	for i := range d.MapIDs {
		d.MapIDs[i] = r.uint()
	}
	for _, v := range []*int64{&d.Used[0], &d.Used[1], &d.Goroutine[0], &d.Goroutine[1]} {
		*v = r.int()
	}
	for n := r.count(1); n > 0; n-- {
		d.Names = append(d.Names, visible.String(r.text()))
	}
	for n := r.count(1); n > 0; n-- {
		d.keys = append(d.keys, slices.Clone(bloom(r.take(r.count(1)))))
	}
	for n := r.count(6); n > 0; n-- {
		m := mapCount{ref: trace.MapRef{ID: r.small(1 << 31), Addr: r.uint()}}
		if i := r.uint(); i > uint64(len(d.Names)) {
			r.fail()
		} else if i > 0 {
			m.ref.Type = d.Names[i-1]
		} else {
			m.ref.Type = visible.String(r.text())
		}
		m.ref.Layout, m.ref.OnStack = trace.LayoutID(r.small(1<<31)), r.bool()
		m.ops, m.last = r.small(maxNumber), trace.OpID(r.small(maxNumber))
		d.maps = append(d.maps, m)
	}
	if r.err == nil && r.left() == 0 {
		d.untracked = len(d.Marks) > 0
	} else if d.touched = slices.Clone(r.take(r.count(1))); r.err == nil && !trackedAll(d.touched, len(d.Marks)) {
		r.fail()
	}
	if len(d.touched) == 0 {
		d.touched = nil
	}
	if r.err == nil && (d.firstID == 0 || d.FirstSeq == 0 || d.firstSurvey == 0 || !slices.IsSorted(d.Names)) {
		r.fail()
	}
	return r.err
}

// interned makes the digest share the texts that many blocks have.
func (d *digest) interned(texts map[string]string) {
	for i, n := range d.Names {
		s, ok := texts[n]
		if !ok && len(texts) < 1<<16 {
			texts[n], s = n, n
		}
		if s != "" {
			d.Names[i] = s
		}
	}
	d.Names, d.Marks, d.touched = slices.Clip(d.Names), slices.Clip(d.Marks), slices.Clip(d.touched)
	d.touchable = newTouchable(d.touched, len(d.Marks))
	d.others, d.otherSurveys = nil, nil // they are in the whole file's list
}
