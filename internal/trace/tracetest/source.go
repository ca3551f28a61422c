package tracetest

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

const (
	goroot    = "/usr/local/go"
	userFile  = "/home/gopher/evict/cache.go"
	fastFile  = goroot + "/src/internal/runtime/maps/runtime_fast64.go"
	tableFile = goroot + "/src/internal/runtime/maps/table.go"
)

// userSource is the program that the stacks are of.
const userSource = `package main

type cache struct {
	byID map[uint64]int
}

func (c *cache) evict(id uint64) {
	if len(c.byID) == 0 {
		return
	}
	delete(c.byID, id)
}

func (c *cache) put(id uint64, v int) {
	c.byID[id] = v
}

func (c *cache) reset() {
	clear(c.byID)
}

func main() {
	c := &cache{byID: map[uint64]int{}}
	for id := uint64(1); id < 1000; id++ {
		c.put(id, int(id)*10)
		c.evict(id / 2)
	}
	c.reset()
}
`

// tableSource stands for lines 470 to 479 of table.go.
var tableSource = []string{
	"\t\t\t\t// Full groups keep a tombstone.",
	"",
	"\t\t\t\t// See the package comment.",
	"\t\t\t\tif g.ctrls().matchEmpty() != 0 {",
	"\t\t\t\t\tg.ctrls().set(i, ctrlEmpty)",
	"\t\t\t\t\tt.growthLeft++",
	"\t\t\t\t} else {",
	"\t\t\t\t\tg.ctrls().set(i, ctrlDeleted)",
	"\t\t\t\t}",
	"\t\t\t\treturn",
}

func stack(entry string, kind gomap.OpKind) []trace.Frame {
	user := trace.Frame{Func: "main.(*cache).evict", File: userFile, Line: 11, PC: 0x4a1235}
	mainLine := 26
	switch kind {
	case gomap.Assign:
		user, mainLine = trace.Frame{Func: "main.(*cache).put", File: userFile, Line: 15, PC: 0x4a1280}, 25
	case gomap.Clear:
		user, mainLine = trace.Frame{Func: "main.(*cache).reset", File: userFile, Line: 19, PC: 0x4a12c0}, 28
	}
	return []trace.Frame{
		{Func: entry, File: fastFile, Line: 505, PC: 0x413a20, Runtime: true, Std: true},
		user,
		{Func: "main.main", File: userFile, Line: mainLine, PC: 0x4a1345},
		{Func: "runtime.main", File: goroot + "/src/runtime/proc.go", Line: 285, PC: 0x43d6a7, Runtime: true, Std: true},
		{Func: "runtime.goexit", File: goroot + "/src/runtime/asm_amd64.s", Line: 1693, PC: 0x471a01, Runtime: true, Std: true},
	}
}
