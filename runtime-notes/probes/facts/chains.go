package main

import "unsafe"

// chains: overflow buckets, and growth after deletes.
func chains() {
	// 256 buckets for 1600 entries: some have more than eight.
	m := fill(1600)
	settle(m)
	overflow := false
	for _, c := range peek(m) {
		overflow = overflow || classic && c.unit != c.root
	}
	fact("overflow.exists", overflow)
	before, ghost := units(m), false
	for k := uint64(1); k <= 1600; k++ {
		d := (k*7)%1600 + 1
		delete(m, d)
		if _, ok := m[d]; ok {
			ghost = true
		}
		if k%100 == 0 {
			n := 0
			for range m {
				n++
			}
			ghost = ghost || n != len(m) || n != int(1600-k)
		}
	}
	fact("overflow.ghosts", ghost)
	fact("overflow.kept", overflow && units(m) == before)

	// Delete half, then insert until the array is another one: no cell of the
	// new one remembers the deletes.
	m = fill(112)
	settle(m)
	for k := uint64(1); k <= 56; k++ {
		delete(m, k)
	}
	array := func() unsafe.Pointer { return peek(m)[0].root }
	old, k := array(), uint64(1000)
	for ; array() == old; k++ {
		m[k] = k
	}
	settle(m)
	remembers := false
	for _, c := range peek(m) {
		remembers = remembers || classic && *c.ctrl == 1 || !classic && *c.ctrl == 0xFE
	}
	fact("grow.remembers", remembers)

	// Few entries, ever new keys: too many overflow buckets make a map grow
	// to its own size.
	m, same := map[uint64]uint64{}, false
	for k := uint64(0); k < 200_000 && classic && !same; k++ {
		m[k] = k
		if k >= 90 {
			delete(m, k-90)
		}
		_, h := header(m)
		same = growing(m) && u8(h, 8)&8 != 0
	}
	fact("overflow.same-size-grow", same)
}
