package main

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

type hook interface{ before(k uint64) error }

type (
	noOp     struct{}
	auditLog struct{ n *int64 }
	cascade  struct{ fail bool }
	anyHook  struct{ hook }
)

func (noOp) before(uint64) error       { return nil }
func (a auditLog) before(uint64) error { atomic.AddInt64(a.n, 1); return nil }
func (c cascade) before(uint64) error {
	if c.fail {
		return errRefused
	}
	return nil
}

// hookedDelete is a delete of one's own, which asks the current hook first.
func hookedDelete(v *atomic.Value, m map[uint64]uint64, k uint64) error {
	if err := v.Load().(anyHook).before(k); err != nil {
		return err
	}
	delete(m, k)
	return nil
}

// hooks: what an audit log for deletes can and cannot promise.
func hooks() {
	var raw atomic.Value
	raw.Store(noOp{})
	fact("value.takes.three.types", caught(func() { raw.Store(auditLog{}) }) == "")

	var v atomic.Value
	var n int64
	v.Store(anyHook{cascade{fail: true}})
	m := fill(10)
	err := hookedDelete(&v, m, 1)
	fact("hook.aborts", err == errRefused && len(m) == 10)

	v.Store(anyHook{noOp{}})
	var wg sync.WaitGroup
	for g := 0; g < 4; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			own := fill(2000)
			for k := uint64(1); k <= 2000; k++ {
				if hookedDelete(&v, own, k) != nil {
					panic("a hook that refuses nothing refused")
				}
			}
		}()
	}
	for i := 0; i < 1000; i++ {
		v.Store(anyHook{auditLog{&n}})
		v.Store(anyHook{noOp{}})
	}
	wg.Wait()
	v.Store(anyHook{auditLog{&n}})
	seen := atomic.LoadInt64(&n)
	err = hookedDelete(&v, m, 1)
	fact("hook.switches", err == nil && len(m) == 9 && n == seen+1)

	id := func() int {
		buf := make([]byte, 64)
		buf = buf[:runtime.Stack(buf, false)]
		n, _ := strconv.Atoi(string(bytes.Fields(buf)[1]))
		return n
	}
	mine, other := id(), make(chan int)
	go func() { other <- id() }()
	fact("goroutine.id", mine > 0 && mine != <-other)
	pcs := make([]uintptr, 64)
	fact("stack.depth", runtime.Callers(0, pcs) > 2)

	a := fill(3)
	b := a
	fact("address.of.variable.identifies", fmt.Sprintf("%p", &a) == fmt.Sprintf("%p", &b))
	_, h := header(a)
	fact("address.of.map.identifies", fmt.Sprintf("%p", a) == fmt.Sprintf("%p", b) && fmt.Sprintf("%p", a) == fmt.Sprintf("%p", h))
	fact("key.type", reflect.TypeOf(a).Key() == reflect.TypeOf(uint64(0)))

	// Deletes put off to be done together.
	m = fill(100)
	put := batch{m: m}
	put.delete(1)
	_, there := m[1]
	fact("batch.done.on.return", !there)
	for k := uint64(2); k <= 64; k++ {
		put.delete(k)
	}
	if len(m) != 36 {
		panic("the batch was never done")
	}

	text := caught(func() { panic("a hook's") })
	fact("hook.panic.recovered", text == "a hook's")
	m = fill(10)
	depth, calls := 0, 0
	var recursive func(k uint64)
	recursive = func(k uint64) {
		calls++
		if depth >= 8 {
			return
		}
		depth++
		defer func() { depth-- }()
		recursive(k + 1)
		delete(m, k)
	}
	recursive(1)
	fact("depth.limit.stops", calls == 9 && len(m) == 2)

	var log sampler
	for i := 0; i < 600; i++ {
		log.record(i, false)
	}
	fact("sampled.log.complete", len(log.records) == 600)
}

// batch deletes 64 keys at a time.
type batch struct {
	m       map[uint64]uint64
	pending []uint64
}

func (b *batch) delete(k uint64) {
	if b.pending = append(b.pending, k); len(b.pending) < 64 {
		return
	}
	for _, k := range b.pending {
		delete(b.m, k)
	}
	b.pending = b.pending[:0]
}

// sampler is the article's log, within one second: above 500 operations it
// keeps one of ten, unless more than 5 % of them failed.
type sampler struct {
	ops, failures int
	records       []int
}

func (s *sampler) record(op int, failed bool) {
	s.ops++
	if failed {
		s.failures++
	}
	if s.ops <= 500 || s.failures*20 > s.ops || s.ops%10 == 0 {
		s.records = append(s.records, op)
	}
}
