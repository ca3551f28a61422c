package dlvclient_test

import (
	"bytes"
	"context"
	"errors"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"deltui/dlvclient"
	"deltui/internal/procfs"
)

// What belongs to the whole process is its host's: it stays as it is, also
// while a target is started.
func TestGuest(t *testing.T) {
	var logged bytes.Buffer
	defer log.SetOutput(log.Writer())
	defer log.SetFlags(log.Flags())
	log.SetOutput(&logged)
	log.SetFlags(log.Lmsgprefix)

	path := build(t)
	t.Setenv("TARGET_ENV", "ours")
	before := os.Environ()
	both(t, func(t *testing.T, via dlvclient.Via) {
		logged.Reset()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		same := func(when string) {
			if now := os.Environ(); !slices.Equal(now, before) {
				t.Errorf("%s the environment is %q, was %q", when, now, before)
			}
		}
		// The environment is watched from the beginning to the end of Launch.
		var changed atomic.Bool
		done := make(chan struct{})
		stop := make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				default:
					changed.Store(changed.Load() || os.Getenv("TARGET_ENV") != "ours")
				}
			}
		}()
		p, err := dlvclient.Launch(context.Background(), dlvclient.Config{
			Path: path, Args: []string{"count"}, Via: via, Stdout: w, Env: []string{"TARGET_ENV=theirs"},
			Started: func(int) { same("while it starts") },
		})
		close(stop)
		<-done
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if changed.Load() {
			t.Error("the environment changed for a while")
		}
		same("after it has started")
		if s, err := p.Continue(context.Background()); err != nil || s.Reason != dlvclient.Exited {
			t.Fatal(s, err)
		}
		var out bytes.Buffer
		_, _ = out.ReadFrom(r)
		if out.String() != "bye 6\n" { // len("theirs")
			t.Errorf("output %q", out.String())
		}
		log.Print("still here")
		if logged.String() != "still here\n" || log.Flags() != log.Lmsgprefix {
			t.Errorf("the log is %q, flags %d", logged.String(), log.Flags())
		}
	})
}

