package dlvclient

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The three ways out of a process: Detach lets it run on without us, Kill ends
// it, Close is for a deferred call and ends it if nothing else was done.

// patience is how long Delve and the kernel may take to end a process.
const patience = 5 * time.Second

// Close ends the process, unless it has ended or was let go before.
func (p *Process) Close() error { return p.Kill() }

// Kill ends the process, what runs in its process group included, and frees
// what Launch made. It works whatever the process, and Delve, are at; it is
// bounded. It may be called from any goroutine; a Continue in progress returns.
// Of a process that is gone it does nothing.
func (p *Process) Kill() error {
	p.Loosen()
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return nil
	}
	p.gone = true
	r := p.run
	p.child.kill()
	p.mu.Unlock()

	dead := true
	if r != nil { // its end is Delve's to see
		select {
		case <-r.ended:
		case <-time.After(patience):
			dead = false
		}
	}
	dead = p.child.reap() && dead
	done := make(chan struct{})
	go func() {
		_ = p.drv.detach(true) // fails, for there is nothing to let go
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		return fmt.Errorf("killing process %d: Delve did not let go of it within %v", p.Pid(), patience)
	}
	if !dead {
		return fmt.Errorf("killing process %d: it did not end within %v", p.Pid(), patience)
	}
	return nil
}

// Detach lets go of a stopped process, which runs on as if we had not been
// there. All breakpoints are taken away first, and it is checked that the code
// is as it was; where that fails the process is still ours, and stopped. After
// it the process is not traced by anyone; that is checked too. It stays a child
// of this process. Its end is asked for, so that no zombie is left.
func (p *Process) Detach() error {
	if err := p.stopped(); err != nil {
		return err
	}
	p.Loosen()
	if err := p.clearAll(); err != nil {
		return fmt.Errorf("detaching from process %d: %w", p.Pid(), err)
	}
	if ended, err := p.settle(); err != nil || ended {
		return err
	}
	if err := p.drv.detach(false); err != nil {
		return fmt.Errorf("detaching from process %d: %w", p.Pid(), err)
	}
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	if err := p.child.freed(); err != nil {
		return fmt.Errorf("detaching from process %d: %w", p.Pid(), err)
	}
	return nil
}

// clearAll takes our breakpoints out of the code, and reads it again to see.
func (p *Process) clearAll() error {
	for addr, was := range p.breakpoints {
		if err := p.ClearBreakpoint(addr); err != nil {
			return err
		}
		var is [1]byte
		if err := p.drv.readMemory(is[:], addr); err != nil {
			return err
		}
		if is[0] != was {
			return fmt.Errorf("a breakpoint is left in the code at %#x: %#02x where %#02x was", addr, is[0], was)
		}
	}
	return nil
}

// settle lets the process run for an instant after its breakpoints are gone. A
// thread can have run into one that Delve has not heard of yet (its stop1 calls
// that a phantom breakpoint): a trap is pending for it, which would kill the
// process once nobody takes it.
func (p *Process) settle() (ended bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	s, err := p.Continue(ctx)
	switch {
	case errors.Is(err, ErrGone):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("detaching from process %d: %w", p.Pid(), err)
	case s.Reason == Exited || s.Reason == Execed:
		return true, nil
	}
	return false, nil
}
