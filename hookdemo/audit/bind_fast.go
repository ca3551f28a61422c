//go:build gc && (!go1.24 || audit_fast)

package audit

import "unsafe"

const (
	fastBound = true
	fastWhy   = ""
)

// The generic functions call these, and not the runtime's by their linknames:
// the linker checks what an object refers to by a linkname, and in that of a
// package which makes an instance the reference is a plain one. Made here, it is
// refused where it ought to be, and not only in some programs.

func mapdeleteFast32(t, m unsafe.Pointer, k uint32)  { runtimeFast32(t, m, k) }
func mapdeleteFast64(t, m unsafe.Pointer, k uint64)  { runtimeFast64(t, m, k) }
func mapdeleteFastStr(t, m unsafe.Pointer, k string) { runtimeFastStr(t, m, k) }

//go:noescape
//go:linkname runtimeFast32 runtime.mapdelete_fast32
func runtimeFast32(t, m unsafe.Pointer, k uint32)

// A pointer travels here as an integer, as it does in the compiler's own calls;
// the caller's key keeps what it points to alive.
//
//go:noescape
//go:linkname runtimeFast64 runtime.mapdelete_fast64
func runtimeFast64(t, m unsafe.Pointer, k uint64)

//go:noescape
//go:linkname runtimeFastStr runtime.mapdelete_faststr
func runtimeFastStr(t, m unsafe.Pointer, k string)
