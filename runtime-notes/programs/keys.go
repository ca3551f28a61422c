//go:build ignore

// Keys deletes once from a map of each kind, to see which function of the
// runtime the compiler chose.
package main

type (
	point  struct{ x, y int32 }
	padded struct {
		a int32
		b int8
	}
)

func main() {
	x := new(int)
	delete(map[uint64]int{1: 1}, 1)
	delete(map[int]int{2: 1}, 2)
	delete(map[*int]int{x: 1}, x)
	delete(map[point]int{{3, 3}: 1}, point{3, 3})
	delete(map[rune]int{'4': 1}, '4')
	delete(map[string]int{"5": 1}, "5")
	delete(map[int16]int{6: 1}, 6)
	delete(map[float64]int{7: 1}, 7)
	delete(map[padded]int{{8, 8}: 1}, padded{8, 8})
	delete(map[uint64][16]uint64{9: {}}, 9)
	delete(map[uint64][17]uint64{10: {}}, 10)
}
