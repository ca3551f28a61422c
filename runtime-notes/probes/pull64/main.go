// Command pull64 calls the function that the compiler calls for delete on a
// map[uint64]V, under a name of its own.
package main

import "unsafe"

//go:linkname delete64 runtime.mapdelete_fast64
func delete64(typ, m unsafe.Pointer, key uint64)

func main() {
	m := map[uint64]int{1: 1, 2: 2}
	var face any = m
	w := *(*[2]unsafe.Pointer)(unsafe.Pointer(&face))
	delete64(w[0], w[1], 2)
	if _, ok := m[2]; !ok && len(m) == 1 {
		println("deleted")
	}
}
