//go:build ignore

// Pointers deletes from maps whose cells the collector looks at: a string key,
// a pointer elem, and an elem so big that the cell holds only its address.
package main

type big [200]byte

func main() {
	names := map[string]int{"alpha": 1, "beta": 2}
	objects := map[uint64]*big{1: new(big), 2: new(big)}
	bigs := map[uint64]big{1: {}, 2: {}}
	delete(names, "beta")
	delete(objects, 2)
	delete(bigs, 2)
	println(len(names), len(objects), len(bigs))
}
