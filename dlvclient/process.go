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

	// Spawned is called when the process has started another program, which is
	// not under Delve: with its process id and command line. It is called while
	// the process runs and must not call its methods. (Linux only.)
	Spawned func(pid int, command string)
}

// ErrRunning says that what was asked for needs the process to be stopped.
var ErrRunning = errors.New("the process is running")

// ErrPermission says that the system does not let one process trace another:
// Yama, a container without the capability, a seccomp filter.
var ErrPermission = errors.New("the system forbids to trace it")

// ErrGone says that the process has ended, was let go, or has become another
// program.
var ErrGone = errors.New("the process is gone")

// driver is what the two ways have in common.
type driver interface {
	setBreakpoint(addr uint64) error
	clearBreakpoint(addr uint64) error
	resume(resumed chan<- struct{}) (*Stop, error)
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
	drv     driver
	child   *child
	slide   uint64
	arch    string
	spawned func(pid int, command string)
	execed  chan string // gets the command line of what the process has become

	mu          sync.Mutex
	run         *run            // in progress
	halted      bool            // Halt was called while it was stopped
	gone        bool            // ended or let go
	ended       bool            // and was asked for: its id may be another's
	became      bool            // it has become another program
	haltWait    chan struct{}   // Halt was called after that
	breakpoints map[uint64]byte // addresses, with the byte that was there
	tight       func()          // takes back what Tighten did
}

// run is one Continue.
type run struct {
	resumed chan struct{} // closed once the target is seen running
	ended   chan struct{} // closed when stop and err are there
	halting bool          // it was asked to stop
	stop    *Stop
	err     error
}

// Launch starts a program under Delve; it stands before its first instruction.
// The error says why Delve could not start it; it is [ErrPermission] where the
// system does not let it trace, and [ErrDelve] where Delve cannot bear the
// debug information. When ctx is cancelled the process is killed at once and
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
// stop then has reason Halted, and the error is nil. After a stop with reason
// Execed it waits for the end of what the process has become.
func (p *Process) Continue(ctx context.Context) (*Stop, error) {
	p.mu.Lock()
	r := p.run
	switch {
	case p.gone:
		p.mu.Unlock()
		return nil, ErrGone
	case r != nil && !p.became:
		p.mu.Unlock()
		return nil, ErrRunning
	case p.halted:
		p.halted = false
		p.mu.Unlock()
		return &Stop{Reason: Halted}, nil
	case r == nil:
		r = &run{resumed: make(chan struct{}), ended: make(chan struct{})}
		p.run = r
		go func() {
			r.stop, r.err = p.drv.resume(r.resumed)
			if r.err == nil && r.stop.Reason == Exited {
				p.mu.Lock()
				p.ended = true
				p.mu.Unlock()
			}
			close(r.ended)
		}()
	}
	r.halting = false
	p.mu.Unlock()

	if ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, func() { _ = p.haltRun(r) })
		defer unhook()
	}
	return p.await(ctx, r)
}

// await waits for the end of a run, or for what there is to tell before it.
func (p *Process) await(ctx context.Context, r *run) (*Stop, error) {
	var halted, cancelled <-chan struct{}
	if p.became { // what runs there cannot be stopped, but the waiting can
		halted, cancelled = p.haltWait, ctx.Done()
	}
	select {
	case <-r.ended:
	case command := <-p.execed:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.became = true
		return &Stop{Reason: Execed, Command: command}, nil
	case <-halted:
		return &Stop{Reason: Halted}, nil
	case <-cancelled:
		return &Stop{Reason: Halted}, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run = nil
	if r.err != nil {
		return nil, fmt.Errorf("continuing process %d: %w", p.Pid(), r.err)
	}
	select {
	case command := <-p.execed: // and what it became was quick
		p.became, p.run = true, r
		return &Stop{Reason: Execed, Command: command}, nil
	default:
	}
	if r.stop.Reason == Exited {
		p.gone = true
	} else if r.halting {
		// A breakpoint can be hit at the same time: its hits are there too.
		r.stop.Reason = Halted
	}
	return r.stop, nil
}

// sawProgram is told by Delve of every program that was executed.
func (p *Process) sawProgram(pid int, command string) {
	if pid != p.Pid() {
		if p.spawned != nil {
			p.spawned(pid, command)
		}
		return
	}
	select {
	case p.execed <- command:
	default: // it has become another already, and is not under Delve
	}
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
	if p.became {
		select {
		case p.haltWait <- struct{}{}:
		default:
		}
	}
	if p.run != r || p.became {
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
	case p.gone || p.became:
		return ErrGone
	case p.run != nil:
		return ErrRunning
	}
	return nil
}
