package dlvclient

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Via is the way by which a Process drives Delve.
type Via int

// The two ways.
const (
	Direct Via = iota
	RPC
)

// String is "direct" or "rpc".
func (v Via) String() string {
	if v == RPC {
		return "rpc"
	}
	return "direct"
}

// Config says what to launch, and how.
type Config struct {
	Path string   // the program, with debug information
	Args []string // without the program's name
	Dir  string   // its working directory; "" is ours
	Env  []string // KEY=value, added to our environment, for it alone (Linux only)
	Via  Via

	// TTY is the path of a terminal that becomes the target's, with its
	// standard input and output. If it is "", Stdin is the path of a file to
	// read ("" is no input), and Stdout and Stderr are where it writes, which
	// Launch closes on our side; nil is ours.
	TTY    string
	Stdin  string
	Stdout *os.File
	Stderr *os.File

	// Started is called with the process's id as soon as there is one, before
	// the program has run. On Linux that is before Delve has read the debug
	// information, which can take seconds.
	Started func(pid int)
}

// ErrRunning says that what was asked for needs the process to be stopped.
var ErrRunning = errors.New("the process is running")

// ErrPermission says that the system does not let one process trace another:
// Yama, a container without the capability, a seccomp filter.
var ErrPermission = errors.New("the system forbids to trace it")

// ErrGone says that the process has ended or was let go.
var ErrGone = errors.New("the process is gone")

// ErrBusy says that another Process is being launched, or runs.
var ErrBusy = errors.New("another process runs under Delve in this program; Delve takes the events of all of them for its own")

// waiting is held while Delve waits for a process. It asks the system for the
// next event of any child, so that one Process would take another's, and both
// would wait for ever.
var waiting sync.Mutex

// driver is what the two ways have in common.
type driver interface {
	setBreakpoint(addr uint64) error
	clearBreakpoint(addr uint64) error
	resume(resumed chan<- struct{}) (*Stop, error)
	// step executes one instruction of a hit's thread.
	step(h *Hit) (*Hit, error)
	halt() error
	readMemory(p []byte, addr uint64) error
	stack(h *Hit, depth int) ([]Frame, error)
	goroutine(h *Hit) (int64, error)
	symbol(name string) (uint64, error)
	// followExec makes Delve tell of every program that the process executes.
	followExec() error
	detach(kill bool) error
}

// Process is a program under Delve. Halt, Kill, Close, Pid, Slide and Arch may
// be called from any goroutine; the other methods not at the same time as each
// other.
type Process struct {
	drv   driver
	child *child
	slide uint64
	arch  string

	mu          sync.Mutex
	run         *run            // in progress
	halted      bool            // Halt was called while it was stopped
	gone        bool            // ended or let go
	spawned     []Spawned       // since the last stop
	became      string          // the command line of the program it has become
	breakpoints map[uint64]byte // addresses, with the byte that was there
	tight       func()          // takes back what Tighten did
}

// maxSpawned bounds what a process that never stops piles up.
const maxSpawned = 10000

// run is one Continue.
type run struct {
	resumed chan struct{} // closed once the target is seen running
	ended   chan struct{} // closed when Continue returns
	halting bool          // it was asked to stop
}

// Launch starts a program under Delve; it stands before its first instruction.
// The error says why Delve could not start it; it is [ErrPermission] where the
// system does not let it trace, and [ErrDelve] where Delve cannot bear the
// debug information, [ErrBusy] while another Process runs. When ctx is cancelled the process is killed at once and
// the error is the context's. What Delve allocated is freed when it has read
// the debug information to its end.
func Launch(ctx context.Context, cfg Config) (*Process, error) {
	p, err := launch(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("starting %s under Delve: %w", cfg.Path, err)
	}
	return p, nil
}

// Pid is the process's id.
func (p *Process) Pid() int { return p.child.pid }

// Slide is what to add to the file's addresses to get the process's.
func (p *Process) Slide() uint64 { return p.slide }

// Arch is the process's architecture by Go's name for it.
func (p *Process) Arch() string { return p.arch }

// SetBreakpoint makes the process stop before the instruction at addr. Where
// there is a breakpoint already it does nothing.
func (p *Process) SetBreakpoint(addr uint64) error {
	if err := p.stopped(); err != nil {
		return err
	}
	if _, ok := p.breakpoints[addr]; ok {
		return nil
	}
	var was [1]byte
	err := p.drv.readMemory(was[:], addr)
	if err == nil {
		err = p.drv.setBreakpoint(addr)
	}
	if err != nil {
		return fmt.Errorf("setting a breakpoint at %#x: %w", addr, err)
	}
	p.breakpoints[addr] = was[0]
	return nil
}

// ClearBreakpoint takes a breakpoint away.
func (p *Process) ClearBreakpoint(addr uint64) error {
	if err := p.stopped(); err != nil {
		return err
	}
	if err := p.drv.clearBreakpoint(addr); err != nil {
		return fmt.Errorf("clearing the breakpoint at %#x: %w", addr, err)
	}
	delete(p.breakpoints, addr)
	return nil
}

