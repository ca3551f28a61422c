//go:build ignore

// Grow stops inserting right after a classic map began to grow, and then
// deletes keys that were never there.
package main

func main() {
	m := map[uint64]int{}
	for k := uint64(1); k <= 53; k++ { // 8 buckets hold 52 entries
		m[k] = 1
	}
	for k := uint64(1000); k < 1004; k++ {
		delete(m, k)
	}
}
