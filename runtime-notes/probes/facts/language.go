package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"
)

// caught runs f and returns what it panicked with, as text.
func caught(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// fill returns a map with keys 1 … n, each its own elem.
func fill(n uint64) map[uint64]uint64 {
	m := map[uint64]uint64{}
	for k := uint64(1); k <= n; k++ {
		m[k] = k
	}
	return m
}

// same reports whether m holds exactly the keys that want says it does.
func same(m map[uint64]uint64, n uint64, want func(k uint64) bool) bool {
	seen := 0
	for k := uint64(1); k <= n; k++ {
		v, ok := m[k]
		if ok != want(k) || ok && v != k {
			return false
		}
		if ok {
			seen++
		}
	}
	ranged := 0
	for range m {
		ranged++
	}
	return len(m) == seen && ranged == seen
}

// language: what the language promises.
func language() {
	m := fill(100)
	delete(m, 42)
	_, ok := m[42]
	fact("delete.removes", !ok && len(m) == 99 && same(m, 100, func(k uint64) bool { return k != 42 }))

	text := caught(func() { delete(m, 42); delete(m, 1000) })
	fact("delete.missing.panics", text != "")
	fact("delete.missing.changes", !same(m, 100, func(k uint64) bool { return k != 42 }))

	var unhashable any = []int{1}
	faces := map[any]int{1: 1}
	text = caught(func() { delete(faces, unhashable) })
	fact("delete.unhashable.panics", strings.Contains(text, "unhashable"))
	var none map[any]int
	fact("delete.unhashable.nil.panics", caught(func() { delete(none, unhashable) }) != "")

	nan := map[float64]int{math.NaN(): 1}
	delete(nan, math.NaN())
	_, ok = nan[math.NaN()]
	fact("nan.survives", len(nan) == 1 && !ok)

	m = fill(100)
	m[42] = 0
	v, ok := m[42]
	fact("zero.keeps", len(m) == 100 && ok && v == 0)
	delete(m, 42)
	v, ok = m[42]
	fact("ok.false", v == 0 && !ok)

	var null map[uint64]uint64
	fact("nil.delete.panics", caught(func() { delete(null, 1) }) != "")
	fact("nil.assign.text", strings.Contains(caught(func() { null[1] = 1 }), "assignment to entry in nil map"))

	fact("range.delete.safe", rangeDelete())
	a, b := fill(1000), fill(1000)
	for k := range a {
		if k%3 == 0 {
			delete(a, k)
		}
	}
	var ks []uint64
	for k := range b {
		if k%3 == 0 {
			ks = append(ks, k)
		}
	}
	for _, k := range ks {
		delete(b, k)
	}
	want := func(k uint64) bool { return k%3 != 0 }
	fact("range.collect.differs", !same(a, 1000, want) || !same(b, 1000, want))

	fact("make.frees", makeFrees())
}

// rangeDelete deletes, at each step of a range, one key that was met and two
// that may not have been, and reports whether no deleted key is ever produced.
func rangeDelete() bool {
	for round := uint64(0); round < 50; round++ {
		m, gone := fill(300), map[uint64]bool{}
		for k := range m {
			if gone[k] {
				return false
			}
			for _, d := range []uint64{k, (k*7 + round) % 301, (k*13 + round) % 301} {
				delete(m, d)
				gone[d] = true
			}
		}
	}
	m, n := fill(300), 0
	for k := range m {
		n++
		for d := uint64(1); d <= 300; d++ {
			if d != k {
				delete(m, d)
			}
		}
	}
	return n == 1
}

// collected reports whether the object that let goes of is finalized soon.
func collected(done chan bool, patience time.Duration) bool {
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		runtime.GC()
		select {
		case <-done:
			return true
		case <-time.After(10 * time.Millisecond):
		}
	}
	return false
}

type object struct{ bytes [64]byte }

func watched(done chan bool) *object {
	o := new(object)
	runtime.SetFinalizer(o, func(*object) { close(done) })
	return o
}

var sinkMap map[uint64]*object

func makeFrees() bool {
	done := make(chan bool)
	sinkMap = map[uint64]*object{1: watched(done)}
	sinkMap = make(map[uint64]*object)
	ok := collected(done, 20*time.Second)
	runtime.KeepAlive(sinkMap)
	return ok
}

var errRefused = errors.New("refused")
