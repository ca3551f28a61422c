package live

import (
	"testing"

	"deltui/internal/gomap"
)

type oneType struct{}

func (oneType) TypeAt(addr uint64) *gomap.Type {
	if addr == 0x4b6680 {
		return &gomap.Type{Name: "func()"}
	}
	return nil
}

func TestPanicText(t *testing.T) {
	for value, want := range map[string]string{
		`runtime.plainError("assignment to entry in nil map")`:                          "assignment to entry in nil map",
		`runtime.errorString("hash of unhashable type []int")`:                          "hash of unhashable type []int",
		`internal/runtime/maps.unhashableTypeError{typ:(*internal/abi.Type)(0x4b6680)}`: "hash of unhashable type: func()",
		`internal/runtime/maps.unhashableTypeError{typ:(*internal/abi.Type)(0x1)}`:      `internal/runtime/maps.unhashableTypeError{typ:(*internal/abi.Type)(0x1)}`,
		`string("mine")`: `string("mine")`,
	} {
		if got := panicText(value, oneType{}); got != want {
			t.Errorf("panicText(%s) = %s, want %s", value, got, want)
		}
	}
}
