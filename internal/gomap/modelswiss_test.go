package gomap

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// swissModel is a Swiss map[float64]uint64, as one version's runtime keeps it.
type swissModel struct {
	*arena
	h   uint64
	hs  *hasher
	l   *Layout
	max int // cells of the largest table: 1024, less here, so that splits are many
	t   told

	prunes       bool // 1.25 on
	growOnUpdate bool // up to 1.26: an update of a full small map makes it a table
	skipsEmpty   bool // 1.25 on: clear leaves stale entries, and works on tombstones alone
}

const (
	sUsed, sSeed, sDir, sLen, sDepth, sPossible        = 0, 8, 16, 24, 32, 35
	tUsed, tCap, tGrowth, tDepth, tIndex, tData, tMask = 0, 2, 4, 6, 8, 16, 24
)

func (s *swissModel) field(off uint64) uint64         { return s.u64(s.h + off) }
func (s *swissModel) ctrl(group uint64, i int) uint64 { return group + uint64(i) }
func (s *swissModel) keyAt(group uint64, i int) uint64 {
	return group + s.l.Row.Keys + uint64(i)*s.l.Row.KeyStride
}

func (s *swissModel) elemAt(group uint64, i int) uint64 {
	return group + s.l.Row.Elems + uint64(i)*s.l.Row.ElemStride
}

// find is the first cell of a group whose control byte pleases, or -1.
func (s *swissModel) find(group uint64, ok func(byte) bool) int {
	for i := range CellsPerRow {
		if ok(s.u8(s.ctrl(group, i))) {
			return i
		}
	}
	return -1
}

func isEmpty(b byte) bool   { return b == 0x80 }
func isDeleted(b byte) bool { return b == 0xfe }
func isFull(b byte) bool    { return b&0x80 == 0 }

func (s *swissModel) groups(n int) uint64 {
	addr := s.alloc(n * int(s.l.Row.Size))
	for g := range n {
		s.fill(addr+uint64(g)*s.l.Row.Size, CellsPerRow, 0x80)
	}
	return addr
}

func (s *swissModel) table(cells, depth int) uint64 {
	t := s.alloc(32)
	s.put16(t+tCap, uint16(cells))
	s.put16(t+tGrowth, uint16(cells*7/8))
	s.put8(t+tDepth, byte(depth))
	s.put64(t+tData, s.groups(cells/8))
	s.put64(t+tMask, uint64(cells/8-1))
	return t
}

// probe visits a table's groups in the order of a hash, until visit is done.
func (s *swissModel) probe(t, hash uint64, visit func(group uint64) bool) {
	mask := s.u64(t + tMask)
	at := (hash >> 7) & mask
	for step := uint64(1); !visit(s.u64(t+tData) + at*s.l.Row.Size); step++ {
		at = (at + step) & mask
	}
}

// place is the directory place of a hash.
func (s *swissModel) place(hash uint64) uint64 {
	if d := s.u8(s.h + sDepth); d > 0 {
		return hash >> (64 - d)
	}
	return 0
}

func (s *swissModel) tableOf(hash uint64) uint64 { return s.u64(s.field(sDir) + 8*s.place(hash)) }

func (s *swissModel) put(group uint64, i int, hash, key uint64, why string) {
	s.put64(s.keyAt(group, i), key)
	s.put64(s.elemAt(group, i), key+1)
	if why == "" {
		s.put8(s.ctrl(group, i), byte(hash&0x7f))
		return
	}
	s.control(s.ctrl(group, i), byte(hash&0x7f), why)
}

// move puts an entry into a table that has room and no tombstones.
func (s *swissModel) move(t, key uint64) {
	hash := s.hs.hash(key)
	s.probe(t, hash, func(g uint64) bool {
		i := s.find(g, isEmpty)
		if i < 0 {
			return false
		}
		s.put(g, i, hash, key, "")
		s.add16(t+tGrowth, -1)
		s.add16(t+tUsed, 1)
		return true
	})
}

