package dlvclient

import (
	"errors"
	"fmt"

	"github.com/go-delve/delve/pkg/proc"
)

// Step lets a hit's thread execute one instruction, while all others stay where
// they are, and returns the thread as it is then: Addr is a breakpoint that it
// has come to, or 0. That breakpoint counts as hit, Continue does not stop at it
// again. The hit that was handed in is over, those of other threads are not.
//
// What the instruction waits for must not be another thread's to do: nobody
// would.
func (p *Process) Step(h *Hit) (*Hit, error) {
	if err := p.stopped(); err != nil {
		return nil, err
	}
	if !waiting.TryLock() {
		return nil, ErrBusy
	}
	defer waiting.Unlock()
	next, err := p.drv.step(h)
	if err != nil {
		return nil, fmt.Errorf("stepping thread %d of process %d: %w", h.Thread, p.Pid(), err)
	}
	// Delve's own thread says it only of a breakpoint whose condition was looked at.
	next.Addr = 0
	if _, ok := p.breakpoints[next.pc]; ok {
		next.Addr = next.pc
	}
	return next, nil
}

func (g guarded) step(h *Hit) (next *Hit, err error) {
	err = enter(func() error { next, err = g.driver.step(h); return err })
	return next, err
}

func (d *direct) step(h *Hit) (*Hit, error) {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	tgt := grp.Selected
	if g := tgt.SelectedGoroutine(); tgt.CurrentThread().ThreadID() != h.Thread || g == nil || g.Thread == nil || g.Thread.ThreadID() != h.Thread {
		if err := tgt.SwitchThread(h.Thread); err != nil {
			return nil, err
		}
	}
	if err := grp.StepInstruction(false); err != nil {
		if errors.As(err, new(proc.ErrProcessExited)) {
			return nil, ErrGone
		}
		return nil, err
	}
	th, ok := tgt.FindThread(h.Thread)
	if !ok {
		return nil, errNoThread
	}
	return d.hitOf(th, 0)
}

func (r *remote) step(h *Hit) (*Hit, error) {
	if _, err := r.c.SwitchThread(h.Thread); err != nil {
		return nil, err
	}
	st, err := r.c.StepInstruction(false)
	switch {
	case err != nil:
		return nil, err
	case st.Exited:
		return nil, ErrGone
	}
	for _, th := range st.Threads {
		if th.ID == h.Thread {
			return r.hitOf(th)
		}
	}
	return nil, errNoThread
}
