package live

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
)

// Loop watches one process. It implements [probe.Source].
type Loop struct {
	target Target
	proc   *dlvclient.Process
	file   *debuginfo.File
	slide  uint64
	inbox  inbox
	state  atomic.Pointer[probe.State]

	// What follows belongs to the goroutine of Run.
	plan     probe.Plan
	began    time.Time
	sink     *lockedSink
	info     trace.Info // as last told
	filter   filter
	stops    *stops
	gOff     gOffsets
	layouts  map[uint64]*layoutOf
	types    *liveTypes
	maps     *mapTable
	stacks   *stacks
	listings *listings
	pending  map[int64]*pendingOp // by goroutine
	ended    int                  // ops
	meter    meter
	stepper  *debuginfo.Stepper // once an op was seen in slow motion
	frames   map[uint64]trace.Frame
	programs []string // that the target has started
	parted   bool
}

// New returns a source that watches a target. Its Run, or else its Close, must
// be called.
func New(t Target) *Loop {
	l := &Loop{
		target: t, proc: t.Process, file: t.File, slide: t.Process.Slide(),
		inbox:   newInbox(),
		layouts: make(map[uint64]*layoutOf), maps: newMapTable(), stacks: newStacks(t.File),
		pending: make(map[int64]*pendingOp),
		stops:   newStops(t.Process, t.File, t.Name),
	}
	l.types = &liveTypes{l: l, known: make(map[uint64]*gomap.Type)}
	l.meter.init()
	l.state.Store(&probe.State{Doing: probe.Starting})
	return l
}

// Caps says that the target takes other ops, input where it is ours, and, if
// that is how to let go of it, detaching.
func (l *Loop) Caps() probe.Caps {
	_, steps := l.file.Stepper()
	return probe.Caps{Steps: steps, Ops: true, Stdin: l.target.Console != nil, Detach: l.canDetach()}
}

// State implements [probe.Source].
func (l *Loop) State() probe.State { return *l.state.Load() }

func (l *Loop) setState(s probe.State) { l.state.Store(&s) }

// Run implements [probe.Source].
func (l *Loop) Run(ctx context.Context, plan probe.Plan, sink trace.Sink) error {
	defer l.Close()
	l.sink = &lockedSink{Sink: sink}
	l.listings = newListings(l.sink)
	defer l.listings.close()
	err := l.prepare(plan)
	if err == nil {
		if l.target.Console != nil {
			l.target.Console.Start(func(stream int, b []byte) { _ = l.sink.Output(stream, b) })
		}
		unhook := context.AfterFunc(ctx, func() { _ = l.Do(context.Background(), probe.LetGo{}) })
		defer unhook()
		err = l.loop()
	}
	l.setState(probe.State{Doing: probe.Ended, At: l.State().At, Hit: l.State().Hit, Err: err})
	return err
}

// Close parts with the target, if Run has not, and frees what was made for it.
func (l *Loop) Close() {
	if !l.parted {
		_ = l.part(l.target.Parting)
	}
	if release := l.target.Release; release != nil {
		l.target.Release = nil
		release()
	}
}

// prepare makes what the loop needs, tells the sink of the target, and sets the
// breakpoints.
func (l *Loop) prepare(plan probe.Plan) (err error) {
	l.plan = plan
	l.began = time.Now()
	if l.filter, err = newFilter(plan.Filter); err != nil {
		return err
	}
	if l.gOff, err = readGOffsets(l.file); err != nil {
		return err
	}
	facts := l.file.Facts()
	l.info = trace.Info{
		Target: l.target.Name, Args: l.target.Args, GoVersion: facts.GoVersion, Arch: facts.Arch,
		Experiment: strings.Join(facts.Experiments, ","),
		PID:        l.proc.Pid(), Goroot: facts.Goroot, Started: l.began,
		Ops: opNames(plan.Ops),
	}
	if err := l.sink.Info(l.info); err != nil {
		return err
	}
	if err := l.stops.watchPanics(); err != nil {
		return err
	}
	return l.stops.watch(plan.Ops)
}

func opNames(kinds []gomap.OpKind) (names []string) {
	for _, k := range kinds {
		names = append(names, k.String())
	}
	return names
}

// note tells of something that went wrong beside the road, once.
func (l *Loop) note(text string) {
	const most = 100
	for _, told := range l.info.Notes {
		if told == text {
			return
		}
	}
	if len(l.info.Notes) < most {
		l.info.Notes = append(l.info.Notes, text)
		_ = l.sink.Info(l.info)
	}
}

// errGone reports whether the target went away under our hands.
func errGone(err error) bool { return errors.Is(err, dlvclient.ErrGone) }
