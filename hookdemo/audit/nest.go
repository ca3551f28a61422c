package audit

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"

	"deltui.example/hookdemo/audit/fact"
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
	nested  []nest // no map, whose deletes would be seen beside those of the program
	nesting int32  // len(nested), to be read without the lock
)

// A nest counts the deletes of a goroutine that are nested in its outermost one.
type nest struct {
	goroutine int64
	count     int32
}

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

func leave(root bool) {
	atomic.AddInt32(&running, -1)
	if !root || atomic.LoadInt32(&nesting) == 0 {
		return
	}
	g := fact.Goroutine()
	nestMu.Lock()
	defer nestMu.Unlock()
	for i := range nested {
		if nested[i].goroutine == g {
			last := len(nested) - 1
			nested[i] = nested[last]
			nested = nested[:last]
			atomic.StoreInt32(&nesting, int32(last))
			return
		}
	}
}

func countNested() int32 {
	g := fact.Goroutine()
	nestMu.Lock()
	defer nestMu.Unlock()
	for i := range nested {
		if nested[i].goroutine == g {
			nested[i].count++
			return nested[i].count
		}
	}
	nested = append(nested, nest{g, 1})
	atomic.StoreInt32(&nesting, int32(len(nested)))
	return 1
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
