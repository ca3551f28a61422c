package gomap

import (
	"reflect"
	"slices"
)

// Evacuation moves each full cell of an old bucket, in order, to the next free
// cell of one of two new buckets: x, with the old bucket's number, or y, which
// is as many further as there were old buckets. (A growth to as many buckets
// has x only.)
//
//	old bucket 1      ab 01 7c 22 00 …  →  02 04 03 02 04 …
//	bucket 1 (x)      ab 22 00 …
//	bucket 1+2^B (y)  7c 00 …
//
// Which way a cell went stands in the old bucket, unless that is gone: then
// the two new buckets tell, since their order is that of the old one.

// source is a full cell of an evacuated chain.
type source struct {
	top byte
	way int // 0 is x, 1 is y, -1 is not known
}

// evacuate explains what moved from the old buckets: before the op they were in
// before's old array, or, where the growth began in this op, in its only one. exp
// is the logarithm of their number. It notes in into the new buckets that were
// filled.
func (e *evacuation) evacuate(old bool, exp uint64, into map[uint64]bool) {
	if exp >= 62 {
		return
	}
	left, _ := e.a.Field("oldbuckets")
	gone := e.finished || e.grew && left == 0
	for _, h := range e.b.heads(old) {
		o := e.b.Rows[h].Where.Row
		rows, ok := chain(e.b, h)
		if was := rows[0].Ctrl[0]; !rows[0].Read || !e.grew && was >= evacuatedX && was <= evacuatedEmpty {
			continue // evacuated before this op
		}
		var now []Row
		if !gone {
			k := e.a.bucket(o, true)
			if k < 0 {
				continue
			}
			now, _ = chain(e.a, k)
			if is := now[0].Ctrl[0]; !now[0].Read || is < evacuatedX || is > evacuatedEmpty {
				continue // not evacuated yet
			}
		}
		e.evacuated = append(e.evacuated, o)
		e.event(Evacuate)
		src, marks := e.sources(rows, now)
		to := [2]uint64{o, o + 1<<exp}
		ways := to[:2]
		if e.sameSize {
			ways = to[:1]
		}
		for _, j := range ways {
			into[j] = true
		}
		if ok && marks && e.arrive(src, ways) {
			e.marks(rows, now)
		}
	}
}

// sources lists the full cells of an old chain, with the marks that are left
// in now, and whether those are as evacuation leaves them.
func (e *evacuation) sources(rows, now []Row) (src []source, ok bool) {
	ok = true
	for i, top := range cells(rows) {
		way := -1
		if k := i / CellsPerRow; k < len(now) && now[k].Read {
			switch mark := now[k].Ctrl[i%CellsPerRow]; {
			case top <= emptyOne:
				ok = ok && mark == evacuatedEmpty
			case mark == evacuatedX || mark == evacuatedY && !e.sameSize:
				way = int(mark - evacuatedX)
			default:
				ok = false
			}
		}
		if e.sameSize {
			way = 0
		}
		switch {
		case top >= minTopHash:
			src = append(src, source{top, way})
		case top > emptyOne:
			ok = false // half of the chain was evacuated before: never so
		}
	}
	return src, ok
}

// marks names the rules of an old chain's cells.
func (e *evacuation) marks(rows, now []Row) {
	for k := range now {
		if k >= len(rows) || !now[k].Read {
			return
		}
		for i, mark := range now[k].Ctrl {
			switch mark {
			case evacuatedX:
				e.mark(now, k*CellsPerRow+i, "classic.evacuate.x")
			case evacuatedY:
				e.mark(now, k*CellsPerRow+i, "classic.evacuate.y")
			case evacuatedEmpty:
				e.mark(now, k*CellsPerRow+i, "classic.evacuate.empty")
			}
		}
	}
}

