package main

import (
	"debug/elf"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
	"unsafe"
)

// symbol finds a variable or function of this very binary.
func symbol(name string) uintptr {
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		panic(err)
	}
	for _, s := range syms {
		if s.Name == name {
			return uintptr(s.Value)
		}
	}
	return 0
}

type node struct {
	next *node
	pad  [6]uint64
}

var sinkList *node

// collector: what the garbage collector does to a map, and delete to it.
func collector() {
	var m map[uint64]*object

	done := make(chan bool)
	m = map[uint64]*object{1: watched(done), 2: new(object)}
	delete(m, 1)
	fact("gc.frees-deleted-elem", collected(done, 20*time.Second))
	runtime.KeepAlive(m)

	ints := fill(112)
	settle(ints)
	for k := uint64(1); k <= 56; k++ {
		delete(ints, k)
	}
	before := picture(ints)
	runtime.GC()
	runtime.GC()
	fact("gc.changes-cells", picture(ints) != before)

	// A heap that takes a while to mark, so that a cycle can be met half-way.
	for i := 0; i < 600_000; i++ {
		sinkList = &node{next: sinkList}
	}
	// The collector's switch, read where the linker put it.
	barrier := symbol("runtime.writeBarrier")
	enabled := *(**uint32)(unsafe.Pointer(&barrier))
	marking := func() bool { return atomic.LoadUint32(enabled)&0xff != 0 }

	// Only the cycles asked for: one that began by itself would be finished
	// first, and the delete would fall into that one.
	percent := debug.SetGCPercent(-1)
	runtime.GC()
	ran, outlived, tries := 0, 0, 0
	for ; tries < 200 && 0 <= outlived && outlived < 3; tries++ {
		gone := make(chan bool)
		// On the heap: a map on the stack needs no barrier, for the stack
		// is scanned in one go.
		sinkMap = map[uint64]*object{1: watched(gone), 2: new(object)}
		cycle := make(chan bool)
		go func() { runtime.GC(); close(cycle) }()
		met := false
	wait:
		for !met {
			select {
			case <-cycle:
				break wait
			default:
				met = marking()
				runtime.Gosched()
			}
		}
		if met {
			ran++
			delete(sinkMap, 1)
			met = marking() // else the delete may have come too late
		}
		<-cycle
		if !met {
			continue
		}
		select {
		case <-gone:
			outlived = -1 // freed by the cycle that it was deleted in
		case <-time.After(20 * time.Millisecond):
			if collected(gone, 20*time.Second) {
				outlived++
			}
		}
	}
	sinkList = nil
	debug.SetGCPercent(percent)
	fact("mark.program-runs", ran > 0)
	fact("mark.deleted-outlives-cycle", outlived >= 3)

	var s runtime.MemStats
	big := fill(200_000)
	runtime.GC()
	runtime.ReadMemStats(&s)
	cycles := s.NumGC
	for k := uint64(1); k <= 200_000; k++ {
		delete(big, k)
	}
	runtime.ReadMemStats(&s)
	fact("deletes.start-gc", s.NumGC != cycles)
}
