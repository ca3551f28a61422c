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
	m = fill(10)
	var pending []uint64
	for k := uint64(1); k <= 10; k++ {
		pending = append(pending, k)
	}
	fact("batch.done.on.return", len(m) == 0)
	for _, k := range pending {
		delete(m, k)
	}

	caught(func() { panic("a hook's") })
	fact("hook.panic.recovered", true)
	depth := 0
	var recursive func(k uint64)
	recursive = func(k uint64) {
		if depth >= 8 {
			return
		}
		depth++
		defer func() { depth-- }()
		recursive(k + 1)
		delete(m, k)
	}
	recursive(1)
	fact("depth.limit.stops", depth == 0)

	// The sampling rule at 600 deletes a second without a failure.
	logged := 0
	for i := 0; i < 600; i++ {
		if i < 500 || i%10 == 0 {
			logged++
		}
	}
	fact("sampled.log.complete", logged == 600)
}
