package dlvclient

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
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
	Env  []string // KEY=value, added to our environment
	Via  Via

	// TTY is the path of a terminal that becomes the target's, with its
	// standard input and output. If it is "", Stdin is the path of a file to
	// read ("" is no input), and Stdout and Stderr are where it writes, which
	// Launch closes on our side; nil is ours.
	TTY    string
	Stdin  string
	Stdout *os.File
	Stderr *os.File

	// Started is called with the process's id as soon as it is known, before
	// Delve has read the debug information and before the program has run.
	Started func(pid int)
}

// ErrRunning says that what was asked for needs the process to be stopped.
var ErrRunning = errors.New("the process is running")

// ErrPermission says that the system does not let one process trace another:
// Yama, a container without the capability, a seccomp filter.
var ErrPermission = errors.New("the system forbids to trace it")

// ErrGone says that the process has ended or was let go.
var ErrGone = errors.New("the process is gone")

// driver is what the two ways have in common.
type driver interface {
	setBreakpoint(addr uint64) error
	clearBreakpoint(addr uint64) error
	resume(resumed chan<- struct{}) (*Stop, error)
	halt() error
	readMemory(p []byte, addr uint64) error
	stack(h *Hit, depth int) ([]Frame, error)
	detach(kill bool) error
}

// Process is a program under Delve. But for Halt and Pid, its methods must not
// be called at the same time.
type Process struct {
	drv   driver
	pid   int
	slide uint64
	arch  string

	mu      sync.Mutex
	running bool
	resumed chan struct{} // closed once the target is seen running
	halted  bool          // Halt was called while it was stopped
	gone    bool
	tight   func() // takes back what Tighten did
}

// Launch starts a program under Delve; it stands before its first instruction.
// The error says why Delve could not start it; it is [ErrPermission] where the
// system does not let it trace.
func Launch(cfg Config) (*Process, error) {
	p, err := launch(cfg)
	if err != nil {
		return nil, fmt.Errorf("starting %s under Delve: %w", cfg.Path, err)
	}
	return p, nil
}

// Pid is the process's id.
func (p *Process) Pid() int { return p.pid }

// Slide is what to add to the file's addresses to get the process's.
func (p *Process) Slide() uint64 { return p.slide }

// Arch is the process's architecture by Go's name for it.
func (p *Process) Arch() string { return p.arch }

// SetBreakpoint makes the process stop before the instruction at addr.
func (p *Process) SetBreakpoint(addr uint64) error {
	if err := p.stopped(); err != nil {
		return err
	}
	if err := p.drv.setBreakpoint(addr); err != nil {
		return fmt.Errorf("setting a breakpoint at %#x: %w", addr, err)
	}
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
	return nil
}

// Continue lets the process run until it stops. A cancelled ctx halts it: the
// stop then has reason Halted, and the error is nil.
func (p *Process) Continue(ctx context.Context) (*Stop, error) {
	if err := p.stopped(); err != nil {
		return nil, err
	}
	resumed := make(chan struct{})
	p.mu.Lock()
	if p.halted {
		p.halted = false
		p.mu.Unlock()
		return &Stop{Reason: Halted}, nil
	}
	p.running, p.resumed = true, resumed
	p.mu.Unlock()

	if ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, func() { _ = p.haltRun(resumed) })
		defer unhook()
	}
	stop, err := p.drv.resume(resumed)

	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = false
	p.resumed = nil
	if err != nil {
		return nil, fmt.Errorf("continuing process %d: %w", p.pid, err)
	}
	if stop.Reason == Exited {
		p.gone = true
	}
	return stop, nil
}

// Halt stops a running process; Continue then returns. It may be called from
// any goroutine. Of a process that is stopped it makes the next Continue return
// at once, so that whoever calls it need not know which of the two it is.
func (p *Process) Halt() error {
	p.mu.Lock()
	if !p.running {
		p.halted = true
		p.mu.Unlock()
		return nil
	}
	resumed := p.resumed
	p.mu.Unlock()
	return p.haltRun(resumed)
}

// haltRun halts the run that began with resumed, if it has not ended.
func (p *Process) haltRun(resumed chan struct{}) error {
	// Delve forgets a request that comes before it has resumed the target.
	select {
	case <-resumed:
	case <-time.After(2 * time.Second):
	}
	p.mu.Lock()
	running := p.running && p.resumed == resumed
	p.mu.Unlock()
	if !running {
		return nil
	}
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
// inlined calls as frames of their own.
func (p *Process) Stack(h *Hit, depth int) ([]Frame, error) {
	if err := p.stopped(); err != nil {
		return nil, err
	}
	if depth <= 0 {
		return nil, nil
	}
	return p.drv.stack(h, depth)
}

// Kill ends the process and lets go of it. It is bounded: where Delve does not
// answer, the process group is killed past it.
func (p *Process) Kill() error {
	p.Loosen()
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return nil
	}
	p.gone = true
	p.mu.Unlock()

	done := make(chan error, 1)
	go func() {
		_ = p.Halt()
		done <- p.drv.detach(true)
	}()
	select {
	case err := <-done:
		if err != nil {
			_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		}
		return err
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		return fmt.Errorf("letting go of process %d: Delve did not answer within 5 s; the process was killed", p.pid)
	}
}

func (p *Process) stopped() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.gone:
		return ErrGone
	case p.running:
		return ErrRunning
	}
	return nil
}