// arrive explains the chains that the sources went to, x and, unless the growth
// is to as many buckets, y: with the op's own change in one of them, or without.
func (e *evacuation) arrive(src []source, ways []uint64) bool {
	var to [2][]Row
	for way, j := range ways {
		k := e.a.bucket(j, false)
		if k < 0 {
			return false
		}
		rows, ok := chain(e.a, k)
		if !ok {
			return false
		}
		to[way] = rows
		// A new bucket is empty until its old one is evacuated.
		if k := e.b.bucket(j, false); !e.grew && k >= 0 {
			if rows, _ := chain(e.b, k); len(rows) != 1 || rows[0].Read && rows[0].Ctrl != [CellsPerRow]byte{} {
				return false
			}
		}
	}
	if len(src) > maxSources {
		return false
	}
	d := dealer{src: src, to: [2][]byte{cells(to[0]), cells(to[1])}}
	gone := e.op == Delete && e.done == "" && e.b.Used-e.a.Used == 1
	extra := e.op == Assign && e.done == "" && e.a.Used-e.b.Used == 1
	nan := e.irreflexive()
	if !d.solve(0, false, false) && !(gone && d.solve(1, false, false)) && !(extra && d.solve(0, true, false)) &&
		!(nan && (d.solve(0, false, true) || gone && d.solve(1, false, true) || extra && d.solve(0, true, true))) {
		return false
	}
	var mid [2][]byte
	for i, s := range src {
		mid[d.ways[i]] = append(mid[d.ways[i]], s.top)
	}
	for way := range mid {
		now := d.to[way]
		for i := range mid[way] {
			if now[i] >= minTopHash {
				mid[way][i] = now[i] // a NaN gets a new one
			}
		}
		for len(mid[way]) < len(now) && len(mid[way])%CellsPerRow != 0 || len(mid[way]) == 0 && len(now) > 0 {
			mid[way] = append(mid[way], emptyRest)
		}
		for i, b := range mid[way] {
			if b >= minTopHash {
				e.mark(to[way], i, "classic.evacuate.arrive")
			}
		}
		if len(mid[way]) != len(now) || !slices.Equal(mid[way], now) {
			if !e.own(mid[way], to[way], true) {
				return false
			}
		}
	}
	return true
}

// irreflexive reports whether keys may differ from themselves while an
// iterator runs: the runtime deals such keys out by a new random tophash.
func (e *evacuation) irreflexive() bool {
	flags, _ := e.b.Field("flags") // a growth that begins resets the bit
	return flags&flagIterator != 0 && !e.grew && mayBeNaN(e.l.Key, 0)
}

func mayBeNaN(t *Type, depth int) bool {
	if t == nil || depth > maxDepth {
		return false
	}
	switch t.Kind {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return true
	case reflect.Array:
		return mayBeNaN(t.Elem, depth+1)
	case reflect.Struct:
		for i := range t.Fields {
			if mayBeNaN(t.Fields[i].Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// maxSources bounds the dealer's work, which grows with the square: a chain of
// 128 buckets.
const maxSources = 1024

// dealer finds ways for the sources such that, dealt out in order, they make
// the two new chains.
type dealer struct {
	src    []source
	to     [2][]byte
	extra  bool // one cell more, at the end of a chain: the op's insertion
	anyTop bool
	failed map[[3]int]bool
	ways   []int
}

// solve deals: with gone sources missing, with one cell extra.
func (d *dealer) solve(gone int, extra, anyTop bool) bool {
	d.extra, d.anyTop = extra, anyTop
	d.failed = map[[3]int]bool{}
	d.ways = make([]int, len(d.src))
	return d.deal(0, 0, gone)
}

// deal places the sources from i on, x of which are in chain 0 so far; gone is
// how many may be missing: deleted again in this op.
func (d *dealer) deal(i, x, gone int) bool {
	at := [2]int{x, i - x}
	if i == len(d.src) {
		return gone == 0 && d.ends(at)
	}
	key := [3]int{i, x, gone}
	if d.failed[key] {
		return false
	}
	s := d.src[i]
	for way := range 2 {
		if s.way >= 0 && s.way != way || at[way] >= len(d.to[way]) {
			continue
		}
		now := d.to[way][at[way]]
		left := gone
		switch {
		case now == s.top:
		case d.anyTop && now >= minTopHash && int(s.top&1) == way: // its low bit led the way
		case now <= emptyOne && gone > 0:
			left--
		default:
			continue
		}
		d.ways[i] = way
		next := x
		if way == 0 {
			next++
		}
		if d.deal(i+1, next, left) {
			d.ways[i] = way
			return true
		}
	}
	d.failed[key] = true
	return false
}

// ends reports whether the rest of both chains is empty.
func (d *dealer) ends(at [2]int) bool {
	extra := d.extra
	for way, to := range d.to {
		for i, b := range to[at[way]:] {
			switch {
			case b == emptyRest:
			case extra && i == 0 && b >= minTopHash:
				extra = false
			default:
				return false
			}
		}
	}
	return !extra
}
