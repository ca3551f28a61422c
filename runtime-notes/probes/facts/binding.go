package main

import (
	"runtime"
	"strings"
	"unsafe"
)

//go:linkname pulled runtime.mapdelete
func pulled(typ, m, key unsafe.Pointer)

//go:linkname pulledWithMore runtime.mapdelete
func pulledWithMore(typ, m, key, more unsafe.Pointer)

// file is the source file of a function of this binary.
func file(name string) string {
	pc := symbol(name)
	if pc == 0 {
		return ""
	}
	f, _ := runtime.FuncForPC(pc).FileLine(pc)
	return f
}

// binding: delete's function called by another name, and what its key needs.
func binding() {
	m := map[int16]int{1: 1, 2: 2}
	typ, h := header(m)
	key := int16(2)
	pulled(typ, h, unsafe.Pointer(&key))
	_, ok := m[2]
	fact("pull.mapdelete.works", len(m) == 1 && !ok)

	var buf [5]byte
	odd := unsafe.Pointer(&buf[1])
	if uintptr(odd)%2 == 0 {
		odd = unsafe.Pointer(&buf[2])
	}
	*(*[2]byte)(odd) = *(*[2]byte)(unsafe.Pointer(&[]int16{1}[0]))
	text := caught(func() { pulled(typ, h, odd) })
	fact("unaligned.key.fails", text != "" || len(m) != 0)

	m = map[int16]int{1: 1, 2: 2}
	typ, h = header(m)
	text = caught(func() { pulledWithMore(typ, h, unsafe.Pointer(&key), nil) })
	fact("wrong.signature.panics", text != "" || len(m) != 1)

	type page [65536]byte
	fact("mapdelete.copies.key.to.heap", mallocs(func() func() {
		m, k := map[page]int{{1}: 1, {2}: 2}, &page{2}
		typ, h := header(m)
		return func() { pulled(typ, h, unsafe.Pointer(k)) }
	}) > 0)

	fact("mapdelete.is.go", strings.HasSuffix(file("runtime.mapdelete"), ".go"))
	fact("fast64.is.assembly", !strings.HasSuffix(file("runtime.mapdelete_fast64"), ".go"))
	fact("gcWriteBarrier.is.assembly", strings.HasSuffix(file(barrierSymbol()), ".s"))
}

func barrierSymbol() string {
	for _, s := range []string{"runtime.gcWriteBarrier1", "runtime.gcWriteBarrierCX", "runtime.gcWriteBarrier"} {
		if symbol(s) != 0 {
			return s
		}
	}
	return ""
}
