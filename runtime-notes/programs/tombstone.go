//go:build ignore

// Tombstone fills a Swiss table of 128 cells to its limit, so that some of its
// 16 groups are full, and deletes every entry again.
package main

func main() {
	m := map[uint64]int{}
	for k := uint64(1); k <= 112; k++ {
		m[k] = 1
	}
	for k := uint64(1); k <= 112; k++ {
		delete(m, k)
	}
	println(len(m), "entries left")
}
