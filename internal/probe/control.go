package probe

import (
	"context"
	"sync"

	"deltui/internal/trace"
)

// control takes commands from any goroutine to the goroutine of Run.
type control struct {
	mu    sync.Mutex
	queue []Command
	wake  chan struct{} // holds one token while queue may not be empty
}

func (c *control) init() { c.wake = make(chan struct{}, 1) }

func (c *control) take() []Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := c.queue
	c.queue = nil
	return q
}

// Do implements [Source]. Input and size go to the target at once; what
// concerns watching is done at the next stop, which a quiet target is brought
// to.
func (l *Live) Do(_ context.Context, cmd Command) error {
	switch cmd := cmd.(type) {
	case WriteStdin:
		l.con.write(cmd.Data)
		return nil
	case Resize:
		l.con.resize(cmd.Cols, cmd.Rows)
		return nil
	case SetFilter:
		if _, err := newFilter(cmd.Filter); err != nil {
			return err
		}
	}
	l.mu.Lock()
	l.queue = append(l.queue, cmd)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
	switch cmd.(type) {
	case Run, Next: // a running target goes on
	default:
		go func() { _ = l.proc.Halt() }()
	}
	return nil
}

func (l *Live) setState(s State) { l.state.Store(&s) }

// mode is how the loop goes on after a stop.
type mode struct {
	rest  bool // wait for a command
	next  bool // rest at the next moment
	until trace.Query
	speed float64 // ops a second; 0 is flat out
	quit  bool
}

// obey carries out the commands that have come; it reports an error that ends
// the watching.
func (l *Live) obey(m *mode) error {
	for _, cmd := range l.take() {
		switch cmd := cmd.(type) {
		case Next:
			*m = mode{next: true, quit: m.quit}
		case Run:
			*m = mode{until: cmd.Until, speed: cmd.Speed, quit: m.quit}
		case Pause:
			if !m.rest {
				*m = mode{rest: true, quit: m.quit}
				l.restState("paused")
			}
		case SetFilter:
			f, err := newFilter(cmd.Filter)
			if err != nil {
				continue // Do has told
			}
			l.filter = f
		case Watch:
			if err := l.rewatch(cmd); err != nil {
				return err
			}
		case Quit:
			m.quit = true
		}
	}
	return nil
}

func (l *Live) restState(why string) {
	s := l.State()
	l.setState(State{Doing: Resting, At: s.At, Hit: why})
}
