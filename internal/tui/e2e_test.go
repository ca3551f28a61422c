//go:build unix

package tui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

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
	err = run(context.Background(), Config{Session: ses}, begun)
	fmt.Fprintf(os.Stderr, "ended: %v\n", err)
	if err != nil {
		os.Exit(1)
	}
}

// tty is a screen on a terminal of its own.
type tty struct {
	t      testing.TB
	cmd    *exec.Cmd
	ptmx   *os.File
	slave  *os.File
	before *term.State
	mu     sync.Mutex
	em     *vt.Emulator
	raw    bytes.Buffer
	frame  func(time.Time) // called after each piece of output
	done   chan struct{}
	exited chan error
}

func startTTY(t testing.TB, mode string, w, h int, env ...string) *tty {
	t.Helper()
	ptmx, slave, err := pty.Open()
	must(t, err)
	must(t, pty.Setsize(ptmx, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}))
	c := &tty{t: t, ptmx: ptmx, slave: slave, em: vt.NewEmulator(w, h), done: make(chan struct{}), exited: make(chan error, 1)}
	c.before, err = term.GetState(slave.Fd())
	must(t, err)
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), childEnv+"="+mode, "TERM=xterm-256color", "COLORTERM=truecolor")
	c.cmd.Env = append(c.cmd.Env, env...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = slave, slave, slave
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, c.cmd.Start())
	go func() { // what the terminal answers to questions
		_, _ = io.Copy(ptmx, c.em)
	}()
	go func() {
		defer close(c.done)
		buf := make([]byte, 64<<10)
		for {
			n, err := ptmx.Read(buf)
			if n > 0 {
				c.mu.Lock()
				c.raw.Write(buf[:n])
				_, _ = c.em.Write(buf[:n])
				if c.frame != nil {
					c.frame(time.Now())
				}
				c.mu.Unlock()
			}
			if err != nil {
				return
			}
		}
	}()
	go func() { c.exited <- c.cmd.Wait() }()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		slave.Close()
		ptmx.Close()
		if in, ok := c.em.InputPipe().(io.Closer); ok {
			in.Close()
		}
		<-c.done
	})
	return c
}

func (c *tty) screen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.em.String()
}

// patience is how long a busy machine may take.
const patience = 30 * time.Second

func (c *tty) see(text string) *tty {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(c.screen(), text) {
			return c
		}
	}
	c.t.Fatalf("no %q on the terminal:\n%s", text, c.screen())
	return c
}

func (c *tty) typeKeys(s string) *tty {
	c.t.Helper()
	_, err := c.ptmx.WriteString(s)
	must(c.t, err)
	return c
}

// gone waits until the screen has ended, and sees that the terminal is as it was.
func (c *tty) gone(wantCode int, words ...string) {
	c.t.Helper()
	select {
	case <-c.exited:
	case <-time.After(patience):
		c.t.Fatalf("it does not end:\n%s", c.screen())
	}
	if code := c.cmd.ProcessState.ExitCode(); code != wantCode {
		c.t.Errorf("exit code %d, want %d", code, wantCode)
	}
	// What it wrote last may still be on its way to the terminal.
	var wrong string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if wrong = c.unrestored(words); wrong == "" {
			break
		}
	}
	if wrong != "" {
		c.t.Errorf("%s:\n%s", wrong, c.screen())
	}
	after, err := term.GetState(c.slave.Fd())
	must(c.t, err)
	if *after != *c.before {
		c.t.Error("the terminal's modes are not restored")
	}
}

// unrestored is what of the terminal is not as it was, and which words it has
// not got.
func (c *tty) unrestored(words []string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := c.raw.String()
	for _, w := range words {
		if !strings.Contains(raw, w) {
			return fmt.Sprintf("no %q on the terminal", w)
		}
	}
	if c.em.IsAltScreen() {
		return "the terminal is left on the alternate screen"
	}
	if c.em.CursorHidden() {
		return fmt.Sprintf("the cursor is left hidden: %q", raw[max(len(raw)-200, 0):])
	}
	for _, mode := range []string{"\x1b[?1002", "\x1b[?1006", "\x1b[?2004"} {
		if on, off := strings.LastIndex(raw, mode+"h"), strings.LastIndex(raw, mode+"l"); on > off {
			return fmt.Sprintf("mode %q is left on", mode)
		}
	}
	return ""
}

func TestTTY(t *testing.T) {
	c := startTTY(t, "rest", 120, 40)
	c.see("before op 1").typeKeys("l").see("after op 1 of 1").typeKeys("\x1b[C").see("before op 2").typeKeys("\x1b[D").see("after op 1 of 1")
	must(t, pty.Setsize(c.ptmx, &pty.Winsize{Cols: 80, Rows: 24}))
	c.mu.Lock()
	c.em.Resize(80, 24)
	c.mu.Unlock()
	c.see("[1 map]").typeKeys("\t").see("[2 why]").typeKeys("q")
	c.gone(0, "let go", "ended: <nil>")
}

func TestTTYSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			c := startTTY(t, "rest", 80, 24)
			c.see("before op 1")
			must(t, c.cmd.Process.Signal(sig))
			c.gone(1, "let go", "ended by a signal: "+sig.String())
		})
	}
}

func TestTTYPanics(t *testing.T) {
	for _, mode := range []string{"panic-goroutine", "panic-run"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := startTTY(t, mode, 120, 40)
			c.gone(1, "panicked")
		})
	}
}

func TestTTYInterrupt(t *testing.T) {
	c := startTTY(t, "rest", 80, 24)
	c.see("before op 1").typeKeys("\x03").see("^C again quits").typeKeys("\x03")
	c.gone(0, "let go")
}

// TestTTYNoColor: NO_COLOR with any value takes the colours away.
func TestTTYNoColor(t *testing.T) {
	c := startTTY(t, "rest", 80, 24, "NO_COLOR=yes")
	c.see("before op 1").typeKeys("l").see("after op 1").typeKeys("q")
	c.gone(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	if raw := strings.ReplaceAll(c.raw.String(), "\x1b", "␛"); sgrColor.MatchString(raw) {
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
	c.gone(1, "no terminal that can be drawn on")
}