// entries calls f for each key in n groups from data on.
func (s *swissModel) entries(data uint64, n int, f func(key uint64)) {
	for g := range n {
		group := data + uint64(g)*s.l.Row.Size
		for i := range CellsPerRow {
			if isFull(s.u8(s.ctrl(group, i))) {
				f(s.u64(s.keyAt(group, i)))
			}
		}
	}
}

func (s *swissModel) toTable() {
	t := s.table(16, 0)
	s.entries(s.field(sDir), 1, func(key uint64) { s.move(t, key) })
	dir := s.alloc(8)
	s.put64(dir, t)
	s.put64(s.h+sDir, dir)
	s.put64(s.h+sLen, 1)
	s.t.rule = "swiss.assign.grow-small"
	s.t.event(Grow)
}

// lookup is the key's cell in a small map or table.
func (s *swissModel) lookup(hash, key uint64) (group uint64, i int, ok bool) {
	in := func(g uint64) bool {
		group = g
		for i = range CellsPerRow {
			if s.u8(s.ctrl(g, i)) == byte(hash&0x7f) && s.u64(s.keyAt(g, i)) == key && !irreflexive(key) {
				ok = true
				return true
			}
		}
		return s.find(g, isEmpty) >= 0
	}
	if s.field(sLen) == 0 {
		in(s.field(sDir))
		return group, i, ok
	}
	s.probe(s.tableOf(hash), hash, in)
	return group, i, ok
}

func (s *swissModel) hash(key uint64) uint64 { return s.hs.hash(key) }

func (s *swissModel) remove(key uint64) told {
	s.t = told{rule: "delete.absent"}
	if s.field(sUsed) == 0 {
		s.t.rule = "delete.empty"
		return s.t
	}
	hash := s.hs.hash(key)
	g, i, ok := s.lookup(hash, key)
	if !ok {
		return s.t
	}
	s.t.found = true
	s.add64(s.h+sUsed, -1)
	s.put64(s.elemAt(g, i), 0)
	if s.field(sLen) == 0 {
		s.t.rule = "swiss.delete.small"
		s.control(s.ctrl(g, i), 0x80, "small delete")
	} else {
		t := s.tableOf(hash)
		s.add16(t+tUsed, -1)
		if s.find(g, isEmpty) >= 0 {
			s.t.rule = "swiss.delete.group-has-empty"
			s.control(s.ctrl(g, i), 0x80, "group had empty")
			s.add16(t+tGrowth, 1)
		} else {
			s.t.rule = "swiss.delete.group-full"
			s.control(s.ctrl(g, i), 0xfe, "group had no empty")
			if s.prunes {
				s.put8(s.h+sPossible, 1)
			}
		}
	}
	if s.field(sUsed) == 0 {
		s.reseed()
	}
	return s.t
}

func (s *swissModel) reseed() {
	s.put64(s.h+sSeed, s.hs.reseed())
	s.t.event(Reseed)
}

func (s *swissModel) assign(key uint64) told {
	s.t = told{}
	hash := s.hs.hash(key)
	if s.field(sDir) == 0 {
		s.put64(s.h+sDir, s.groups(1))
		s.t.rule = "swiss.assign.first-group"
	}
	again := func(rule string) {
		if s.t.rule == "" {
			s.t.rule = rule
		}
	}
	if s.field(sLen) == 0 {
		g, _, ok := s.lookup(hash, key)
		full := s.field(sUsed) == CellsPerRow
		switch {
		case ok && !(full && s.growOnUpdate):
			s.t.found = true
			again("assign.update")
			return s.t
		case !full:
			s.put(g, s.find(g, isEmpty), hash, key, "small insert")
			s.add64(s.h+sUsed, 1)
			again("swiss.assign.small")
			return s.t
		}
		s.toTable()
	}
	for {
		t := s.tableOf(hash)
		if _, _, ok := s.lookup(hash, key); ok {
			s.t.found = true
			again("assign.update")
			return s.t
		}
		var group uint64
		cell, why := -1, ""
		s.probe(t, hash, func(g uint64) bool {
			i := s.find(g, func(b byte) bool { return isEmpty(b) || isDeleted(b) })
			if i < 0 {
				return false
			}
			end := isEmpty(s.u8(s.ctrl(g, i)))
			if cell < 0 {
				group, cell, why = g, i, "insert at deleted"
				if end {
					why = "insert at empty"
				}
			}
			return end
		})
		if why == "insert at deleted" {
			s.add16(t+tGrowth, 1)
		}
		if s.u16(t+tGrowth) == 0 && s.prunes {
			s.prune(t)
		}
		if s.u16(t+tGrowth) > 0 {
			s.put(group, cell, hash, key, why)
			s.add16(t+tGrowth, -1)
			s.add16(t+tUsed, 1)
			s.add64(s.h+sUsed, 1)
			again(map[string]string{"insert at deleted": "swiss.assign.tombstone", "insert at empty": "swiss.assign.empty"}[why])
			return s.t
		}
		s.rehash(t)
	}
}

