package tui

import (
	"context"
	"reflect"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/panel"
)

// session is a [Session] that is on the screen: what was last seen of it, and
// where the user is in it.
type session struct {
	*Session
	ctx    context.Context
	cancel context.CancelFunc
	begun  atomic.Bool                  // Session.Run has been called, or never will be
	size   atomic.Pointer[probe.Resize] // of the target's terminal
	sized  chan struct{}                // closed when size is known
	done   chan struct{}                // closed when Session.Run has returned
	kick   chan struct{}                // wakes the poll that waits

	snap    snapshot
	brisk   int        // polls that come soon
	slow    trace.OpID // goes on in slow motion: its first step is to be shown
	step    bool       // the source was told to go to the next moment, and is about to be there
	polled  bool
	runErr  error
	awaited awaited

	at      pos // what scene shows
	want    pos // what is to be shown
	loading bool
	scene   *moment.Scene
	marks   marks

	following bool // the live end
	playing   bool // a recording
	playID    int
	speed     int // index into speeds
	mapID     int // the followed map, 0 is all
	assigns   bool
	filter    string
	search    string
	searches  []string // of this session, the last one last
	until     string   // what the target runs until, in people's words; "" by its query
	moves     moves
	maker     maker
	savedTo   string

	counted counted
	files   map[string]map[int]string // by name, then line; none: asked for, or not at hand
	spot    panel.Spot                // of the rule

	caption  int  // index of the caption at this moment, or -1
	revealed bool // its answer
}

// marks are glyphs of the strip: of the ops from on.
type marks struct {
	from uint64
	m    []trace.Mark
}

// snapshot is what a poll saw.
type snapshot struct {
	live    bool
	n       int
	pending []trace.OpID
	info    trace.Info
	fate    trace.Fate
	usage   trace.Usage
	state   probe.State
	atSeq   uint64 // of state.At's op, if it has ended
	maps    int
	output  []trace.OutputLine
	marks   marks
	rate    float64 // ops per second, lately
	taken   time.Time
	changed <-chan struct{}
}

// The pace of looking at data.
const (
	pollEvery  = 33 * time.Millisecond  // at most
	pollQuiet  = 250 * time.Millisecond // at least, while the target runs
	pollSoon   = 4 * time.Millisecond   // after a command,
	pollBrisk  = 12                     // so many times
	maxOutput  = 64 << 10
	marksAside = 600 // ops on either side of the position
)

// equal reports whether two snapshots look the same on the screen.
func (v *snapshot) equal(o *snapshot) bool {
	a, b := *v, *o
	a.taken, b.taken = time.Time{}, time.Time{}
	a.changed, b.changed = nil, nil
	return reflect.DeepEqual(a, b)
}

// observe reads what a snapshot holds. around is the seq whose neighbours' marks
// are wanted.
func observe(tl trace.Timeline, src probe.Source, last *snapshot, around uint64) snapshot {
	v := snapshot{changed: tl.Changed(), taken: time.Now(), live: src != nil}
	if src != nil {
		v.state = src.State()
	}
	v.pending, v.n = tl.Pending(), tl.Len()
	v.info, v.fate, v.usage = tl.Info(), tl.Fate(), tl.Usage()
	v.maps, v.output = len(tl.Maps()), tl.Output(maxOutput)
	if v.state.At.Op != 0 {
		if op, err := tl.Op(v.state.At.Op); err == nil {
			v.atSeq = op.Seq
		}
	}
	if around == 0 {
		around = uint64(v.n)
	}
	v.marks = lookMarks(tl, around, v.n)
	v.rate = last.rate
	if dt := v.taken.Sub(last.taken); !last.taken.IsZero() && dt > pollEvery/2 {
		now := float64(v.n-last.n) / dt.Seconds()
		v.rate += (now - v.rate) * min(dt.Seconds()*2, 1)
	}
	return v
}

func lookMarks(tl trace.Timeline, around uint64, n int) marks {
	if n == 0 {
		return marks{}
	}
	from := uint64(1)
	if around > marksAside {
		from = around - marksAside
	}
	return marks{from, tl.Marks(from, min(around+marksAside, uint64(n)))}
}

