package gomap

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// classicModel is a classic map[float64]uint64: buckets of 8 control bytes, 8
// keys, 8 elems and a link.
type classicModel struct {
	*arena
	h        uint64
	hs       *hasher
	pointers bool // as if buckets held pointers: evacuated ones are unlinked
	spare    []uint64
	load     int // entries per 2 buckets over which it grows: 13
	t        told
}

const (
	cCount, cFlags, cB, cNover, cHash0 = 0, 8, 9, 10, 12
	cBuckets, cOld, cNevac             = 16, 24, 32
	bucketSize, bucketLink             = 144, 136
)

func (c *classicModel) field(off uint64) uint64 { return c.u64(c.h + off) }
func (c *classicModel) b() int                  { return int(c.u8(c.h + cB)) }
func (c *classicModel) flag(f byte) bool        { return c.u8(c.h+cFlags)&f != 0 }

func (c *classicModel) setFlag(f byte, on bool) {
	v := c.u8(c.h+cFlags) &^ f
	if on {
		v |= f
	}
	c.put8(c.h+cFlags, v)
}

// array makes 2^b buckets; from 16 on with spare ones behind them.
func (c *classicModel) array(b int) uint64 {
	n := 1 << b
	extra := 0
	if b >= 4 {
		extra = n / 16
	}
	addr := c.alloc((n + extra) * bucketSize)
	c.spare = nil
	for i := range extra {
		c.spare = append(c.spare, addr+uint64((n+i)*bucketSize))
	}
	return addr
}

// link appends an overflow bucket to the one at last.
func (c *classicModel) link(last uint64) uint64 {
	var o uint64
	if len(c.spare) > 0 {
		o, c.spare = c.spare[0], c.spare[1:]
	} else {
		o = c.alloc(bucketSize)
	}
	c.put16(c.h+cNover, c.u16(c.h+cNover)+1)
	c.put64(last+bucketLink, o)
	return o
}

func (c *classicModel) next(bucket uint64) uint64 { return c.u64(bucket + bucketLink) }

// tops is a hash's control byte.
func tops(hash uint64) byte {
	if t := byte(hash >> 56); t >= 5 {
		return t
	} else {
		return t + 5
	}
}

// cell is a place: control byte, key and elem.
func cellAt(bucket uint64, i int) (ctrl, key, elem uint64) {
	return bucket + uint64(i), bucket + 8 + 8*uint64(i), bucket + 72 + 8*uint64(i)
}

// work moves the growth on.
func (c *classicModel) work(bucket uint64) {
	if c.field(cOld) == 0 {
		return
	}
	c.evac(bucket & (c.olds() - 1))
	if c.field(cOld) != 0 {
		c.evac(c.field(cNevac))
	}
}

func (c *classicModel) olds() uint64 {
	if c.flag(8) {
		return 1 << c.b()
	}
	return 1 << (c.b() - 1)
}

func evacuatedBucket(top byte) bool { return top >= 2 && top <= 4 }

func (c *classicModel) evac(o uint64) {
	src := c.field(cOld) + o*bucketSize
	n := c.olds()
	if !evacuatedBucket(c.u8(src)) {
		c.t.event(Evacuate)
		type dest struct {
			bucket uint64
			i      int
		}
		dst := [2]dest{{c.field(cBuckets) + o*bucketSize, 0}, {}}
		if !c.flag(8) {
			dst[1].bucket = c.field(cBuckets) + (o+n)*bucketSize
		}
		for b := src; b != 0; b = c.next(b) {
			for i := range CellsPerRow {
				ctrl, key, elem := cellAt(b, i)
				top := c.u8(ctrl)
				if top <= 1 {
					c.control(ctrl, 4, "nothing moved")
					continue
				}
				way := 0
				if !c.flag(8) {
					k := c.u64(key)
					hash := c.hs.hash(k)
					if c.flag(1) && irreflexive(k) {
						way, top = int(top&1), tops(hash)
					} else if hash&n != 0 {
						way = 1
					}
				}
				c.control(ctrl, byte(2+way), []string{"moved away x", "moved away y"}[way])
				d := &dst[way]
				if d.i == CellsPerRow {
					d.bucket, d.i = c.link(d.bucket), 0
				}
				dctrl, dkey, delem := cellAt(d.bucket, d.i)
				c.control(dctrl, top, "moved in")
				c.put64(dkey, c.u64(key))
				c.put64(delem, c.u64(elem))
				d.i++
			}
		}
		if c.pointers && !c.flag(2) {
			c.zero(src+8, bucketSize-8)
		}
	}
	if o != c.field(cNevac) {
		return
	}
	c.add64(c.h+cNevac, 1)
	for c.field(cNevac) < n && evacuatedBucket(c.u8(c.field(cOld)+c.field(cNevac)*bucketSize)) {
		c.add64(c.h+cNevac, 1)
	}
	if c.field(cNevac) == n {
		c.put64(c.h+cOld, 0)
		c.setFlag(8, false)
	}
}

