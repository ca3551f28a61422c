// Command hijack would replace the runtime's delete by defining it again.
package main

import "unsafe"

//go:linkname mine runtime.mapdelete_fast64
func mine(typ, m unsafe.Pointer, key uint64) { println("deleted", key) }

func main() {
	m := map[uint64]int{1: 1}
	delete(m, 1)
}
