//go:build ignore

// Iterate deletes, at the first step of a range, every other entry: the loop
// body runs once.
package main

func main() {
	m, steps := map[int]int{}, 0
	for i := 1; i <= 20; i++ {
		m[i] = i
	}
	for k := range m {
		steps++
		for i := 1; i <= 20; i++ {
			if i != k {
				delete(m, i)
			}
		}
	}
	println(steps, "step,", len(m), "entry left")
}
