//go:build unix

package tui

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/probe"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// childEnv makes this test binary a screen on the terminal that it is started
// on: its value says what kind.
const childEnv = "DELTUI_TUI_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childEnv); mode != "" {
		child(mode)
		return
	}
	os.Exit(m.Run())
}

// child is the program that the end-to-end tests look at.
func child(mode string) {
	f, err := file.Create("")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	o := tracetest.Options{Ops: 200, Layouts: tuitest.Swiss}
	plan := probe.Plan{Paused: true}
	if strings.HasPrefix(mode, "stream") {
		o.Ops, plan.Paused = 1<<20, false
	}
	src := &tuitest.Source{Options: o}
	ses := &Session{Timeline: f, Source: src, Run: func(ctx context.Context) error {
		if mode == "panic-run" {
			time.Sleep(300 * time.Millisecond)
			panic("boom")
		}
		if mode == "stream-1000" {
			go func() { _ = src.Do(ctx, probe.Run{Speed: 1000}) }()
		}
		err := src.Run(ctx, plan, f.Sink())
		fmt.Fprintln(os.Stderr, "let go")
		return err
	}}
	var begun func(*guard)
	if mode == "panic-goroutine" {
		begun = func(g *guard) {
			g.safeGo(func() {
				time.Sleep(500 * time.Millisecond)
				panic("boom")
			})
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	err = run(ctx, Config{Session: ses}, begun)
	fmt.Fprintf(os.Stderr, "ended: %v\n", err)
	if err != nil {
		os.Exit(1)
	}
}

// startTTY is a screen on a terminal of its own.
func startTTY(t testing.TB, mode string, w, h int, env ...string) *tuitest.Terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), tuitest.Env...), childEnv+"="+mode)
	cmd.Env = append(cmd.Env, env...)
	return tuitest.Start(t, cmd, w, h)
}

func TestTTY(t *testing.T) {
	c := startTTY(t, "rest", 120, 40)
	c.See("before op 1").Type("l").See("after op 1 of 1").Type("\x1b[C").See("before op 2").Type("\x1b[D").See("after op 1 of 1")
	c.Resize(80, 24).See("[1 map]").Type("\t").See("[2 why]").Type("q")
	c.Gone(0, "let go", "ended: <nil>")
}

// A context that a signal cancels ends the screen in order.
func TestTTYSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			c := startTTY(t, "rest", 80, 24)
			c.See("before op 1")
			c.Signal(sig)
			c.Gone(1, "let go", "ended: "+sig.String())
		})
	}
}

func TestTTYPanics(t *testing.T) {
	for _, mode := range []string{"panic-goroutine", "panic-run"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := startTTY(t, mode, 120, 40)
			c.Gone(1, "panicked")
		})
	}
}

func TestTTYInterrupt(t *testing.T) {
	c := startTTY(t, "rest", 80, 24)
	c.See("before op 1").Type("\x03").See("^C again quits").Type("\x03")
	c.Gone(0, "let go")
}

// TestTTYNoColor: NO_COLOR with any value takes the colours away.
func TestTTYNoColor(t *testing.T) {
	c := startTTY(t, "rest", 80, 24, "NO_COLOR=yes")
	c.See("before op 1").Type("l").See("after op 1").Type("q")
	c.Gone(0)
	c.Mu.Lock()
	defer c.Mu.Unlock()
	if raw := strings.ReplaceAll(c.Raw.String(), "\x1b", "␛"); sgrColor.MatchString(raw) {
		t.Errorf("a colour: %q", sgrColor.FindString(raw))
	}
}

// TestNoTerminal: what is no terminal is told before anything is drawn.
func TestNoTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=rest")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no terminal: stdin is not one; use deltui trace") || bytes.Contains(out, []byte("\x1b")) {
		t.Errorf("%v: %q", err, out)
	}
	c := startTTY(t, "rest", 80, 24, "TERM=dumb")
	c.Gone(1, "no terminal that can be drawn on")
}
