//go:build ignore

// Reuse deletes one of the eight entries of a small map and inserts another:
// the new one has no other place to go than the cell that was left.
package main

func main() {
	m := map[uint64]int{}
	for k := uint64(1); k <= 8; k++ {
		m[k] = 1
	}
	delete(m, 5)
	m[100] = 2
}
