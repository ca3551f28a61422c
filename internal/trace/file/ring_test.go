package file

import (
	"math/rand/v2"
	"testing"
)

// TestRing: no two blocks that are held share a byte, what is held is the last
// blocks without a gap, and nothing lies outside the room.
func TestRing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for round := range 200 {
		size := int64(100 + rnd.IntN(2000))
		r := newRing(size)
		held := map[int]extent{}
		first := 0
		for block := range 200 {
			n := int64(1 + rnd.IntN(int(size/3)))
			at, gone, ok := r.place(block, n)
			if !ok {
				t.Fatalf("round %d: no room for %d bytes of %d", round, n, size)
			}
			for _, g := range gone {
				if g != first {
					t.Fatalf("round %d: block %d goes before block %d", round, g, first)
				}
				delete(held, g)
				first++
			}
			if rnd.IntN(20) == 0 { // it cannot be written
				r.full()
				size = r.size
				if at, gone, ok = r.place(block, 1); !ok {
					break
				}
				n = 1
				for _, g := range gone {
					delete(held, g)
					first++
				}
			}
			r.written()
			e := extent{block, at, at + n}
			if e.from < fileHeaderSize || e.to > size {
				t.Fatalf("round %d: block %d is at %+v of %d", round, block, e, size)
			}
			for _, o := range held {
				if e.from < o.to && o.from < e.to {
					t.Fatalf("round %d: block %d at %+v is over %+v", round, block, e, o)
				}
			}
			held[block] = e
			if len(held) != len(r.held) || len(held) != block-first+1 {
				t.Fatalf("round %d: %d blocks are held, of %d to %d", round, len(held), first, block)
			}
		}
	}
	if _, _, ok := newRing(100).place(0, 100-fileHeaderSize+1); ok {
		t.Error("a block that is larger than the ring")
	}
}
