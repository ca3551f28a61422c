package live_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/probe/live"
	"deltui/internal/procfs"
	"deltui/internal/testenv"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// session is a source that runs.
type session struct {
	probe.Source
	tl   *file.File
	done chan error
	stop context.CancelFunc
}

// start runs a source and waits until its target does.
func start(t *testing.T, src probe.Source, plan probe.Plan) *session {
	t.Helper()
	s := &session{Source: src, tl: timeline(t), done: make(chan error, 1)}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	t.Cleanup(s.stop)
	plan.Ops, plan.Seen = deletes, s.tl
	go func() { s.done <- src.Run(ctx, plan, s.tl.Sink()) }()
	for s.State().Doing == probe.Starting {
		time.Sleep(time.Millisecond)
	}
	return s
}

// printed waits until the target has printed a line.
func (s *session) printed(t *testing.T, line string) {
	t.Helper()
	for range 1000 {
		for _, l := range s.tl.Output(1 << 16) {
			if l.Text == line {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the target did not print %q", line)
}

func (s *session) ended(t *testing.T) trace.Fate {
	t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the watching does not end")
	}
	if s.State().Doing != probe.Ended {
		t.Errorf("after its end the source says %+v", s.State())
	}
	return s.tl.Fate()
}

// lives reports whether a process is there, and who traces it.
func lives(pid int) (there bool, tracer int) {
	stat, err := procfs.ReadStat(pid)
	if err != nil || stat.Dead() {
		return false, 0
	}
	tracer, _ = procfs.Tracer(pid)
	return true, tracer
}

// What was launched is killed, however the watching ends, and that is what its
// fate says.
func TestKilledByUs(t *testing.T) {
	do := func(c probe.Command) func(*session) error {
		return func(s *session) error { return s.Do(context.Background(), c) }
	}
	for name, end := range map[string]func(*session) error{
		"context": func(s *session) error { s.stop(); return nil },
		"let go":  do(probe.LetGo{}),
		"kill":    do(probe.Kill{}),
	} {
		t.Run(name, func(t *testing.T) {
			src, err := launch.Launch(context.Background(), launch.Config{Path: build(t, testenv.Local, "hard"), Args: []string{"quiet"}})
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, src, probe.Plan{})
			s.printed(t, "quiet")
			if err := s.Do(context.Background(), probe.Detach{}); err == nil || s.Caps().Detach {
				t.Errorf("a launched target may be detached from: %v", err)
			}
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			equal(t, "fate", s.ended(t), trace.Fate{Ended: true, Killed: true, Text: "killed by deltui"})
			if there, _ := lives(s.tl.Info().PID); there {
				t.Error("the target is still there")
			}
		})
	}
}

// What we did not end is not said to have been ended by us.
func TestEndedByItself(t *testing.T) {
	for act, want := range map[string]trace.Fate{
		"os.Exit": {Ended: true, Status: 3, Text: "exited with status 3"},
		"kill -9": {Ended: true, Status: -9, Signal: "killed", Text: "killed by signal: killed"},
	} {
		s := watch(t, context.Background(), build(t, testenv.Local, "hard"), []string{act}, probe.Plan{})
		equal(t, act, s.tl.Fate(), want)
	}
}

// adopt makes a process that was there before: it is not killed when it is let
// go.
func adopt(t *testing.T, act string) (src probe.Source, out *os.File, released *bool) {
	t.Helper()
	path := build(t, testenv.Local, "hard")
	f, err := debuginfo.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	out, err = os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(out.Name(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := dlvclient.Launch(t.Context(), dlvclient.Config{Path: path, Args: []string{act}, Stdout: theirs, Stderr: theirs})
	if err != nil {
		t.Fatal(err)
	}
	released = new(bool)
	t.Cleanup(func() {
		_ = syscall.Kill(p.Pid(), syscall.SIGKILL)
		out.Close()
	})
	l := live.New(live.Target{Process: p, File: f, Name: act, Parting: live.Detach, Release: func() {
		f.Close()
		*released = true
	}})
	if !l.Caps().Detach {
		t.Error("the source does not say that it can detach")
	}
	return l, out, released
}

// What was there before runs on, untraced and with no breakpoint left in it, when
// it is let go; it can be killed when that is asked for.
func TestDetach(t *testing.T) {
	do := func(c probe.Command) func(*session) error {
		return func(s *session) error { return s.Do(context.Background(), c) }
	}
	for name, c := range map[string]struct {
		plan probe.Plan
		end  func(*session) error
		dies bool
	}{
		"context": {end: func(s *session) error { s.stop(); return nil }},
		"let go":  {end: do(probe.LetGo{})},
		"detach":  {end: do(probe.Detach{})},
		"at rest": {plan: probe.Plan{Paused: true}, end: do(probe.Detach{})},
		"max":     {plan: probe.Plan{Max: 3}, end: func(*session) error { return nil }},
		"kill":    {end: do(probe.Kill{}), dies: true},
	} {
		t.Run(name, func(t *testing.T) {
			src, out, released := adopt(t, "ticking")
			s := start(t, src, c.plan)
			if err := s.Do(context.Background(), probe.WriteStdin{Data: []byte("x")}); err == nil || s.Caps().Stdin {
				t.Error("input is taken for a target that has its own")
			}
			for s.State().At.Op == 0 {
				time.Sleep(time.Millisecond)
			}
			if err := c.end(s); err != nil {
				t.Fatal(err)
			}
			fate, pid := s.ended(t), s.tl.Info().PID
			there, tracer := lives(pid)
			if c.dies {
				equal(t, "fate", fate, trace.Fate{Ended: true, Killed: true, Text: "killed by deltui"})
			} else if fate.Ended || fate.Killed || !strings.HasPrefix(fate.Text, "runs on") {
				t.Errorf("fate %+v", fate)
			}
			if there == c.dies || tracer != 0 || !*released {
				t.Errorf("there: %v, traced by %d, released: %v", there, tracer, *released)
			}
			if !c.dies {
				ticks(t, out)
			}
		})
	}
}

// ticks waits until the target has deleted ten times more, which it prints.
func ticks(t *testing.T, out *os.File) {
	t.Helper()
	size := func() int64 {
		fi, err := out.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return fi.Size()
	}
	want := size() + 10
	for range 1000 {
		if size() >= want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error(errors.New("the target does not run on"))
}