// A launch is cancelled while Delve reads.
func TestLaunchCancelled(t *testing.T) {
	path := build(t)
	both(t, func(t *testing.T, via dlvclient.Via) {
		ctx, cancel := context.WithCancel(context.Background())
		pid := 0
		var at time.Time
		_, err := dlvclient.Launch(ctx, dlvclient.Config{Path: path, Args: []string{"sleep"}, Via: via, Started: func(n int) {
			pid, at = n, time.Now()
			cancel()
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled launch: %v", err)
		}
		t.Logf("it returned after %v", time.Since(at))
		for range 1000 {
			if syscall.Kill(pid, 0) != nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if s, err := procfs.ReadStat(pid); err == nil {
			t.Errorf("the process is still there: %+v", s)
		}

		if _, err := dlvclient.Launch(ctx, dlvclient.Config{Path: path, Via: via, Started: func(int) { t.Error("it was started") }}); !errors.Is(err, context.Canceled) {
			t.Errorf("launched after its cancellation: %v", err)
		}
	})
}

// stacksOf returns all stacks of a run, each asked for three times: what is handed
// out is the caller's to change.
func stacksOf(t *testing.T, via dlvclient.Via) (all [][]dlvclient.Frame) {
	p, _, _ := start(t, via, "count")
	for _, addr := range []uint64{lookUp(t, p, "main.hit"), afterPrologue(t, p, "main.deep")} {
		if err := p.SetBreakpoint(addr); err != nil {
			t.Fatal(err)
		}
	}
	for {
		s, err := p.Continue(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if s.Reason == dlvclient.Exited {
			return all
		}
		fs, err := p.Stack(s.Hits[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		keep := slices.Clone(fs)
		for range 2 {
			for i := range fs {
				fs[i] = dlvclient.Frame{Func: "changed by its owner"}
			}
			if fs, err = p.Stack(s.Hits[0], 64); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(keep, fs) {
				t.Errorf("%v: asked again, the stack is %+v", via, fs)
			}
		}
		all = append(all, keep)
	}
}

// afterPrologue is where a function has its frame, on amd64: only from there on
// do the frame pointers tell the whole chain of calls.
func afterPrologue(t testing.TB, p *dlvclient.Process, name string) uint64 {
	t.Helper()
	addr := lookUp(t, p, name)
	var code [64]byte
	if err := p.ReadMemory(code[:], addr); err != nil {
		t.Fatal(err)
	}
	pushed := []byte{0x55, 0x48, 0x89, 0xe5} // PUSHQ BP; MOVQ SP, BP
	i := bytes.Index(code[:], pushed)
	if i < 0 {
		t.Fatalf("%s keeps no frame pointer: % x", name, code)
	}
	return addr + uint64(i+len(pushed))
}

// Both ways tell the same stacks, inlined calls included.
func TestStacksAgree(t *testing.T) {
	direct, rpc := stacksOf(t, dlvclient.Direct), stacksOf(t, dlvclient.RPC)
	const hits, deeps = 8, 1 + 6 + 11 + 16
	if len(direct) != hits+deeps || len(rpc) != len(direct) {
		t.Fatalf("%d and %d stacks, want %d", len(direct), len(rpc), hits+deeps)
	}
	inlined := 0
	for i := range direct {
		if !reflect.DeepEqual(direct[i], rpc[i]) {
			t.Errorf("stack %d:\ndirect %+v\n   rpc %+v", i, direct[i], rpc[i])
		}
		for _, f := range direct[i] {
			if f.Inlined {
				inlined++
			}
		}
	}
	if inlined < hits {
		t.Errorf("%d inlined calls, want at least %d", inlined, hits)
	}
}

// After Detach the process runs on to its own end, whatever its threads were
// at, and nobody traces it.
func TestDetach(t *testing.T) {
	rounds := map[dlvclient.Via]int{dlvclient.Direct: 5, dlvclient.RPC: 2}
	both(t, func(t *testing.T, via dlvclient.Via) {
		for round := range rounds[via] {
			p, out, wait := start(t, via, "turns")
			hit := lookUp(t, p, "main.hit")
			for _, addr := range []uint64{hit, lookUp(t, p, "main.deep")} {
				if err := p.SetBreakpoint(addr); err != nil {
					t.Fatal(err)
				}
			}
			for range 20 + round {
				if s, err := p.Continue(context.Background()); err != nil || s.Reason != dlvclient.Breakpoint {
					t.Fatal(s, err)
				}
			}
			if err := p.Detach(); err != nil {
				t.Fatal(err)
			}
			if n, err := procfs.Tracer(p.Pid()); err == nil && n != 0 {
				t.Errorf("traced by %d", n)
			}
			if _, err := p.Continue(context.Background()); !errors.Is(err, dlvclient.ErrGone) {
				t.Errorf("continued after Detach: %v", err)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			if err := syscall.Kill(p.Pid(), syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			wait()
			if out.String() != "bye 4\n" {
				t.Fatalf("round %d: output %q", round, out)
			}
			for range 200 { // its end was asked for
				if syscall.Kill(p.Pid(), 0) != nil {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			if s, err := procfs.ReadStat(p.Pid()); err == nil {
				t.Errorf("the process is still there: %+v", s)
			}
		}
	})
}

func TestDetachRunning(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		p, _, _ := start(t, via, "sleep")
		go func() { _, _ = p.Continue(context.Background()) }()
		time.Sleep(50 * time.Millisecond)
		if err := p.Detach(); !errors.Is(err, dlvclient.ErrRunning) {
			t.Errorf("detached from a running process: %v", err)
		}
	})
}

// A process that becomes another program is not lost in silence, whichever
// thread made the call. What it becomes cannot be watched, and does not run.
func TestExec(t *testing.T) {
	build(t)
	touch, err := filepath.EvalSymlinks("/bin/touch")
	if err != nil {
		t.Skip("skipped: no /bin/touch")
	}
	both(t, func(t *testing.T, via dlvclient.Via) {
		for _, thread := range []string{"first", "other"} {
			for round := range 4 {
				made := filepath.Join(t.TempDir(), "made")
				p, out, wait := start(t, via, "exec", thread, touch, made)
				hit := lookUp(t, p, "main.hit")
				if err := p.SetBreakpoint(hit); err != nil {
					t.Fatal(err)
				}
				if s, err := p.Continue(context.Background()); err != nil || s.Reason != dlvclient.Breakpoint {
					t.Fatal(s, err)
				}
				if round%2 == 1 { // else it is hit all the time by other threads
					if err := p.ClearBreakpoint(hit); err != nil {
						t.Fatal(err)
					}
				}
				var s *dlvclient.Stop
				for {
					if s, err = p.Continue(context.Background()); err != nil {
						t.Fatal(err)
					}
					if s.Reason != dlvclient.Breakpoint {
						break
					}
				}
				if s.Reason != dlvclient.Execed || s.Command != touch+" "+made {
					t.Fatalf("%s thread, round %d: stop %+v", thread, round, s)
				}
				if _, err := p.Continue(context.Background()); !errors.Is(err, dlvclient.ErrGone) {
					t.Errorf("continued: %v", err)
				}
				if err := p.Close(); err != nil {
					t.Error(err)
				}
				wait()
				if out.Len() > 0 {
					t.Errorf("output %q", out)
				}
				if _, err := os.Stat(made); err == nil && via == dlvclient.Direct {
					t.Error("what it became has run")
				}
				if s, err := procfs.ReadStat(p.Pid()); err == nil {
					t.Errorf("the process is still there: %+v", s)
				}
			}
		}
	})
}

// Programs that the process starts are told of, each, and disturb nothing.
func TestSpawn(t *testing.T) {
	path := build(t)
	echo, err := filepath.EvalSymlinks("/bin/echo")
	if err != nil {
		t.Skip("skipped: no /bin/echo")
	}
	both(t, func(t *testing.T, via dlvclient.Via) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p, err := dlvclient.Launch(context.Background(), dlvclient.Config{
			Path: path, Args: []string{"spawn", echo, "hello"}, Via: via, Stdout: w,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.SetBreakpoint(lookUp(t, p, "main.hit")); err != nil {
			t.Fatal(err)
		}
		hits := 0
		spawned := make(map[int]bool)
		for {
			s, err := p.Continue(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			hits += len(s.Hits)
			for _, prog := range s.Spawned {
				if prog.Command != echo+" hello" || prog.Pid <= 0 || spawned[prog.Pid] {
					t.Errorf("spawned %+v", prog)
				}
				spawned[prog.Pid] = true
			}
			if s.Reason == dlvclient.Exited {
				break
			}
		}
		var out bytes.Buffer
		_, _ = out.ReadFrom(r)
		if n := len(spawned); n != 20 || hits != 1+4*25 {
			t.Errorf("%d programs were told of, want 20; %d hits, want 101", n, hits)
		}
		if want := strings.Repeat("hello\n", 20) + "bye 0\n"; out.String() != want {
			t.Errorf("output %q", out.String())
		}
	})
}

// Two cannot run at once: that is an error, and not two that wait for ever.
func TestBusy(t *testing.T) {
	both(t, func(t *testing.T, via dlvclient.Via) {
		one, _, _ := start(t, via, "sleep")
		two, _, _ := start(t, via, "count")
		ended := make(chan struct{})
		go func() {
			_, _ = one.Continue(context.Background())
			close(ended)
		}()
		time.Sleep(100 * time.Millisecond)
		if _, err := two.Continue(context.Background()); !errors.Is(err, dlvclient.ErrBusy) {
			t.Errorf("a second process continues: %v", err)
		}
		if _, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: build(t)}); !errors.Is(err, dlvclient.ErrBusy) {
			t.Errorf("a process is launched beside one that runs: %v", err)
		}
		if err := one.Halt(); err != nil {
			t.Fatal(err)
		}
		<-ended
		if s, err := two.Continue(context.Background()); err != nil || s.Reason != dlvclient.Exited {
			t.Error(s, err)
		}
	})
}