// prune removes the tombstones of groups that no present key's search passes.
func (s *swissModel) prune(t uint64) {
	cells := int(s.u16(t + tCap))
	stones := cells*7/8 - int(s.u16(t+tUsed)) - int(s.u16(t+tGrowth))
	if stones*10 < cells {
		return
	}
	passed := map[uint64]bool{}
	for g := range cells / 8 {
		group := s.u64(t+tData) + uint64(g)*s.l.Row.Size
		for i := range CellsPerRow {
			if key := s.u64(s.keyAt(group, i)); isFull(s.u8(s.ctrl(group, i))) && !irreflexive(key) {
				s.probe(t, s.hs.hash(key), func(g uint64) bool {
					if g != group {
						passed[g] = true
					}
					return g == group
				})
			}
		}
	}
	var free []uint64
	for g := range cells / 8 {
		group := s.u64(t+tData) + uint64(g)*s.l.Row.Size
		for i := range CellsPerRow {
			if c := s.ctrl(group, i); isDeleted(s.u8(c)) && !passed[group] {
				free = append(free, c)
			}
		}
	}
	if len(free)*10 < cells {
		return
	}
	for _, c := range free {
		s.control(c, 0x80, "pruned")
		s.add16(t+tGrowth, 1)
	}
	s.t.event(Prune)
}

func (s *swissModel) rehash(t uint64) {
	s.t.event(Rehash)
	cells, depth := int(s.u16(t+tCap)), int(s.u8(t+tDepth))
	n := int(s.field(sLen))
	if 2*cells <= s.max {
		s.t.event(Grow)
		if s.t.rule != "swiss.assign.grow-small" {
			s.t.rule = "swiss.assign.grow"
		}
		bigger := s.table(2*cells, depth)
		s.entries(s.u64(t+tData), cells/8, func(key uint64) { s.move(bigger, key) })
		for i := range n {
			if p := s.field(sDir) + 8*uint64(i); s.u64(p) == t {
				s.put64(p, bigger)
			}
		}
		return
	}
	s.t.event(Split)
	s.t.rule = "swiss.assign.split"
	var half [2]uint64
	for i := range half {
		half[i] = s.table(s.max, depth+1)
	}
	s.entries(s.u64(t+tData), cells/8, func(key uint64) {
		s.move(half[s.hs.hash(key)>>(63-depth)&1], key)
	})
	if depth == int(s.u8(s.h+sDepth)) {
		dir := s.alloc(16 * n)
		for i := range 2 * n {
			s.put64(dir+8*uint64(i), s.u64(s.field(sDir)+8*uint64(i/2)))
		}
		s.put64(s.h+sDir, dir)
		s.put64(s.h+sLen, uint64(2*n))
		s.put8(s.h+sDepth, byte(depth+1))
		n *= 2
	}
	seen := 0
	run := 1 << (int(s.u8(s.h+sDepth)) - depth) // places of the old table
	for i := range n {
		p := s.field(sDir) + 8*uint64(i)
		if s.u64(p) == t {
			s.put64(p, half[seen/(run/2)])
			seen++
		}
	}
}

