package live

import (
	"context"
	"time"

	"deltui/dlvclient"
	"deltui/internal/probe"
)

// loop runs the target until it ends or is let go.
func (l *Loop) loop() error {
	m := mode{next: l.plan.Paused, speed: l.plan.Speed}
	l.setState(probe.State{Doing: probe.Running})
	for {
		if err := l.obey(&m); err != nil {
			return l.letGo(err)
		}
		if m.part != 0 {
			return l.leaveBy(m.part, nil)
		}
		if m.rest {
			l.meter.publish(l, true)
			if !l.rest() {
				return l.letGo(dlvclient.ErrGone)
			}
			continue
		}
		if s := l.State(); s.Doing != probe.Running {
			l.setState(probe.State{Doing: probe.Running, At: s.At})
		}
		if p := l.due(); p != nil {
			seen, err := l.stepOn(p, &m)
			if err != nil || l.moved(seen, &m) {
				return l.letGo(err)
			}
			continue
		}
		for _, p := range l.pending {
			p.hit = nil
		}
		l.meter.resume()
		stop, err := l.proc.Continue(context.Background())
		l.meter.stopped()
		if err != nil {
			return l.letGo(err)
		}
		if l.plan.Tight {
			l.meter.pace(l.proc)
		}
		l.tellSpawned(stop.Spawned)
		switch stop.Reason {
		case dlvclient.Exited:
			return l.endedByItself(stop.Status)
		case dlvclient.Execed:
			return l.becameAnother(stop.Command)
		}
		seen, err := l.handle(stop, &m)
		if err != nil || l.moved(seen, &m) {
			return l.letGo(err)
		}
	}
}

// moved is told when the target has gone on a bit, and whether a moment was seen.
// It reports whether that was all.
func (l *Loop) moved(seen bool, m *mode) (over bool) {
	if l.plan.Max > 0 && l.ended >= l.plan.Max {
		return true
	}
	if m.next && seen {
		*m = mode{rest: true}
		l.restState("")
	}
	l.meter.publish(l, false)
	if seen && m.speed > 0 {
		l.slow(m.speed)
	}
	return false
}

// glance is how often a target at rest is looked at. Nothing else tells of its
// end: the kernel has it wait for its tracer, which asks when it goes on.
const glance = 200 * time.Millisecond

// rest waits for a command; it reports false if the target has died meanwhile.
func (l *Loop) rest() bool {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-l.inbox.wake:
			return true
		case <-tick.C:
			if l.dead() {
				return false
			}
		}
	}
}

// handle deals with every hit of a stop: ops that end first, so that one
// goroutine's op is over before another's on the same map begins. It reports
// whether a moment was seen.
func (l *Loop) handle(stop *dlvclient.Stop, m *mode) (seen bool, err error) {
	for _, pass := range []bool{true, false} {
		for _, h := range stop.Hits {
			at, ok := l.stops.at[h.Addr]
			if !ok || (at.what != atEntry) != pass {
				continue
			}
			var s bool
			if err := l.cameBack(h); err != nil {
				return seen, err
			}
			switch at.what {
			case atEntry:
				if l.plan.Max > 0 && l.ended+len(l.pending) >= l.plan.Max {
					continue
				}
				s, err = l.enter(h, at.ep, m)
			case atHash:
				s, err = l.hashed(h, m)
			case atReturn:
				s, err = l.leave(h, at.ep, m)
			case atPanic:
				s, err = l.panicked(h, m)
			case atFatal:
				s, err = l.fatal(h, m)
			}
			if err != nil {
				return seen, err
			}
			seen = seen || s
		}
	}
	return seen, nil
}

// slow lets the time pass that is left of an op at a chosen speed. Commands
// cut it short.
func (l *Loop) slow(speed float64) {
	// Two moments an op.
	d := time.Duration(float64(time.Second) / speed / 2)
	select {
	case <-l.inbox.wake:
		l.inbox.poke()
	case <-time.After(d):
	}
}
