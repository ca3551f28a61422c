// Command gone binds to a function that the runtime does not have.
package main

import "unsafe"

//go:linkname delete642 runtime.mapdelete_fast64_2
func delete642(m unsafe.Pointer, key uint64)

func main() { delete642(nil, 1) }
