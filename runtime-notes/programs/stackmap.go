//go:build ignore

// Stackmap deletes from one map before and after its goroutine's stack grew.
// The map does not escape, so its header lives on that stack and moves with it.
package main

func main() {
	m := map[uint64]int{1: 1, 2: 2, 3: 3}
	delete(m, 1)
	deep(200)
	delete(m, 2)
	println(len(m))
}

//go:noinline
func deep(n int) byte {
	var pad [1024]byte
	pad[n] = byte(n)
	if n > 0 {
		pad[0] = deep(n - 1)
	}
	return pad[0] + pad[n]
}
