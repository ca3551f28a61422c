package live

import (
	"context"
	"errors"
	"sync"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// inbox takes commands from any goroutine to the goroutine of Run.
type inbox struct {
	mu    sync.Mutex
	queue []probe.Command
	wake  chan struct{} // holds one token while queue may not be empty
}

func newInbox() inbox { return inbox{wake: make(chan struct{}, 1)} }

func (b *inbox) put(c probe.Command) {
	b.mu.Lock()
	b.queue = append(b.queue, c)
	b.mu.Unlock()
	b.poke()
}

func (b *inbox) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) take() []probe.Command {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}

// Do implements [probe.Source]. Input and size go to the target at once; what
// concerns watching is done at the next stop, which a quiet target is brought
// to.
func (l *Loop) Do(_ context.Context, cmd probe.Command) error {
	switch cmd := cmd.(type) {
	case probe.WriteStdin:
		if l.target.Console == nil {
			return errNoConsole
		}
		l.target.Console.Write(cmd.Data)
		return nil
	case probe.Resize:
		if l.target.Console == nil {
			return errNoConsole
		}
		l.target.Console.Resize(cmd.Cols, cmd.Rows)
		return nil
	case probe.SetFilter:
		if _, err := newFilter(cmd.Filter); err != nil {
			return err
		}
	case probe.Detach:
		if !l.canDetach() {
			return errNoDetach
		}
	}
	l.inbox.put(cmd)
	switch cmd.(type) {
	case probe.Run, probe.Next, probe.Slow: // a running target goes on
	default:
		go func() { _ = l.proc.Halt() }()
	}
	return nil
}

var errNoConsole = errors.New("the target's input and output are not ours: it has its own terminal or files")

// mode is how the loop goes on after a stop.
type mode struct {
	rest  bool // wait for a command
	next  bool // rest at the next moment
	until trace.Query
	speed float64 // ops a second; 0 is flat out
	part  Parting // end the watching; 0 does not
}

// obey carries out the commands that have come; it reports an error that ends
// the watching.
func (l *Loop) obey(m *mode) error {
	for _, cmd := range l.inbox.take() {
		switch cmd := cmd.(type) {
		case probe.Next:
			*m = mode{next: true, part: m.part}
		case probe.Slow:
			*m = mode{next: true, part: m.part}
			at := l.State().At
			for _, p := range l.pending {
				p.slow = p.slow || p.id == at.Op && at.Phase == trace.Before
			}
		case probe.Run:
			*m = mode{until: cmd.Until, speed: cmd.Speed, part: m.part}
		case probe.Pause:
			if !m.rest {
				*m = mode{rest: true, part: m.part}
				l.restState("paused")
			}
		case probe.SetFilter:
			f, err := newFilter(cmd.Filter)
			if err != nil {
				continue // Do has told
			}
			l.filter = f
		case probe.Watch:
			if err := l.stops.watchOnly(cmd.Ops, l.plan.Ops, cmd.MapID); err != nil {
				return err
			}
			l.info.Ops = opNames(cmd.Ops)
			if err := l.sink.Info(l.info); err != nil {
				return err
			}
		case probe.LetGo:
			m.part = l.target.Parting
		case probe.Detach:
			m.part = Detach
		case probe.Kill:
			m.part = Kill
		}
	}
	return nil
}

func (l *Loop) restState(why string) {
	l.setState(probe.State{Doing: probe.Resting, At: l.State().At, Hit: why})
}

// checkUntil brings the target to rest when the op that has just ended is the
// one that was waited for.
func (l *Loop) checkUntil(id trace.OpID, m *mode) error {
	if l.plan.Seen == nil {
		return errors.New("waiting for a condition needs a timeline to look it up in")
	}
	op, err := l.plan.Seen.Op(id)
	if err != nil {
		return err
	}
	if m.until.Match(op) {
		l.restState("until " + m.until.String())
		*m = mode{rest: true}
	}
	return nil
}
