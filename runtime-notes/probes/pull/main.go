// Command pull calls the general delete, which is Go code of another package,
// under a name of its own.
package main

import "unsafe"

//go:linkname deleteAny runtime.mapdelete
func deleteAny(typ, m, key unsafe.Pointer)

func main() {
	m, key := map[int16]int{1: 1, 2: 2}, int16(2)
	var face any = m
	w := *(*[2]unsafe.Pointer)(unsafe.Pointer(&face))
	deleteAny(w[0], w[1], unsafe.Pointer(&key))
	if _, ok := m[2]; !ok && len(m) == 1 {
		println("deleted")
	}
}