func (c *classicModel) same(key, other uint64) bool { return key == other && !irreflexive(key) }

func (c *classicModel) hash(key uint64) uint64 { return c.hs.hash(key) }

func (c *classicModel) remove(key uint64) told {
	c.t = told{rule: "delete.absent"}
	if c.field(cCount) == 0 {
		c.t.rule = "delete.empty"
		return c.t
	}
	hash := c.hs.hash(key)
	bucket := hash & (1<<c.b() - 1)
	c.work(bucket)
	var chain []uint64
	for b := c.field(cBuckets) + bucket*bucketSize; b != 0; b = c.next(b) {
		chain = append(chain, b)
	}
	for k, b := range chain {
		for i := range CellsPerRow {
			ctrl, kaddr, elem := cellAt(b, i)
			if !c.same(key, c.u64(kaddr)) || c.u8(ctrl) < 5 {
				continue
			}
			c.t.found, c.t.rule = true, "classic.delete.empty-one"
			c.put64(elem, 0)
			// All places of the chain in one line.
			ctrlOf := func(p int) uint64 { return chain[p/CellsPerRow] + uint64(p%CellsPerRow) }
			p := k*CellsPerRow + i
			if p+1 < len(chain)*CellsPerRow && c.u8(ctrlOf(p+1)) != 0 {
				c.control(ctrl, 1, "one")
			} else {
				c.t.rule = "classic.delete.empty-rest"
				c.control(ctrl, 0, "rest")
				for p--; p >= 0 && c.u8(ctrlOf(p)) == 1; p-- {
					c.control(ctrlOf(p), 0, "rest back")
				}
			}
			if len(c.notes[ctrl]) > 1 {
				c.t.rule = "classic.delete.arrived"
			}
			c.add64(c.h+cCount, -1)
			if c.field(cCount) == 0 {
				c.put32(c.h+cHash0, uint32(c.hs.reseed()))
				c.t.event(Reseed)
			}
			return c.t
		}
	}
	return c.t
}

func (c *classicModel) assign(key uint64) told {
	c.t = told{rule: "assign.update"}
	hash := c.hs.hash(key)
	if c.field(cBuckets) == 0 {
		c.put64(c.h+cBuckets, c.alloc(bucketSize))
		c.t.rule = "classic.assign.first-bucket"
	}
	for {
		bucket := hash & (1<<c.b() - 1)
		c.work(bucket)
		free, why := uint64(0), ""
		slot := 0
		last := uint64(0)
		for b := c.field(cBuckets) + bucket*bucketSize; b != 0; b = c.next(b) {
			last = b
			for i := range CellsPerRow {
				ctrl, kaddr, elem := cellAt(b, i)
				switch top := c.u8(ctrl); {
				case top <= 1 && free == 0:
					free, slot, why = b, i, []string{"into rest", "into one"}[top]
				case top >= 5 && c.same(key, c.u64(kaddr)):
					c.put64(elem, key+1)
					c.t.found = true
					return c.t
				}
			}
		}
		n := int(c.field(cCount)) + 1
		over := n > 8 && n > c.load<<c.b()/2
		if c.field(cOld) == 0 && (over || int(c.u16(c.h+cNover)) >= 1<<min(c.b(), 15)) {
			c.grow(over)
			continue
		}
		if free == 0 {
			free, slot, why = c.link(last), 0, "overflow"
		}
		ctrl, kaddr, elem := cellAt(free, slot)
		c.control(ctrl, tops(hash), why)
		c.put64(kaddr, key)
		c.put64(elem, key+1)
		c.add64(c.h+cCount, 1)
		if c.t.rule == "assign.update" {
			c.t.rule = map[string]string{
				"into rest": "classic.assign.empty-rest", "into one": "classic.assign.empty-one", "overflow": "classic.assign.overflow",
			}[why]
		}
		return c.t
	}
}

