package audit

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// before asks h. Where h panicked, entered is false and there is no error: a
// broken watcher has no veto.
//
//go:noinline
func before(h Hook, op *Op) (entered bool, err error) {
	done := false
	defer op.recovered(h, "before", &done)
	err = h.Before(op)
	done = true
	return err == nil, err
}

//go:noinline
func after(h Hook, op *Op) {
	done := false
	defer op.recovered(h, "after", &done)
	h.After(op)
	done = true
}

// recovered is deferred around a call of h. It cannot tell panic(nil), which
// Go before 1.21 has, from runtime.Goexit, which no one can stop: either is a
// fault.
func (op *Op) recovered(h Hook, phase string, done *bool) {
	if *done {
		return
	}
	r := recover()
	text := "panic(nil) or runtime.Goexit"
	if r != nil {
		text = describe(r)
	}
	op.fault(Fault{Hook: nameOf(h), Phase: phase, Text: text, Stack: string(debug.Stack())})
}

// describe renders a panic's value, whose own methods may panic in turn.
func describe(r interface{}) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T that cannot be printed", r)
		}
	}()
	return fmt.Sprint(r)
}

func (op *Op) fault(f Fault) {
	op.Faults = append(op.Faults, f)
	report(f)
}

func report(f Fault) {
	if f.Phase == "nest" {
		atomic.AddInt64(&counts.Refused, 1)
	} else {
		atomic.AddInt64(&counts.Faults, 1)
	}
	defer func() { _ = recover() }() // a fault in the fault's reporter ends here
	if fn, _ := onFault.Load().(func(Fault)); fn != nil {
		fn(f)
	}
}

var onFault atomic.Value // of func(Fault)

// OnFault sets what is told of each fault as it happens, on the goroutine that
// it happens on; nil for nothing.
func OnFault(fn func(Fault)) { onFault.Store(fn) }

// Counts are totals since the program began.
type Counts struct {
	Faults  int64 // panics of hooks
	Refused int64 // deletes of hooks refused by the limits
}

var counts Counts

// Totals returns the counts.
func Totals() Counts {
	return Counts{
		Faults:  atomic.LoadInt64(&counts.Faults),
		Refused: atomic.LoadInt64(&counts.Refused),
	}
}
