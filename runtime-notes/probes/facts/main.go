// Command facts looks at its own maps, with the Go that built it, and prints
// what it found: one JSON object, a name for each fact and true or false.
//
// It reads map memory with unsafe and offsets written down here by hand, so
// that it agrees with deltui's decoder only if both are right.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var facts = map[string]bool{}

// fact records what was found. A name is used once.
func fact(name string, found bool) {
	if _, dup := facts[name]; dup {
		panic("fact told twice: " + name)
	}
	facts[name] = found
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "die" {
		die(os.Args[2])
		return
	}
	language()
	sharing()
	memory()
	cells()
	chains()
	collector()
	binding()
	hooks()
	b, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(b))
}
