//go:build gc && (!go1.24 || audit_fast)

package audit

import "unsafe"

const (
	fastBound = true
	fastWhy   = ""
)

//go:noescape
//go:linkname mapdeleteFast32 runtime.mapdelete_fast32
func mapdeleteFast32(t, m unsafe.Pointer, k uint32)

// A pointer travels here as an integer, as it does in the compiler's own calls;
// the caller's key keeps what it points to alive.
//
//go:noescape
//go:linkname mapdeleteFast64 runtime.mapdelete_fast64
func mapdeleteFast64(t, m unsafe.Pointer, k uint64)

//go:noescape
//go:linkname mapdeleteFastStr runtime.mapdelete_faststr
func mapdeleteFastStr(t, m unsafe.Pointer, k string)
