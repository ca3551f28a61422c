package probe

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"deltui/dlvclient"
	"deltui/internal/procfs"
	"deltui/internal/trace"
)

// loop runs the target until it ends or is let go.
func (l *Live) loop() error {
	m := mode{next: l.plan.Paused, speed: l.plan.Speed}
	l.setState(State{Doing: Running})
	for {
		if err := l.obey(&m); err != nil {
			return l.letGo(err)
		}
		if m.quit {
			return l.letGo(nil)
		}
		if m.rest {
			l.meter.publish(l, true)
			if !l.rest() {
				return l.letGo(dlvclient.ErrGone)
			}
			continue
		}
		if s := l.State(); s.Doing != Running {
			l.setState(State{Doing: Running, At: s.At})
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
		if stop.Reason == dlvclient.Exited {
			return l.exited(stop.Status)
		}
		seen, err := l.handle(stop, &m)
		if err != nil {
			return l.letGo(err)
		}
		if l.plan.Max > 0 && l.ended >= l.plan.Max {
			return l.letGo(nil)
		}
		if m.next && seen {
			m = mode{rest: true}
			l.restState("")
		}
		l.meter.publish(l, false)
		if seen && m.speed > 0 {
			l.slow(m.speed)
		}
	}
}

// glance is how often a target at rest is looked at. Nothing else tells of its
// end: the kernel has it wait for its tracer, which asks when it goes on.
const glance = 200 * time.Millisecond

// rest waits for a command; it reports false if the target has died meanwhile.
func (l *Live) rest() bool {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-l.wake:
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
func (l *Live) handle(stop *dlvclient.Stop, m *mode) (seen bool, err error) {
	for _, pass := range []bool{true, false} {
		for _, h := range stop.Hits {
			at, ok := l.stops[h.Addr]
			if !ok || (at.what != atEntry) != pass {
				continue
			}
			var s bool
			switch at.what {
			case atEntry:
				if l.plan.Max > 0 && l.ended+len(l.pending) >= l.plan.Max {
					continue
				}
				s, err = l.enter(h, at.ep, m)
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
func (l *Live) slow(speed float64) {
	// Two moments an op.
	d := time.Duration(float64(time.Second) / speed / 2)
	select {
	case <-l.wake:
		select {
		case l.wake <- struct{}{}:
		default:
		}
	case <-time.After(d):
	}
}

// exited ends the timeline of a target that has ended by itself.
func (l *Live) exited(status int) error {
	f := trace.Fate{Ended: true, Status: status, Text: fmt.Sprintf("exited with status %d", status)}
	if status < 0 {
		sig := syscall.Signal(-status)
		f = trace.Fate{Ended: true, Status: status, Signal: sig.String(), Text: "killed by signal: " + sig.String()}
	}
	return l.end(trace.Exited, f)
}

// letGo ends a target that has not ended by itself; or that has, unseen, while
// it stood still: killed from outside, which is news and not an error.
func (l *Live) letGo(why error) error {
	text := "ended by deltui"
	if why != nil {
		if l.gone() {
			return l.end(trace.Exited, trace.Fate{Ended: true, Status: -int(syscall.SIGKILL), Signal: syscall.SIGKILL.String(), Text: "is gone: it was killed while it stood still"})
		}
		text += ": " + why.Error()
	}
	if err := l.proc.Kill(); err != nil && why == nil {
		why = fmt.Errorf("ending %s: %w", l.cfg.Name, err)
	}
	return errors.Join(why, l.end(trace.Detached, trace.Fate{Ended: true, Text: text}))
}

// gone reports whether the target has ended unseen. One that was killed takes a
// moment to end.
func (l *Live) gone() bool {
	for range 50 {
		if l.dead() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// dead reports that there is no such process, or only what is left of one until
// Delve asks for it.
func (l *Live) dead() bool {
	if syscall.Kill(l.proc.Pid(), 0) != nil {
		return true
	}
	stat, err := procfs.ReadStat(l.proc.Pid())
	return err == nil && stat.Dead()
}

// end ends the timeline. The fate is told whatever else goes wrong.
func (l *Live) end(o trace.Outcome, f trace.Fate) error {
	l.con.drain()
	err := l.abandon(o)
	l.meter.publish(l, true)
	return errors.Join(err, l.sink.Fate(f))
}

// abandon ends the ops in progress, in the order of their beginning.
func (l *Live) abandon(o trace.Outcome) error {
	for _, p := range l.inProgress() {
		if err := l.endOp(p, o, "", nil); err != nil {
			return err
		}
	}
	return nil
}