func (s *swissModel) clear() told {
	s.t = told{rule: "clear.empty"}
	possible := s.u8(s.h+sPossible) != 0
	if s.field(sUsed) == 0 && !(s.skipsEmpty && possible) {
		return s.t
	}
	small := s.field(sLen) == 0
	stones, full := 0, 0
	for _, g := range s.rows() {
		for i := range CellsPerRow {
			c := s.ctrl(g, i)
			switch b := s.u8(c); {
			case isDeleted(b):
				stones++
				s.control(c, 0x80, "cleared deleted")
			case isFull(b) && small:
				full++
				s.control(c, 0x80, "cleared small")
			case isFull(b):
				full++
				s.control(c, 0x80, "cleared full")
			}
		}
	}
	switch {
	case small:
		s.t.rule = "swiss.clear.small"
	case full > 0:
		s.t.rule = "swiss.clear.full"
	case stones > 0:
		s.t.rule = "swiss.clear.tombstone"
	}
	for i := range s.field(sLen) {
		t := s.u64(s.field(sDir) + 8*i)
		s.put16(t+tUsed, 0)
		s.put16(t+tGrowth, s.u16(t+tCap)*7/8)
	}
	s.put64(s.h+sUsed, 0)
	s.put8(s.h+sPossible, 0)
	s.reseed()
	return s.t
}

func (s *swissModel) rows() []uint64 {
	var rs []uint64
	if s.field(sLen) == 0 {
		if g := s.field(sDir); g != 0 {
			rs = append(rs, g)
		}
		return rs
	}
	last := uint64(0)
	for i := range s.field(sLen) {
		t := s.u64(s.field(sDir) + 8*i)
		if t == last {
			continue
		}
		last = t
		for g := range s.u64(t+tMask) + 1 {
			rs = append(rs, s.u64(t+tData)+g*s.l.Row.Size)
		}
	}
	return rs
}

func (s *swissModel) noise(*rand.Rand) {}

func swissLayout(split bool) *Layout {
	l := &Layout{
		Kind: Swiss, Type: "map[float64]uint64",
		Key:  &Type{Name: "float64", Kind: reflect.Float64, Size: 8},
		Elem: &Type{Name: "uint64", Kind: reflect.Uint64, Size: 8},
		Row:  RowLayout{Size: 136, Keys: 8, KeyStride: 16, Elems: 16, ElemStride: 16},
	}
	if split {
		l.Kind = SwissSplit
		l.Row = RowLayout{Size: 136, Keys: 8, KeyStride: 8, Elems: 72, ElemStride: 8}
	}
	swissHeader(l)
	return l
}

func newSwissModel(rng *rand.Rand, low uint64, split bool, version int) *swissModel {
	a := newArena()
	return &swissModel{
		arena: a, h: a.alloc(48), l: swissLayout(split), max: 64,
		hs:     &hasher{rng: rng, low: low, top: 1 << 16, seen: map[uint64]uint64{}},
		prunes: version >= 25, skipsEmpty: version >= 25, growOnUpdate: version <= 26,
	}
}

func TestSwissModel(t *testing.T) {
	for _, split := range []bool{false, true} {
		kind := swissLayout(split).Kind
		t.Run(kind.String(), func(t *testing.T) {
			seen := map[string]int{}
			n := 0
			for _, version := range []int{24, 25, 27} {
				for _, low := range []uint64{1, 3, 1 << 30} {
					for _, keys := range []int{7, 12, 40, 1000} {
						if low == 1 && keys > 40 {
							continue
						}
						t.Run(fmt.Sprintf("1.%d/low=%d/keys=%d", version, low, keys), func(t *testing.T) {
							n++
							rng := rand.New(rand.NewPCG(uint64(n), 8))
							s := newSwissModel(rng, low, split, version)
							runModel(t, s.arena, s.l, s.h, s, rng, 2500, keys, false, seen)
						})
					}
				}
			}
			wantAll(t, seen, kind)
		})
	}
}
