//go:build ignore

// Small fills the eight cells of a small map and deletes the third entry, the
// last, and then, from behind, those between them.
package main

func main() {
	m := map[uint64]int{}
	for k := uint64(1); k <= 8; k++ {
		m[k] = int(k) * 100
	}
	for _, k := range []uint64{3, 8, 7, 6, 5, 4} {
		delete(m, k)
	}
	println(len(m), "entries left")
}
