package recorder

import (
	"reflect"
	"runtime"
	"sync/atomic"

	"deltui.example/hookdemo/audit/fact"
)

// user is the function of a --hook file, or nil. The generated file sets it.
var user func(mapType reflect.Type, key interface{}, caller runtime.Frame)

// inside are the goroutines that are in user now. Their deletes are recorded,
// but not told to user again. It is no map, whose deletes would come here.
var inside [64]int64

// tell calls user, unless it is user that deletes.
func tell(mt reflect.Type, key reflect.Value, where fact.Where) {
	if user == nil {
		return
	}
	g := fact.Goroutine()
	for i := range inside {
		if atomic.LoadInt64(&inside[i]) == g {
			return
		}
	}
	slot := -1
	for slot < 0 { // 64 goroutines at a time; more wait for their turn
		for i := range inside {
			if atomic.CompareAndSwapInt64(&inside[i], 0, g) {
				slot = i
				break
			}
		}
		if slot < 0 {
			runtime.Gosched()
		}
	}
	defer atomic.StoreInt64(&inside[slot], 0)
	defer func() {
		if r := recover(); r != nil {
			complain("the hook panicked; its panics are dropped")
		}
	}()
	user(mt, key.Interface(), runtime.Frame{Function: where.Func, File: where.File, Line: where.Line})
}
