package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/guard"
	"deltui/internal/trace"
)

// LaunchConfig says which program to launch, and what becomes of its input and
// output.
type LaunchConfig struct {
	Path string // the program
	Name string // as the user named it; Path if ""
	Args []string
	Dir  string
	Env  []string // added to ours

	// Terminal gives the target a terminal of its own (for a screen).
	// Otherwise Stdin is copied to its input, nil is none.
	Terminal bool
	Stdin    Input
	// Output is handed what the target prints, raw, besides the sink; stream 1
	// is stdout, 2 is stderr. It may be nil.
	Output func(stream int, b []byte)

	Via dlvclient.Via
	// Guard is told of the target, and kills it should we die; nil starts one.
	Guard *guard.Guard
}

// Live is a launched target. It implements [Source].
type Live struct {
	cfg   LaunchConfig
	file  *debuginfo.File
	proc  *dlvclient.Process
	guard *guard.Guard
	con   *console

	control
	state atomic.Pointer[State]

	// What follows belongs to the goroutine of Run.
	sink    *lockedSink
	plan    Plan
	filter  filter
	slide   uint64
	stops   map[uint64]stopAt
	gOff    gOffsets
	layouts map[uint64]*layoutOf
	maps    *mapTable
	stacks  *stacks
	pending map[int64]*pendingOp
	src     *sourcer
	types   *liveTypes
	began   time.Time
	ended   int // ops
	meter   meter
	cfgInfo trace.Info
	onlyMap map[gomap.OpKind]int // kinds watched of one map only

	unexplained int
}

