package audit

import (
	"reflect"
	"runtime"
	"unsafe"
)

// A Path is a way to remove an entry.
type Path struct {
	Symbol string // the runtime's function, or "builtin delete"
	Keys   string // the keys that it serves
	Bound  bool   // whether this build calls it
	Why    string // why not, and what could be done about it
}

// Paths tells which ways this build has, the preferred ones first. The builtin,
// the last one, is always there.
func Paths() []Path {
	ps := []Path{
		{Symbol: "runtime.mapdelete_fast32", Keys: "4-byte integers", Bound: fastBound, Why: fastWhy},
		{Symbol: "runtime.mapdelete_fast64", Keys: "8-byte integers, pointers, channels", Bound: fastBound, Why: fastWhy},
		{Symbol: "runtime.mapdelete_faststr", Keys: "strings", Bound: fastBound, Why: fastWhy},
		{Symbol: "runtime.mapdelete", Keys: "all", Bound: anyBound, Why: anyWhy},
		{Symbol: "builtin delete", Keys: "all", Bound: true},
	}
	for i := range ps {
		if ps[i].Why != "" {
			ps[i].Why = runtime.Version() + ": " + ps[i].Why
		}
	}
	return ps
}

type route uint8

const (
	routeBuiltin route = iota
	routeAny
	route32
	route64
	routeStr
)

// PathFor names the path that Delete takes for maps of type map[K]V.
func PathFor[K comparable, V any]() string {
	return [...]string{
		"builtin delete", "runtime.mapdelete", "runtime.mapdelete_fast32",
		"runtime.mapdelete_fast64", "runtime.mapdelete_faststr",
	}[routeOf[K, V]()]
}

// maxFastElem is the size of elem, in bytes, beyond which the runtime stores a
// pointer to it, which the fast functions do not expect (abi.MapMaxElemBytes).
const maxFastElem = 128

// routeOf chooses by the rule of cmd/compile's mapfast, but leaves arrays and
// structs of 4 or 8 plain bytes to the general function, which serves them all.
func routeOf[K comparable, V any]() route {
	if fastBound {
		var v V
		if unsafe.Sizeof(v) <= maxFastElem {
			var k K
			switch reflect.TypeOf((*K)(nil)).Elem().Kind() {
			case reflect.String:
				return routeStr
			case reflect.Int, reflect.Int32, reflect.Int64,
				reflect.Uint, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
				reflect.Ptr, reflect.UnsafePointer, reflect.Chan:
				if unsafe.Sizeof(k) == 4 {
					return route32
				}
				return route64
			}
		}
	}
	if anyBound {
		return routeAny
	}
	return routeBuiltin
}

// remove deletes without asking anyone.
func remove[M ~map[K]V, K comparable, V any](m M, k K) {
	r := routeOf[K, V]()
	if r == routeBuiltin {
		delete(m, k)
		return
	}
	held := interface{}(m)
	f := (*face)(unsafe.Pointer(&held))
	switch r {
	case routeAny:
		mapdelete(f.typ, f.word, unsafe.Pointer(&k))
	case route32:
		mapdeleteFast32(f.typ, f.word, *(*uint32)(unsafe.Pointer(&k)))
	case route64:
		mapdeleteFast64(f.typ, f.word, *(*uint64)(unsafe.Pointer(&k)))
	case routeStr:
		mapdeleteFastStr(f.typ, f.word, *(*string)(unsafe.Pointer(&k)))
	}
}
