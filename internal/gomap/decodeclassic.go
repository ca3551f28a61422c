package gomap

import "slices"

// flagSameSizeGrow is hmap.flags' bit for a growth to as many buckets.
const flagSameSizeGrow = 8

// maxGap is the largest hole between two overflow buckets over which one read
// goes on: cheaper to read it than to ask again.
const maxGap = 4

// maxChain bounds the length of an overflow chain: each bucket of it is a read.
const maxChain = 1 << 14

func (d *decoder) classic() {
	d.Used = d.field("count")
	exp := d.field("B")
	buckets, old := d.field("buckets"), d.field("oldbuckets")
	oldExp := exp
	if old != 0 && d.field("flags")&flagSameSizeGrow == 0 {
		if exp == 0 {
			d.partial("oldbuckets is set, but B is 0")
			old = 0
		}
		oldExp--
	}
	total := uint64(0)
	if buckets != 0 { // 0: a new map on the heap
		total += arrayLen(exp)
	}
	if old != 0 {
		total += arrayLen(oldExp)
	}
	d.size(total)
	switch {
	case d.Whole:
	case d.w.Header:
		return
	case d.w.Hash.Known:
		d.hashedBuckets(buckets, exp, old, oldExp)
		return
	}
	if buckets != 0 {
		d.buckets(buckets, exp, false)
	}
	if old != 0 {
		d.buckets(old, oldExp, true)
	}
}

// arrayLen is 2^exp, as far as any map can have so many buckets.
func arrayLen(exp uint64) uint64 { return 1 << min(exp, 62) }

// buckets decodes an array of 2^exp buckets and their overflow chains.
func (d *decoder) buckets(addr, exp uint64, old bool) {
	what := "buckets"
	if old {
		what = "old buckets"
	}
	heads := d.array(nil, addr, arrayLen(exp), Where{Table: -1, Old: old, Classic: true}, what)
	chains := d.overflow(heads)
	if len(chains) == 0 {
		d.Rows = append(d.Rows, heads...)
		return
	}
	d.Rows = slices.Grow(d.Rows, len(heads)+len(chains))
	for _, head := range heads {
		d.Rows = append(d.Rows, head)
		w := head.Where
		for next := head.Next; next != 0; {
			r, ok := chains[next]
			if !ok {
				d.partial("%s: its overflow chain is cut off at %#x", w, next)
				break
			}
			if r.Where.Classic {
				d.partial("%s: its overflow chain comes back to %#x", w, next)
				break
			}
			w.Overflow++
			if !r.Read {
				d.partial("%s could not be read", w)
				if !d.list {
					break
				}
			}
			r.Where = w // a row has one place only
			d.Rows = append(d.Rows, *r)
			next = r.Next
		}
	}
}

// overflow reads the overflow buckets of all chains, one level of them after
// the other: so those that lie side by side are read together. The runtime
// allocates them so, right behind the array, for all but the smallest maps.
func (d *decoder) overflow(heads []Row) map[uint64]*Row {
	var level []uint64
	for i := range heads {
		if heads[i].Next != 0 {
			level = append(level, heads[i].Next)
		}
	}
	if level == nil {
		return nil
	}
	size := d.l.Row.Size
	rows := map[uint64]*Row{}
	free := d.w.MaxRows - len(d.Rows) - len(heads)
	for n := 0; len(level) > 0; n++ {
		if n == maxChain {
			d.partial("overflow chains: only %d buckets followed", maxChain)
			break
		}
		slices.Sort(level)
		level = slices.Compact(level)
		level = slices.DeleteFunc(level, func(a uint64) bool { return rows[a] != nil })
		if len(level) > free {
			d.partial("overflow buckets: %d of %d followed", free, len(level))
			level = level[:free]
		}
		free -= len(level)
		d.RowsTotal += uint64(len(level))
		var next []uint64
		for len(level) > 0 {
			k := 1
			for k < len(level) && level[k]-level[k-1] <= maxGap*size && (level[k]-level[0])%size == 0 && level[k]-level[0] < maxRead {
				k++
			}
			d.together(level[:k], rows)
			for _, a := range level[:k] {
				if n := rows[a].Next; n != 0 {
					next = append(next, n)
				}
			}
			level = level[k:]
		}
		level = next
	}
	return rows
}

// together reads the rows at addrs, which ascend by multiples of a row's size.
func (d *decoder) together(addrs []uint64, rows map[uint64]*Row) {
	size := d.l.Row.Size
	run := make([]Row, (addrs[len(addrs)-1]-addrs[0])/size+1)
	for i := range run {
		run[i].Addr = addrs[0] + uint64(i)*size
	}
	d.fill(run)
	for _, a := range addrs {
		rows[a] = &run[(a-addrs[0])/size]
	}
}
