package dlvclient

import "fmt"

// Reason is why a process stopped.
type Reason int

// The reasons.
const (
	Breakpoint Reason = iota + 1 // at least one thread hit a breakpoint
	Halted                       // Halt was called
	Exited                       // the process is gone
	Other                        // Delve stopped it for a reason of its own
	Execed                       // the process became another program, and was ended
)

// Stop is a process at rest.
type Stop struct {
	Reason Reason
	// Hits are the threads that came to a breakpoint. Several can at once; one
	// can be there with Reason Halted too.
	Hits []*Hit
	// Status is the exit status where Reason is Exited; -n where signal n
	// ended the process.
	Status int
	// Command is the command line of the program that the process became, where
	// Reason is Execed. That cannot be watched, so the process was killed: by
	// Direct before the program's first instruction, by RPC soon after.
	Command string
	// Spawned are the programs that the process has started since the last stop,
	// in order. They are not under Delve. (Linux only; of C code's, only what was
	// started by vfork.)
	Spawned []Spawned
}

// Spawned is a program that the process has started beside itself.
type Spawned struct {
	Pid     int
	Command string // its command line, words with a space in it in quotes
}

// Hit is one thread at a breakpoint. It is valid until the process continues.
type Hit struct {
	Thread int
	Addr   uint64 // of the breakpoint

	pc, sp, bp uint64
	reg        func(dwarf int) (uint64, bool)
	goroutine  int64 // by RPC
}

// PC is the thread's program counter: the breakpoint's address.
func (h *Hit) PC() uint64 { return h.pc }

// SP is the thread's stack pointer.
func (h *Hit) SP() uint64 { return h.sp }

// Reg is the value of a general register, by its DWARF number (amd64: 0 is
// RAX, 3 is RBX, 14 is R14), and whether it could be read.
func (h *Hit) Reg(dwarf int) (uint64, bool) { return h.reg(dwarf) }

// String tells the hit in a few words.
func (h *Hit) String() string { return fmt.Sprintf("thread %d at %#x", h.Thread, h.Addr) }

// Frame is one frame of a stack.
type Frame struct {
	PC      uint64
	Func    string
	File    string
	Line    int // of the call that is in progress
	Inlined bool
	// Entry is the first address of Func; of the function it was inlined in,
	// if Inlined.
	Entry uint64
}
