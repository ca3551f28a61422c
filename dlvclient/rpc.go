package dlvclient

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/service/api"
	"github.com/go-delve/delve/service/debugger"
	"github.com/go-delve/delve/service/rpc2"

	"deltui/internal/goabi"
)

// remote drives Delve by rpc2, over a pipe in memory.
type remote struct {
	c   *rpc2.RPCClient
	ids map[uint64]int // breakpoints by address
	// update makes Delve look for shared libraries.
	update func() error
	saw    func(pid int, command string)
}

// maxExamine is the most that ExamineMemory reads in one call.
const maxExamine = 65536

func newRPC(dbg *debugger.Debugger, cfg *debugger.Config, libs libraries, saw func(int, string)) driver {
	theirs, ours := net.Pipe()
	serve(theirs, dbg, cfg)
	return &remote{c: rpc2.NewClientFromConn(ours), ids: make(map[uint64]int), saw: saw, update: func() error {
		grp, unlock := dbg.LockTargetGroup()
		defer unlock()
		return libs.update(grp.Selected)
	}}
}

func (r *remote) setBreakpoint(addr uint64) error {
	if _, ok := r.ids[addr]; ok {
		return nil
	}
	bp, err := r.c.CreateBreakpoint(&api.Breakpoint{Addr: addr})
	if err != nil {
		return err
	}
	r.ids[addr] = bp.ID
	return nil
}

func (r *remote) clearBreakpoint(addr uint64) error {
	id, ok := r.ids[addr]
	if !ok {
		return errors.New("there is none")
	}
	if _, err := r.c.ClearBreakpoint(id); err != nil {
		return err
	}
	delete(r.ids, addr)
	return nil
}

func (r *remote) resume(resumed chan<- struct{}) (*Stop, error) {
	states := r.c.Continue()
	close(resumed) // the server takes a halt only after it has resumed the target
	var st *api.DebuggerState
	for s := range states {
		st = s
	}
	if st == nil {
		return nil, errors.New("no answer from Delve")
	}
	if st.Exited {
		_ = r.c.Disconnect(false) // the server's end has nothing to serve
		return &Stop{Reason: Exited, Status: st.ExitStatus}, nil
	}
	if st.Err != nil {
		return nil, st.Err
	}
	s := &Stop{Reason: reasonOf(st.StopReason)}
	for _, th := range st.Threads {
		if th.Breakpoint == nil {
			continue
		}
		h, err := r.hitOf(th)
		if err != nil {
			return nil, err
		}
		s.Hits = append(s.Hits, h)
	}
	return s, nil
}

func (r *remote) hitOf(th *api.Thread) (*Hit, error) {
	regs, err := r.c.ListThreadRegisters(th.ID, false)
	if err != nil {
		return nil, fmt.Errorf("reading the registers of thread %d: %w", th.ID, err)
	}
	vals := make(map[int]uint64, len(regs))
	for _, reg := range regs {
		if v, err := strconv.ParseUint(reg.Value, 0, 64); err == nil && reg.DwarfNumber >= 0 {
			vals[reg.DwarfNumber] = v
		}
	}
	h := &Hit{Thread: th.ID, pc: th.PC, goroutine: th.GoroutineID}
	if th.Breakpoint != nil {
		h.Addr = th.Breakpoint.Addr
	}
	h.reg = func(n int) (uint64, bool) { v, ok := vals[n]; return v, ok }
	table := goabi.Of(runtime.GOARCH)
	h.sp, h.bp = vals[table.SP], vals[table.BP]
	return h, nil
}

func (r *remote) halt() error {
	_, err := r.c.Halt()
	return err
}

func (r *remote) readMemory(p []byte, addr uint64) error {
	for len(p) > 0 {
		n := min(len(p), maxExamine)
		b, _, err := r.c.ExamineMemory(addr, n)
		if err != nil {
			return fmt.Errorf("reading %d bytes at %#x: %w", n, addr, err)
		}
		if len(b) < n {
			return fmt.Errorf("reading %d bytes at %#x: only %d can be read", n, addr, len(b))
		}
		copy(p, b)
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}

func (r *remote) stack(h *Hit, depth int) ([]Frame, error) {
	if err := r.update(); err != nil {
		return nil, err
	}
	if _, err := r.c.SwitchThread(h.Thread); err != nil {
		return nil, fmt.Errorf("switching to thread %d: %w", h.Thread, err)
	}
	raw, err := r.c.Stacktrace(-1, depth-1, 0, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("unwinding the stack of thread %d: %w", h.Thread, err)
	}
	fs := make([]Frame, 0, len(raw))
	for i, f := range raw {
		if len(fs) == depth || f.Err != "" {
			break
		}
		fr := Frame{PC: f.PC, File: f.File, Line: f.Line, Func: "?"}
		if f.Function != nil {
			fr.Func, fr.Entry = f.Function.Name(), f.Function.Value
		}
		fs = append(fs, fr)
		// rpc2 does not say which frames are inlined calls: those that share
		// the frame in memory of the function that they were inlined in, which
		// comes after them.
		if i > 0 && raw[i-1].PC == f.PC && raw[i-1].FrameOffset == f.FrameOffset {
			fs[i-1].Inlined = true
		}
	}
	return fs, nil
}

func (r *remote) goroutine(h *Hit) (int64, error) {
	if h.goroutine == 0 {
		return 0, errNoGoroutine
	}
	return h.goroutine, nil
}

func (r *remote) symbol(name string) (uint64, error) {
	scope := api.EvalScope{GoroutineID: -1}
	locs, _, err := r.c.FindLocation(scope, name, false, nil)
	if err == nil {
		for _, l := range locs {
			if l.Function != nil && l.Function.Name() == name {
				return l.Function.Value, nil
			}
		}
	}
	v, err := r.c.EvalVariable(scope, name, api.LoadConfig{})
	if err != nil {
		return 0, err
	}
	if v.Addr == 0 {
		return 0, errNoSymbol
	}
	return v.Addr, nil
}

func (r *remote) followExec() error {
	r.c.SetEventsFn(func(e *api.Event) {
		if e.Kind == api.EventProcessSpawned {
			r.saw(e.ProcessSpawnedEventDetails.PID, e.Cmdline)
		}
	})
	return r.c.FollowExec(true, nobody)
}

// reasonOf is a stop's reason by Delve's words for it.
func reasonOf(text string) Reason {
	for _, why := range []proc.StopReason{proc.StopBreakpoint, proc.StopHardcodedBreakpoint, proc.StopManual} {
		if text == why.String() {
			return reasons[why]
		}
	}
	return Other
}

func (r *remote) detach(kill bool) error { return r.c.Detach(kill) }