// Continue lets the process run until it stops. A cancelled ctx halts it: the
// stop then has reason Halted, and the error is nil. One Process can run at a
// time; for a second one the error is [ErrBusy].
func (p *Process) Continue(ctx context.Context) (*Stop, error) {
	p.mu.Lock()
	switch {
	case p.gone:
		p.mu.Unlock()
		return nil, ErrGone
	case p.run != nil:
		p.mu.Unlock()
		return nil, ErrRunning
	case p.halted:
		p.halted = false
		p.mu.Unlock()
		return &Stop{Reason: Halted}, nil
	}
	if !waiting.TryLock() {
		p.mu.Unlock()
		return nil, ErrBusy
	}
	defer waiting.Unlock()
	r := &run{resumed: make(chan struct{}), ended: make(chan struct{})}
	p.run = r
	p.mu.Unlock()

	if ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, func() { _ = p.haltRun(r) })
		defer unhook()
	}
	stop, err := p.drv.resume(r.resumed)

	p.mu.Lock()
	defer p.mu.Unlock()
	defer close(r.ended)
	p.run = nil
	if p.became != "" {
		stop, err = &Stop{Reason: Execed, Command: p.became}, nil
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("continuing process %d: %w", p.Pid(), err)
	case stop.Reason == Execed:
		p.gone = true
		p.child.reap()
	case stop.Reason == Exited:
		p.gone = true
	case r.halting:
		// A breakpoint can be hit at the same time: its hits are there too.
		stop.Reason = Halted
	}
	stop.Spawned, p.spawned = p.spawned, nil
	return stop, nil
}

// sawProgram is told by Delve of every program that was executed, while the
// process runs; by Direct before that program's first instruction.
//
// Delve follows a process through its exec badly: if the first thread made the
// call nothing in Delve can continue or detach from it any more, if another did
// Delve lets it run untraced. So that it is the same in either case, and that
// nothing runs unwatched, it ends here.
func (p *Process) sawProgram(pid int, command string) {
	if pid != p.Pid() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.spawned) < maxSpawned {
			p.spawned = append(p.spawned, Spawned{Pid: pid, Command: command})
		}
		return
	}
	p.mu.Lock()
	p.became = command
	p.mu.Unlock()
	p.child.killAlone()
}

// Halt stops a running process; Continue then returns. It may be called from
// any goroutine. Of a process that is stopped it makes the next Continue return
// at once, so that whoever calls it need not know which of the two it is.
func (p *Process) Halt() error {
	p.mu.Lock()
	r := p.run
	if r == nil {
		p.halted = true
		p.mu.Unlock()
		return nil
	}
	p.mu.Unlock()
	return p.haltRun(r)
}

// haltRun halts a run, if it has not ended.
func (p *Process) haltRun(r *run) error {
	// Delve forgets a request that comes before it has resumed the target.
	select {
	case <-r.resumed:
	case <-r.ended:
		return nil
	case <-time.After(2 * time.Second):
	}
	p.mu.Lock()
	if p.run != r || p.became != "" {
		p.mu.Unlock()
		return nil
	}
	r.halting = true
	p.mu.Unlock()
	return p.drv.halt()
}

// ReadMemory fills b from the process's memory at addr. It fails as a whole
// where a part cannot be read.
func (p *Process) ReadMemory(b []byte, addr uint64) error {
	if err := p.stopped(); err != nil {
		return err
	}
	if len(b) == 0 {
		return nil
	}
	return p.drv.readMemory(b, addr)
}

// Stack returns at most depth frames of a hit's goroutine, innermost first,
// inlined calls as frames of their own. The slice is the caller's.
func (p *Process) Stack(h *Hit, depth int) ([]Frame, error) {
	if err := p.stopped(); err != nil {
		return nil, err
	}
	if depth <= 0 {
		return nil, nil
	}
	return p.drv.stack(h, depth)
}

// Goroutine is the id of the goroutine that a hit is on: goroutine 18, as the
// runtime's own tracebacks name it.
func (p *Process) Goroutine(h *Hit) (int64, error) {
	if err := p.stopped(); err != nil {
		return 0, err
	}
	id, err := p.drv.goroutine(h)
	if err != nil {
		return 0, fmt.Errorf("finding the goroutine on thread %d: %w", h.Thread, err)
	}
	return id, nil
}

// Symbol is the address, in the process, of a function's first instruction or
// of a package's variable, by its name as the linker knows it: main.main,
// main.(*cache).evict, main.counter.
func (p *Process) Symbol(name string) (uint64, error) {
	if err := p.stopped(); err != nil {
		return 0, err
	}
	addr, err := p.drv.symbol(name)
	if err != nil {
		return 0, fmt.Errorf("looking for %s: %w", name, err)
	}
	return addr, nil
}

func (p *Process) stopped() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.gone:
		return ErrGone
	case p.run != nil:
		return ErrRunning
	}
	return nil
}
