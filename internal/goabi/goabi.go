// Package goabi knows in which registers compiled Go code keeps what a debugger
// asks for, by their DWARF numbers. Its source is cmd/compile's abi-internal.md,
// and the ABIs' own tables of numbers.
package goabi

// Regs are the registers of an architecture, by DWARF number.
type Regs struct {
	Args []int // of a function's first integer arguments
	G    int   // the goroutine's runtime.g
	SP   int
	BP   int // the frame pointer
}

var (
	amd64 = Regs{Args: []int{0, 3, 2, 5}, G: 14, SP: 7, BP: 6} // RAX RBX RCX RDI, R14, RSP, RBP
	arm64 = Regs{Args: []int{0, 1, 2, 3}, G: 28, SP: 31, BP: 29}
)

// Of is the table of an architecture by Go's name for it, amd64 if there is
// none: what deltui does not know it does not watch.
func Of(arch string) Regs {
	if arch == "arm64" {
		return arm64
	}
	return amd64
}