// pollMsg is a new snapshot of a session.
type pollMsg struct {
	ses  *session
	snap snapshot
}

// wait looks again when there is something to see: soon after a command, not more
// often than pollEvery otherwise, and never while the source rests and the
// timeline stands still.
func (s *session) wait() tea.Cmd {
	last, tl, src := s.snap, s.Timeline, s.Source
	around := s.want.seq
	if s.following {
		around = 0
	}
	// A source that has come to rest changes its state a little after the
	// timeline: look a few times before taking it for running.
	least, quiet := pollEvery, pollQuiet
	if s.brisk > 0 {
		s.brisk--
		least, quiet = pollSoon, pollSoon
	}
	return func() tea.Msg {
		var again <-chan time.Time
		if last.running() {
			t := time.NewTimer(quiet)
			defer t.Stop()
			again = t.C
		}
		select {
		case <-last.changed:
		case <-s.kick:
			least = pollSoon
		case <-again:
		case <-s.ctx.Done():
			return nil
		}
		s.sleep(least - time.Since(last.taken))
		return pollMsg{s, observe(tl, src, &last, around)}
	}
}

func (s *session) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.kick:
	case <-s.ctx.Done():
	}
}

// wake has a waiting poll look at once.
func (s *session) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// now is how many ops had ended at the moment shown.
func (s *session) now() uint64 {
	switch {
	case s.at.seq == 0:
		return uint64(s.snap.n)
	case s.at.phase == trace.Before:
		return s.at.seq - 1
	}
	return s.at.seq
}

// sceneMsg is a moment, decoded.
type sceneMsg struct {
	ses   *session
	scene *moment.Scene
	marks marks
	err   error
}

// load decodes the moment that is wanted.
func (s *session) load() tea.Cmd {
	p, tl := s.want, s.Timeline
	return func() tea.Msg {
		if p.id == 0 {
			op, err := tl.Seq(p.seq)
			if err != nil {
				return sceneMsg{ses: s, err: err}
			}
			p.id = op.ID
		}
		sc, err := moment.Load(tl, trace.Moment{Op: p.id, Phase: p.phase, Step: p.step})
		m := marks{}
		if err == nil && sc.Op.Seq != 0 {
			m = lookMarks(tl, sc.Op.Seq, tl.Len())
		}
		return sceneMsg{s, sc, m, err}
	}
}

// doneMsg is the end of Session.Run.
type doneMsg struct {
	ses *session
	err error
}

// commandMsg says that a command was given, or why not.
type commandMsg struct {
	ses *session
	err error
}

// do gives the source a command.
func (s *session) do(c probe.Command) tea.Cmd {
	src, ctx := s.Source, s.ctx
	if src == nil {
		return nil
	}
	s.brisk = pollBrisk
	return func() tea.Msg {
		err := src.Do(ctx, c)
		return commandMsg{s, err}
	}
}

// takesSize: the source is a target with a terminal of its own.
func (s *session) takesSize() bool { return s.Source != nil && s.Source.Caps().Stdin }

// resize tells the target's terminal its size; the first one is told when the
// target is about to run.
func (s *session) resize(to probe.Resize) tea.Cmd {
	if s.size.Swap(&to) == nil {
		close(s.sized)
		if s.Run != nil {
			return nil
		}
	}
	return func() tea.Msg { return commandMsg{s, s.tellSize()} }
}

// tellSize tells the newest size, so that the order of commands does not matter.
func (s *session) tellSize() error { return s.Source.Do(s.ctx, *s.size.Load()) }

// start takes a session on.
func start(ctx context.Context, ses *Session) *session {
	s := &session{
		Session: ses, kick: make(chan struct{}, 1), done: make(chan struct{}), sized: make(chan struct{}),
		files: make(map[string]map[int]string), following: ses.Source != nil, caption: -1,
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.speed = len(speeds) - 1
	if ses.Source == nil {
		s.speed = replaySpeed
	}
	s.snap.live = ses.Source != nil
	return s
}

// speeds are ops per second; 0 is flat out.
var speeds = []float64{0.5, 1, 2, 5, 10, 30, 100, 300, 1000, 0}

const replaySpeed = 2 // index into speeds
