package main

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

type (
	named  uint64
	pair   struct{ a, b int32 }
	padded struct {
		a int32
		b int8
	}
)

var sinkKey *uint64

// kept keeps the functions above in the binary.
var kept = []any{
	dUint64, dInt64, dInt, dNamed, dPointer, dBytes8, dChan, dPair, dRune, dString, dInt16, dFloat, dPadded, dFace,
	dElem128, dElem136, dEscapes, dFromPointer, dRange, dRangeFloat,
}
