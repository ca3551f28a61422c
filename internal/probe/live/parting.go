package live

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"deltui/internal/procfs"
	"deltui/internal/trace"
)

// endedByItself ends the timeline of a target that has ended by itself.
func (l *Loop) endedByItself(status int) error {
	l.parted = true
	f := trace.Fate{Ended: true, Status: status, Text: fmt.Sprintf("exited with status %d", status)}
	if status < 0 {
		sig := syscall.Signal(-status)
		f = trace.Fate{Ended: true, Status: status, Signal: sig.String(), Text: "killed by signal: " + sig.String()}
	}
	return l.end(trace.Exited, f)
}

// letGo ends the watching: by the plan's limit, by the context's end, or because
// of an error. A target that has ended unseen, while it stood still, was killed
// from outside: that is news and not an error.
func (l *Loop) letGo(why error) error {
	if why != nil && l.gone() {
		l.parted = true
		return l.end(trace.Exited, trace.Fate{
			Ended: true, Status: -int(syscall.SIGKILL), Signal: syscall.SIGKILL.String(),
			Text: "is gone: it was killed while it stood still",
		})
	}
	return l.leaveBy(l.target.Parting, why)
}

// leaveBy parts with the target, and tells what was done to it.
func (l *Loop) leaveBy(p Parting, why error) error {
	err := l.part(p)
	f := l.parting(p, err)
	if why != nil {
		f.Text += ": " + why.Error()
	} else {
		why = err
	}
	return errors.Join(why, l.end(trace.Detached, f))
}

// parting tells what parting with the target has done to it.
func (l *Loop) parting(p Parting, err error) trace.Fate {
	switch {
	case p == Kill:
		// Where Delve does not answer, the process is killed past it.
		return trace.Fate{Ended: true, Killed: true, Text: "killed by deltui"}
	case err != nil:
		return trace.Fate{Text: "was not detached from in order, and may stand still: " + err.Error()}
	case l.dead():
		return trace.Fate{Ended: true, Text: "ended while deltui detached from it"}
	}
	return trace.Fate{Text: fmt.Sprintf("runs on as process %d: deltui has detached from it", l.proc.Pid())}
}

// part does what a way to part says.
func (l *Loop) part(p Parting) error {
	l.parted = true
	if p == Detach {
		return l.detach()
	}
	return l.kill()
}

// kill ends the target.
func (l *Loop) kill() error {
	if err := l.proc.Kill(); err != nil {
		return fmt.Errorf("ending %s: %w", l.target.Name, err)
	}
	return nil
}

var errNoDetach = errors.New("this target cannot be left running; it can only be killed")

// canDetach reports whether the target may be left running. What was launched
// has a console that goes when we go, and a guard that would kill it.
func (l *Loop) canDetach() bool {
	return l.target.Parting == Detach
}

// detach takes every breakpoint out of the target and lets it run on.
func (l *Loop) detach() error {
	if err := l.proc.Detach(); err != nil {
		return fmt.Errorf("detaching from %s: %w", l.target.Name, err)
	}
	return nil
}

// gone reports whether the target has ended unseen. One that was killed takes a
// moment to end.
func (l *Loop) gone() bool {
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
func (l *Loop) dead() bool {
	if syscall.Kill(l.proc.Pid(), 0) != nil {
		return true
	}
	stat, err := procfs.ReadStat(l.proc.Pid())
	return err == nil && stat.Dead()
}

// end ends the timeline. The fate is told whatever else goes wrong.
func (l *Loop) end(o trace.Outcome, f trace.Fate) error {
	if l.target.Console != nil {
		l.target.Console.Drain()
	}
	err := l.abandon(o)
	l.meter.publish(l, true)
	return errors.Join(err, l.sink.Fate(f))
}

// abandon ends the ops in progress, in the order of their beginning.
func (l *Loop) abandon(o trace.Outcome) error {
	for _, p := range l.inProgress() {
		if err := l.endOp(p, o, ""); err != nil {
			return err
		}
	}
	return nil
}