// Launch opens the program's debug information and starts it under Delve; it
// stands before its first instruction. The errors are those of
// [debuginfo.Open] and [dlvclient.Launch].
func Launch(ctx context.Context, cfg LaunchConfig) (*Live, error) {
	if cfg.Name == "" {
		cfg.Name = cfg.Path
	}
	l := &Live{cfg: cfg}
	l.control.init()
	l.state.Store(&State{Doing: Starting})

	// Delve takes most of the time; what is ours runs beside it.
	file, err := debuginfo.Open(cfg.Path)
	if err != nil {
		return nil, err
	}
	l.file = file
	if l.guard = cfg.Guard; l.guard == nil {
		if l.guard, err = guard.Start(guard.Config{}); err != nil {
			file.Close()
			return nil, err
		}
	}
	if l.con, err = openConsole(cfg); err != nil {
		l.Close()
		return nil, err
	}
	var warm sync.WaitGroup
	warm.Go(func() { _, _ = file.EntryPoints() })
	l.proc, err = dlvclient.Launch(dlvclient.Config{
		Path: cfg.Path, Args: cfg.Args, Dir: cfg.Dir, Env: cfg.Env, Via: cfg.Via,
		TTY: l.con.tty, Stdin: l.con.stdin, Stdout: l.con.stdout, Stderr: l.con.stderr,
		Started: l.guard.Watch,
	})
	warm.Wait()
	l.con.launched()
	if err != nil {
		l.Close()
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close ends the target, if it still is there, and frees what Launch made.
// Run does it by itself.
func (l *Live) Close() {
	if l.proc != nil {
		_ = l.proc.Kill()
	}
	if l.con != nil {
		l.con.close()
	}
	if l.guard != nil {
		if l.proc != nil {
			l.guard.Unwatch(l.proc.Pid())
		}
		if l.cfg.Guard == nil {
			l.guard.Close()
		}
		l.guard = nil
	}
	if l.file != nil {
		l.file.Close()
	}
}

// Caps says that a launched target takes input and other ops.
func (l *Live) Caps() Caps { return Caps{Stdin: true, Ops: true} }

// State is what the source is doing.
func (l *Live) State() State { return *l.state.Load() }

// DebugInfo is the target's debug information.
func (l *Live) DebugInfo() *debuginfo.File { return l.file }

// Run implements [Source].
func (l *Live) Run(ctx context.Context, plan Plan, sink trace.Sink) (err error) {
	defer l.Close()
	l.sink = &lockedSink{Sink: sink}
	if err := l.prepare(plan); err != nil {
		l.setState(State{Doing: Ended, Err: err})
		return err
	}
	l.con.start(l.sink, l.cfg.Output)
	l.src = newSourcer(l.sink)
	defer l.src.close()
	if err := l.watch(); err != nil {
		l.setState(State{Doing: Ended, Err: err})
		return err
	}
	unhook := context.AfterFunc(ctx, func() { _ = l.Do(context.Background(), Quit{}) })
	defer unhook()
	err = l.loop()
	l.setState(State{Doing: Ended, At: l.State().At, Hit: l.State().Hit, Err: err})
	return err
}

// prepare makes what the loop needs, and tells the sink of the target.
func (l *Live) prepare(plan Plan) error {
	l.plan = plan
	l.began = time.Now()
	l.slide = l.proc.Slide()
	l.layouts = make(map[uint64]*layoutOf)
	l.maps = newMapTable()
	l.pending = make(map[int64]*pendingOp)
	l.stacks = newStacks(l.file)
	l.types = &liveTypes{l: l, known: make(map[uint64]*gomap.Type)}
	l.meter.init()
	f, err := newFilter(plan.Filter)
	if err != nil {
		return err
	}
	l.filter = f
	if l.gOff, err = readGOffsets(l.file); err != nil {
		return err
	}
	facts := l.file.Facts()
	l.cfgInfo = trace.Info{
		Target: l.cfg.Name, Args: l.cfg.Args, GoVersion: facts.GoVersion, Arch: facts.Arch,
		PID: l.proc.Pid(), Goroot: facts.Goroot, Started: l.began,
	}
	for i, e := range facts.Experiments {
		if i > 0 {
			l.cfgInfo.Experiment += ","
		}
		l.cfgInfo.Experiment += e
	}
	for _, k := range plan.Ops {
		l.cfgInfo.Ops = append(l.cfgInfo.Ops, k.String())
	}
	return l.sink.Info(l.cfgInfo)
}

// watch sets the breakpoints of the plan.
func (l *Live) watch() error {
	l.stops = make(map[uint64]stopAt)
	for _, name := range []string{"runtime.gopanic", "runtime.throw", "runtime.fatal"} {
		if lo, _, ok := l.file.Func(name); ok {
			what := atFatal
			if name == "runtime.gopanic" {
				what = atPanic
			}
			if err := l.addStop(lo, stopAt{what: what}); err != nil {
				return err
			}
		}
	}
	return l.watchOps(l.plan.Ops)
}

func (l *Live) watchOps(kinds []gomap.OpKind) error {
	if len(kinds) == 0 {
		return nil
	}
	eps, err := l.file.EntryPoints(kinds...)
	if err != nil {
		return err
	}
	for i := range eps {
		ep := &eps[i]
		if err := l.addStop(ep.Stop, stopAt{what: atEntry, ep: ep}); err != nil {
			return err
		}
		for _, pc := range append(append([]uint64(nil), ep.Returns...), ep.Exits...) {
			if err := l.addStop(pc, stopAt{what: atReturn, ep: ep}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Live) addStop(addr uint64, at stopAt) error {
	addr += l.slide
	if _, ok := l.stops[addr]; ok {
		return nil
	}
	if err := l.proc.SetBreakpoint(addr); err != nil {
		return fmt.Errorf("watching %s: %w", l.cfg.Name, err)
	}
	l.stops[addr] = at
	return nil
}

// unwatchOps takes the breakpoints of other kinds of ops away, but for those
// of an op in progress.
func (l *Live) unwatchOps(keep []gomap.OpKind) error {
	for addr, at := range l.stops {
		if at.ep == nil || at.what != atEntry || slices.Contains(keep, at.ep.Op) {
			continue
		}
		if err := l.proc.ClearBreakpoint(addr); err != nil {
			return fmt.Errorf("watching less of %s: %w", l.cfg.Name, err)
		}
		delete(l.stops, addr)
	}
	return nil
}

// stopAt is what a breakpoint is for.
type stopAt struct {
	what what
	ep   *debuginfo.EntryPoint
}

type what uint8

const (
	atEntry what = iota + 1
	atReturn
	atPanic // runtime.gopanic
	atFatal // runtime.throw, runtime.fatal
)

// lockedSink lets the target's output be written beside its ops.
type lockedSink struct {
	mu sync.Mutex
	trace.Sink
}

func (s *lockedSink) with(f func(trace.Sink) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.Sink)
}

func (s *lockedSink) Output(stream int, b []byte) error {
	return s.with(func(t trace.Sink) error { return t.Output(stream, b) })
}

func (s *lockedSink) Source(file string, first int, lines []string) error {
	return s.with(func(t trace.Sink) error { return t.Source(file, first, lines) })
}

func (s *lockedSink) Info(i trace.Info) error {
	return s.with(func(t trace.Sink) error { return t.Info(i) })
}

func (s *lockedSink) Layout(g *gomap.Layout) (id trace.LayoutID, err error) {
	err = s.with(func(t trace.Sink) error { id, err = t.Layout(g); return err })
	return id, err
}

func (s *lockedSink) Type(addr uint64, g *gomap.Type) error {
	return s.with(func(t trace.Sink) error { return t.Type(addr, g) })
}

func (s *lockedSink) Begin(op trace.Op) (id trace.OpID, err error) {
	err = s.with(func(t trace.Sink) error { id, err = t.Begin(op); return err })
	return id, err
}

func (s *lockedSink) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	return s.with(func(t trace.Sink) error { return t.Read(m, mapID, root, rs) })
}

func (s *lockedSink) End(id trace.OpID, e trace.Ending) error {
	return s.with(func(t trace.Sink) error { return t.End(id, e) })
}

func (s *lockedSink) Fate(f trace.Fate) error {
	return s.with(func(t trace.Sink) error { return t.Fate(f) })
}

func (s *lockedSink) Usage(u trace.Usage) error {
	return s.with(func(t trace.Sink) error { return t.Usage(u) })
}

// errGone reports whether the target went away under our hands.
func errGone(err error) bool { return errors.Is(err, dlvclient.ErrGone) }
