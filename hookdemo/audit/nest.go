package audit

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// A hook may delete, and its deletes run the hooks again. Both how deep that
// goes and how many deletes one outermost delete may cause are limited, for
// each goroutine. (A hook that starts goroutines that delete is not nested in
// anything, and not limited here.)
//
// A delete finds out how deep it is nested by counting, in its own stack, the
// frames that call hooks. This is needed only while some op is running hooks,
// and costs nothing else: no goroutine-local state, which Go does not have.

// DefaultDepth and DefaultCount are the limits until SetLimits.
const (
	DefaultDepth = 8
	DefaultCount = 1000
)

var (
	maxDepth int32 = DefaultDepth
	maxCount int32 = DefaultCount

	running int32 // ops that are running hooks now, all goroutines

	nestMu  sync.Mutex
	nested  = map[int64]int32{} // goroutine → deletes nested in its outermost one
	nesting int32               // len(nested), to be read without the lock
)

// SetLimits sets how deep deletes made by hooks may nest, and how many of them
// one outermost delete may cause. It panics if either is negative.
func SetLimits(depth, count int) {
	if depth < 0 || count < 0 {
		panic(fmt.Sprintf("audit.SetLimits(%d, %d)", depth, count))
	}
	atomic.StoreInt32(&maxDepth, int32(depth))
	atomic.StoreInt32(&maxCount, int32(count))
}

// enter counts op in, or refuses it. root is whether it is an outermost one.
func enter(op *Op) (root bool, err error) {
	if atomic.AddInt32(&running, 1) == 1 {
		return true, nil
	}
	op.Nest = hookFrames()
	if op.Nest == 0 {
		return true, nil
	}
	if limit := atomic.LoadInt32(&maxDepth); op.Nest > int(limit) {
		err = &NestError{"depth", int(limit)}
	} else if limit := atomic.LoadInt32(&maxCount); countNested() > limit {
		err = &NestError{"count", int(limit)}
	}
	if err != nil {
		atomic.AddInt32(&running, -1)
		report(Fault{Hook: op.Hooks, Phase: "nest", Text: err.Error()})
	}
	return false, err
}

func leave(op *Op, root bool) {
	atomic.AddInt32(&running, -1)
	if !root || atomic.LoadInt32(&nesting) == 0 {
		return
	}
	nestMu.Lock()
	delete(nested, goroutine())
	atomic.StoreInt32(&nesting, int32(len(nested)))
	nestMu.Unlock()
}

func countNested() int32 {
	g := goroutine()
	nestMu.Lock()
	defer nestMu.Unlock()
	nested[g]++
	atomic.StoreInt32(&nesting, int32(len(nested)))
	return nested[g]
}

// Where the two functions that call hooks begin.
var (
	entryBefore = reflect.ValueOf(before).Pointer()
	entryAfter  = reflect.ValueOf(after).Pointer()
)

// hookFrames counts the frames of before and after in the calling stack.
func hookFrames() (n int) {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		got := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:got] {
			if f := runtime.FuncForPC(pc - 1); f != nil {
				if e := f.Entry(); e == entryBefore || e == entryAfter {
					n++
				}
			}
		}
		if got < len(pcs) {
			return n
		}
	}
}

// goroutine returns the goroutine's id, from the first line of its traceback,
// the one place where Go tells it.
func goroutine() int64 {
	var buf [40]byte
	line := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	if i := bytes.IndexByte(line, ' '); i > 0 {
		line = line[:i]
	}
	id, _ := strconv.ParseInt(string(line), 10, 64)
	return id
}
