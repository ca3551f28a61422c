//go:build !gc || (go1.24 && !audit_fast)

package audit

import "unsafe"

const (
	fastBound = false
	fastWhy   = "the linker refuses this symbol since Go 1.24; -tags audit_fast -ldflags=-checklinkname=0 binds it all the same"
)

func mapdeleteFast32(t, m unsafe.Pointer, k uint32) { panic("audit: mapdelete_fast32 is not bound") }

func mapdeleteFast64(t, m unsafe.Pointer, k uint64) { panic("audit: mapdelete_fast64 is not bound") }

func mapdeleteFastStr(t, m unsafe.Pointer, k string) { panic("audit: mapdelete_faststr is not bound") }
