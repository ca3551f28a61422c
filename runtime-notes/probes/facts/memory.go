package main

import (
	"runtime"
	"runtime/debug"
	"unsafe"
)

// mallocs counts the allocations of f, with the collector still. Other
// goroutines of the runtime may allocate too, so the least of a few is taken.
func mallocs(prepare func() func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	least := ^uint64(0)
	for i := 0; i < 5; i++ {
		f := prepare()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if n := after.Mallocs - before.Mallocs; n < least {
			least = n
		}
	}
	return least
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

var sinkBig map[uint64]uint64

// sinkSplit is of a kind that split groups save room for.
var sinkSplit map[int32]unsafe.Pointer

// memory: what delete allocates, frees and moves.
func memory() {
	fact("delete.allocates", mallocs(func() func() {
		m := fill(1000)
		settle(m)
		return func() {
			for k := uint64(1); k <= 1000; k++ {
				delete(m, k)
			}
		}
	}) > 0)

	m := fill(1000)
	settle(m)
	before := units(m)
	for k := uint64(1); k <= 1000; k++ {
		delete(m, k)
	}
	fact("delete.keeps-arrays", len(m) == 0 && units(m) == before)

	// A small map of eight entries has no other free cell than the one that
	// a delete left.
	m = fill(8)
	before = units(m)
	delete(m, 5)
	m[100] = 100
	full := 0
	for _, c := range peek(m) {
		if c.full() {
			full++
		}
	}
	fact("cell.reused", full == 8 && units(m) == before)

	// Keys that are not there are deleted from a map in the middle of growth.
	m = fill(1)
	for k := uint64(2); !growing(m) || k < 300; k++ {
		m[k] = k
		if !classic && k > 300 {
			break
		}
	}
	pic := picture(m)
	for k := uint64(1 << 32); k < 1<<32+3; k++ {
		delete(m, k)
	}
	fact("delete.missing.writes", picture(m) != pic)

	// Keys that are there: does anything but their own cells change place?
	m = fill(1)
	k := uint64(2)
	for ; k < 300 || classic && !growing(m); k++ {
		m[k] = k
	}
	places := func() map[uint64]uintptr {
		ps := map[uint64]uintptr{}
		for _, c := range peek(m) {
			if c.full() {
				ps[*(*uint64)(c.key)] = uintptr(unsafe.Pointer(c.ctrl))
			}
		}
		return ps
	}
	old := places()
	for d := uint64(1); d <= 8; d++ {
		delete(m, d)
	}
	moved := false
	for key, p := range places() {
		moved = moved || old[key] != p
	}
	fact("delete.moves-others", moved)

	// A hundred entries, whose keys change all the time.
	m = fill(100)
	for k := uint64(1); k <= 200_000; k++ {
		delete(m, k)
		m[k+100] = 1
	}
	fact("churn.grows-beyond-256", !classic && len(peek(m)) > 256)
	fact("churn.grows-to-256", !classic && len(peek(m)) == 256)

	m = fill(8)
	_, h := header(m)
	m[5] = 0
	fact("update.makes-table", !classic && *(*int)(at(h, 24)) > 0)

	sinkSplit = map[int32]unsafe.Pointer{1: nil}

	sinkBig = fill(100_000)
	fullHeap := heapInUse()
	for k := uint64(1); k <= 100_000; k++ {
		delete(sinkBig, k)
	}
	emptied := heapInUse()
	sinkBig = nil
	gone := heapInUse()
	fact("delete.frees-array", fullHeap-gone > 2*(emptied-gone))
}
