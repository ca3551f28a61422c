package modules

import (
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// linknameProgram deletes by a linkname that the linker refuses. Its package p
// refers to it from a generic function only, or where pull is called.
const linknameProgram = `
-- go.mod --
module example.com/pull

go 1.18
-- main.go --
package main

import (
	"unsafe"

	"example.com/pull/p"
)

func main() {
	m := map[uint64]int{7: 1}
	held := interface{}(m)
	f := (*[2]unsafe.Pointer)(unsafe.Pointer(&held))
	p.Delete[int](f[0], f[1], 7)
	println(len(m))
}
-- p/p.go --
package p

import "unsafe"

//go:linkname pull runtime.mapdelete_fast64
func pull(t, m unsafe.Pointer, k uint64)

func Delete[T any](t, m unsafe.Pointer, k uint64) { pull(t, m, k) }
-- p/p.s --
`

const plainReference = `
-- p/plain.go --
package p

import "unsafe"

func Plain(t, m unsafe.Pointer, k uint64) { pull(t, m, k) }
`

// TestLinkerLooksAtObjects: a linkname that the linker refuses is refused in the
// package that has it. In an instance of a generic function, made in another
// package, it passes. So package audit refers to the runtime's functions from
// functions that are not generic, to be refused in every program or in none.
func TestLinkerLooksAtObjects(t *testing.T) {
	for _, tc := range testenv.Toolchains() {
		if !swiss(tc) {
			continue
		}
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			dir := testenv.Unpack(t, []byte(linknameProgram))
			bin, err := tc.TryBuild(t, testenv.Program{Dir: dir})
			if err != nil {
				t.Fatalf("the linker sees a reference from an instance now: %v", err)
			}
			if out, err := command(tc, dir, bin); err != nil || strings.TrimSpace(out) != "0" {
				t.Errorf("%v %s", err, out)
			}
			dir = testenv.Unpack(t, []byte(linknameProgram+plainReference))
			if _, err = tc.TryBuild(t, testenv.Program{Dir: dir}); err == nil || !strings.Contains(err.Error(), "example.com/pull/p: invalid reference to runtime.mapdelete_fast64") {
				t.Errorf("not refused: %v", err)
			}
		})
	}
}
