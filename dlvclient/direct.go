package dlvclient

import (
	"errors"
	"fmt"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/service/debugger"
)

// direct drives the debugger's target group. Each call takes the debugger's
// lock, as the rpc2 server does, so that both can be used on one debugger.
type direct struct {
	dbg *debugger.Debugger
	// halter is a copy of the target group, for halt alone: asking for a stop
	// reads which target is selected, while Continue sets it, though to the only
	// one that there is. What the two must share is behind a pointer, with a lock.
	halter proc.TargetGroup
	// chains remembers the frames that Delve found for a chain of frame
	// pointers.
	chains chains
	nextID int
	saw    func(pid int, command string)
}

func newDirect(dbg *debugger.Debugger, grp *proc.TargetGroup, libs libraries, saw func(int, string)) *direct {
	return &direct{dbg: dbg, halter: *grp, chains: newChains(libs), nextID: 1000, saw: saw}
}

func (d *direct) setBreakpoint(addr uint64) error {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	d.nextID++
	_, err := grp.Selected.SetBreakpoint(d.nextID, addr, proc.UserBreakpoint, nil)
	if errors.As(err, new(proc.BreakpointExistsError)) {
		return nil
	}
	return err
}

func (d *direct) clearBreakpoint(addr uint64) error {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	return grp.Selected.ClearBreakpoint(addr)
}

func (d *direct) resume(resumed chan<- struct{}) (*Stop, error) {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	grp.ResumeNotify(resumed)
	err := grp.Continue()
	grp.ResumeNotify(nil)
	var exited proc.ErrProcessExited
	if errors.As(err, &exited) {
		return &Stop{Reason: Exited, Status: exited.Status}, nil
	}
	if err != nil {
		return nil, err
	}
	return d.stopOf(grp)
}

// reasons are the reasons for a stop by Delve's; all others are Other.
var reasons = map[proc.StopReason]Reason{
	proc.StopBreakpoint:          Breakpoint,
	proc.StopHardcodedBreakpoint: Breakpoint,
	proc.StopManual:              Halted,
}

// nobody is a regular expression that no command line matches. Delve follows
// the process's programs by it: it takes none, but tells of each.
const nobody = `[^\x00-\x{10FFFF}]`

var (
	errNoThread    = errors.New("the thread is gone")
	errNoSymbol    = errors.New("it has no address")
	errNoGoroutine = errors.New("it runs none")
)

// stopOf gathers every thread at a breakpoint.
func (d *direct) stopOf(grp *proc.TargetGroup) (*Stop, error) {
	tgt := grp.Selected
	s := &Stop{Reason: Other}
	if why, ok := reasons[tgt.StopReason]; ok {
		s.Reason = why
	}
	for _, th := range tgt.ThreadList() {
		bp := th.Breakpoint()
		if bp.Breakpoint == nil || !bp.Active {
			continue
		}
		h, err := d.hitOf(th, bp.Addr)
		if err != nil {
			return nil, fmt.Errorf("reading the registers of thread %d: %w", th.ThreadID(), err)
		}
		s.Hits = append(s.Hits, h)
	}
	return s, nil
}

func (d *direct) hitOf(th proc.Thread, addr uint64) (*Hit, error) {
	regs, err := th.Registers()
	if err != nil {
		return nil, err
	}
	h := &Hit{Thread: th.ThreadID(), Addr: addr, pc: regs.PC(), sp: regs.SP(), bp: regs.BP()}
	if get := machineRegs(regs); get != nil {
		h.reg = get
		return h, nil
	}
	dregs := th.BinInfo().Arch.RegistersToDwarfRegisters(0, regs)
	h.reg = func(n int) (uint64, bool) {
		r := dregs.Reg(uint64(n))
		if r == nil {
			return 0, false
		}
		return r.Uint64Val, true
	}
	return h, nil
}

// halt does not take the lock: the Continue that it ends holds it.
func (d *direct) halt() error { return d.halter.RequestManualStop() }

func (d *direct) readMemory(p []byte, addr uint64) error {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	n, err := grp.Selected.Memory().ReadMemory(p, addr)
	if err != nil {
		return fmt.Errorf("reading %d bytes at %#x: %w", len(p), addr, err)
	}
	if n < len(p) {
		return fmt.Errorf("reading %d bytes at %#x: only %d can be read", len(p), addr, n)
	}
	return nil
}

func (d *direct) stack(h *Hit, depth int) ([]Frame, error) {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	return d.chains.stack(grp.Selected, h, depth)
}

func (d *direct) goroutine(h *Hit) (int64, error) {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	th, ok := grp.Selected.FindThread(h.Thread)
	if !ok {
		return 0, errNoThread
	}
	g, err := proc.GetG(th)
	if err != nil {
		return 0, err
	}
	if g == nil {
		return 0, errNoGoroutine
	}
	return g.ID, nil
}

func (d *direct) symbol(name string) (uint64, error) {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	tgt := grp.Selected
	if fns := tgt.BinInfo().LookupFunc()[name]; len(fns) > 0 && fns[0].Entry != 0 {
		return fns[0].Entry, nil
	}
	scope := proc.FrameToScope(tgt, tgt.Memory(), nil, 0, proc.Stackframe{})
	v, err := scope.EvalExpression(name, proc.LoadConfig{})
	if err != nil {
		return 0, err
	}
	if v.Addr == 0 {
		return 0, errNoSymbol
	}
	return v.Addr, nil
}

func (d *direct) followExec() error {
	grp, unlock := d.dbg.LockTargetGroup()
	defer unlock()
	grp.SetEventsFn(func(e *proc.Event) {
		if e.Kind == proc.EventProcessSpawned {
			d.saw(e.ProcessSpawnedEventDetails.PID, e.Cmdline)
		}
	})
	return grp.FollowExec(true, nobody)
}

func (d *direct) detach(kill bool) error {
	return d.dbg.Detach(kill)
}
