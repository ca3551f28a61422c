package main

import "unsafe"

// One function for each kind of map: which of the runtime's it calls is read
// from the compiler's listing.
//
//go:noinline
func dUint64(m map[uint64]int, k uint64) { delete(m, k) }

//go:noinline
func dInt64(m map[int64]int, k int64) { delete(m, k) }

//go:noinline
func dInt(m map[int]int, k int) { delete(m, k) }

//go:noinline
func dNamed(m map[named]int, k named) { delete(m, k) }

//go:noinline
func dPointer(m map[*node]int, k *node) { delete(m, k) }

//go:noinline
func dBytes8(m map[[8]byte]int, k [8]byte) { delete(m, k) }

//go:noinline
func dChan(m map[chan int]int, k chan int) { delete(m, k) }

//go:noinline
func dPair(m map[pair]int, k pair) { delete(m, k) }

//go:noinline
func dRune(m map[rune]int, k rune) { delete(m, k) }

//go:noinline
func dString(m map[string]int, k string) { delete(m, k) }

//go:noinline
func dInt16(m map[int16]int, k int16) { delete(m, k) }

//go:noinline
func dFloat(m map[float64]int, k float64) { delete(m, k) }

//go:noinline
func dPadded(m map[padded]int, k padded) { delete(m, k) }

//go:noinline
func dFace(m map[uint64]any, k uint64) { delete(m, k) }

//go:noinline
func dElem128(m map[uint64][16]uint64, k uint64) { delete(m, k) }

//go:noinline
func dElem136(m map[uint64][17]uint64, k uint64) { delete(m, k) }

//go:noinline
func dEscapes(m map[uint64]int, k uint64) { sinkKey = &k; delete(m, k) }

//go:noinline
func dFromPointer(m map[[40]byte]int, k *[40]byte) { delete(m, *k) }

//go:noinline
func dRange(m map[uint64]int) {
	for k := range m {
		delete(m, k)
	}
}

//go:noinline
func dRangeFloat(m map[float64]int) {
	for k := range m {
		delete(m, k)
	}
}

//go:noinline
func dUintptr(m map[uintptr]int, k uintptr) { delete(m, k) }

//go:noinline
func dInts2(m map[[2]int32]int, k [2]int32) { delete(m, k) }

//go:noinline
func dUnsafe(m map[unsafe.Pointer]int, k unsafe.Pointer) { delete(m, k) }

//go:noinline
func dOnePointer(m map[onePointer]int, k onePointer) { delete(m, k) }

//go:noinline
func dUint32(m map[uint32]int, k uint32) { delete(m, k) }

//go:noinline
func dBytes4(m map[[4]byte]int, k [4]byte) { delete(m, k) }

//go:noinline
func dHalves(m map[halves]int, k halves) { delete(m, k) }

//go:noinline
func dNamedString(m map[text]int, k text) { delete(m, k) }

//go:noinline
func dString1(m map[[1]string]int, k [1]string) { delete(m, k) }

//go:noinline
func dStringField(m map[stringField]int, k stringField) { delete(m, k) }

//go:noinline
func dFloat32(m map[float32]int, k float32) { delete(m, k) }

//go:noinline
func dComplex64(m map[complex64]int, k complex64) { delete(m, k) }

//go:noinline
func dBlank(m map[blank]int, k blank) { delete(m, k) }

//go:noinline
func dAny(m map[any]int, k any) { delete(m, k) }

//go:noinline
func dBool(m map[bool]int, k bool) { delete(m, k) }

//go:noinline
func dInt8(m map[int8]int, k int8) { delete(m, k) }

//go:noinline
func dBytes16(m map[[16]byte]int, k [16]byte) { delete(m, k) }

//go:noinline
func dBytes24(m map[[24]byte]int, k [24]byte) { delete(m, k) }

type (
	onePointer  struct{ p *node }
	halves      struct{ a, b int16 }
	text        string
	stringField struct{ s string }
	blank       struct {
		a int32
		_ int32
	}
)

type (
	named  uint64
	pair   struct{ a, b int32 }
	padded struct {
		a int32
		b int8
	}
)

var sinkKey *uint64

// kept names the functions above, so that nobody takes them for forgotten.
var kept = []any{
	dUint64, dInt64, dInt, dNamed, dPointer, dBytes8, dChan, dPair, dRune, dString, dInt16, dFloat, dPadded, dFace,
	dElem128, dElem136, dEscapes, dFromPointer, dRange, dRangeFloat, dUintptr, dInts2, dUnsafe, dOnePointer, dUint32, dBytes4, dHalves, dNamedString,
	dString1, dStringField, dFloat32, dComplex64, dBlank, dAny, dBool, dInt8, dBytes16, dBytes24,
}