func (c *classicModel) grow(bigger bool) {
	c.put64(c.h+cOld, c.field(cBuckets))
	if bigger {
		c.put8(c.h+cB, byte(c.b()+1))
		c.t.rule = "classic.assign.grow"
		c.t.event(Grow)
	} else {
		c.setFlag(8, true)
		c.t.rule = "classic.assign.same-size-grow"
		c.t.event(SameSizeGrow)
	}
	c.setFlag(2, c.flag(1))
	c.setFlag(1, false)
	c.put64(c.h+cBuckets, c.array(c.b()))
	c.put64(c.h+cNevac, 0)
	c.put16(c.h+cNover, 0)
}

func (c *classicModel) clear() told {
	if c.field(cCount) == 0 {
		return told{rule: "clear.empty"}
	}
	n := 1 << c.b()
	for i := range n {
		for j := range CellsPerRow {
			c.control(c.field(cBuckets)+uint64(i*bucketSize+j), 0, "zeroed")
		}
	}
	c.zero(c.field(cBuckets), n*bucketSize)
	if c.b() >= 4 {
		c.spare = nil
		for i := range n / 16 {
			s := c.field(cBuckets) + uint64((n+i)*bucketSize)
			c.zero(s, bucketSize)
			c.spare = append(c.spare, s)
		}
	}
	c.setFlag(8, false)
	c.put64(c.h+cOld, 0)
	c.put64(c.h+cNevac, 0)
	c.put16(c.h+cNover, 0)
	c.put64(c.h+cCount, 0)
	c.put32(c.h+cHash0, uint32(c.hs.reseed()))
	return told{rule: "classic.clear", events: []Event{Reseed}}
}

func (c *classicModel) rows() []uint64 {
	var rs []uint64
	walk := func(addr uint64, n uint64) {
		for i := range n {
			for b := addr + i*bucketSize; b != 0; b = c.next(b) {
				rs = append(rs, b)
			}
		}
	}
	if p := c.field(cBuckets); p != 0 {
		walk(p, 1<<c.b())
	}
	if p := c.field(cOld); p != 0 {
		walk(p, c.olds())
	}
	return rs
}

// noise starts iterators, whose flags change what evacuation does.
func (c *classicModel) noise(r *rand.Rand) {
	if r.IntN(30) == 0 {
		c.setFlag(1|2, true)
	}
}

func classicLayout() *Layout {
	l := &Layout{
		Kind: Classic, Type: "map[float64]uint64",
		Key:  &Type{Name: "float64", Kind: reflect.Float64, Size: 8},
		Elem: &Type{Name: "uint64", Kind: reflect.Uint64, Size: 8},
		Row:  RowLayout{Size: bucketSize, Keys: 8, KeyStride: 8, Elems: 72, ElemStride: 8, Overflow: bucketLink},
	}
	classicHeader(l)
	return l
}

func newClassicModel(rng *rand.Rand, low, top uint64, pointers bool) *classicModel {
	a := newArena()
	return &classicModel{
		arena: a, h: a.alloc(48), pointers: pointers, load: 13,
		hs: &hasher{rng: rng, low: low, top: top, seen: map[uint64]uint64{}},
	}
}

func TestClassicModel(t *testing.T) {
	seen := map[string]int{}
	n := 0
	for _, pointers := range []bool{false, true} {
		for _, low := range []uint64{1, 4, 64, 1 << 30} {
			for _, keys := range []int{7, 30, 200, 1500} {
				if low < 4 && keys > 200 {
					continue
				}
				t.Run(fmt.Sprintf("pointers=%v/low=%d/keys=%d", pointers, low, keys), func(t *testing.T) {
					n++
					rng := rand.New(rand.NewPCG(uint64(n), 7))
					c := newClassicModel(rng, low, []uint64{4, 1 << 16}[n%2], pointers)
					runModel(t, c.arena, classicLayout(), c.h, c, rng, 2500, keys, false, seen)
				})
			}
		}
	}
	for _, pointers := range []bool{false, true} {
		t.Run(fmt.Sprintf("pointers=%v/wave", pointers), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 9))
			c := newClassicModel(rng, 1<<30, 1<<16, pointers)
			c.hs.near = true
			runModel(t, c.arena, classicLayout(), c.h, c, rng, 20000, 32*16, true, seen)
		})
	}
	wantAll(t, seen, Classic)
}

// wantAll fails for rules that never fired.
func wantAll(t *testing.T, seen map[string]int, kind LayoutKind) {
	t.Helper()
	t.Log(seen)
	for _, r := range Rules() {
		for _, k := range r.Layouts {
			if k == kind && seen[r.Name]+seen["op "+r.Name] == 0 && r.Name != "delete.nil" && r.Name != "assign.nil" && r.Name != "clear.nil" {
				t.Errorf("%s never fired", r.Name)
			}
		}
	}
}
