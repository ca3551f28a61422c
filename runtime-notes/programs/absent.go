//go:build ignore

// Absent deletes from a nil map, from an empty one, and a key that is not there.
package main

var m map[uint64]int

func main() {
	delete(m, 1)
	m = map[uint64]int{}
	delete(m, 2)
	m[3] = 3
	delete(m, 4)
	delete(m, 3)
}
