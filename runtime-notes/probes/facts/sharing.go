package main

import (
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// sharing: what locks are needed for.
func sharing() {
	m, mu, wg := fill(1000), sync.Mutex{}, sync.WaitGroup{}
	for g := uint64(0); g < 4; g++ {
		wg.Add(1)
		go func(g uint64) {
			defer wg.Done()
			for k := g + 1; k <= 1000; k += 4 {
				mu.Lock()
				delete(m, k)
				mu.Unlock()
			}
		}(g)
	}
	wg.Wait()
	fact("mutex.works", len(m) == 0)

	m = fill(100)
	delete(m, 1)
	fact("lockless.works", len(m) == 99)
}

// writing sets the mark by which one writer of a map tells another that it is
// there, as if a second goroutine stood in the middle of a delete.
func writing(m any) {
	_, h := header(m)
	if classic {
		*(*uint8)(at(h, 8)) |= 4
	} else {
		*(*uint8)(at(h, 34)) = 1
	}
}

// die dies in the way named, or exits 0 if it could not.
func die(how string) {
	time.AfterFunc(time.Minute, func() { os.Exit(3) })
	switch how {
	case "conflict":
		m := fill(100)
		writing(m)
		delete(m, 1)
	case "conflict-recover":
		func() {
			defer func() { _ = recover() }()
			m := fill(100)
			writing(m)
			delete(m, 1)
		}()
	case "cascade":
		debug.SetMaxStack(1 << 20)
		m := fill(10)
		var hook func(k uint64)
		hook = func(k uint64) { hook(k + 1); delete(m, k) }
		func() {
			defer func() { _ = recover() }()
			hook(1)
		}()
	default:
		panic("no such death: " + how)
	}
}
