//go:build ignore

// Rangedelete empties two maps with the same loop. The compiler makes one call
// of the first, and cannot of the second: a float key may be NaN.
package main

func main() {
	ints, floats := map[int]bool{}, map[float64]bool{}
	for i := 1; i <= 5; i++ {
		ints[i], floats[float64(i)] = true, true
	}
	for k := range ints {
		delete(ints, k)
	}
	for k := range floats {
		delete(floats, k)
	}
}
