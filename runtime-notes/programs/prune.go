//go:build ignore

// Prune keeps 70 entries and exchanges one after the other, until tombstones
// have used up the table's room: Go 1.25 and newer then take them away.
package main

func main() {
	m := map[uint64]int{}
	for k := uint64(1); k <= 70; k++ {
		m[k] = 1
	}
	for k := uint64(1); k <= 1500; k++ {
		delete(m, k)
		m[k+70] = 1
	}
}
