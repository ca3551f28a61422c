//go:build unix

package tuitest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a terminal emulator with a command that runs on it.
type Terminal struct {
	T   testing.TB
	Cmd *exec.Cmd

	ptmx   *os.File
	slave  *os.File
	before *term.State
	done   chan struct{}
	exited chan error

	// Mu guards what follows.
	Mu       sync.Mutex
	Emulator *vt.Emulator
	Raw      bytes.Buffer    // all that was written to it
	Frame    func(time.Time) // called after each piece of output
}

// Env says what the terminal of [Start] is.
var Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor"}

// Start runs a command, whose Env the caller has set, with [Env] in it, on a terminal of its own
// of w columns and h rows, as the leader of a session. It ends with the test.
func Start(t testing.TB, cmd *exec.Cmd, w, h int) *Terminal {
	t.Helper()
	ptmx, slave, err := pty.Open()
	must(t, err)
	c := &Terminal{T: t, Cmd: cmd, ptmx: ptmx, slave: slave, Emulator: vt.NewEmulator(w, h), done: make(chan struct{}), exited: make(chan error, 1)}
	must(t, pty.Setsize(ptmx, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}))
	c.before, err = term.GetState(slave.Fd())
	must(t, err)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	go func() { // what the terminal answers to questions
		_, _ = io.Copy(ptmx, c.Emulator)
	}()
	go func() {
		defer close(c.done)
		buf := make([]byte, 64<<10)
		for {
			n, err := ptmx.Read(buf)
			if n > 0 {
				c.Mu.Lock()
				c.Raw.Write(buf[:n])
				_, _ = c.Emulator.Write(buf[:n])
				if c.Frame != nil {
					c.Frame(time.Now())
				}
				c.Mu.Unlock()
			}
			if err != nil {
				return
			}
		}
	}()
	go func() { c.exited <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		slave.Close()
		ptmx.Close()
		if in, ok := c.Emulator.InputPipe().(io.Closer); ok {
			in.Close()
		}
		<-c.done
	})
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Screen is what is seen.
func (c *Terminal) Screen() string {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Emulator.String()
}

// Patience is how long a busy machine may take.
const Patience = 30 * time.Second

// See waits until text is seen.
func (c *Terminal) See(text string) *Terminal {
	c.T.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(c.Screen(), text) {
			return c
		}
	}
	c.T.Fatalf("no %q on the terminal:\n%s", text, c.Screen())
	return c
}

// Type types keys.
func (c *Terminal) Type(keys string) *Terminal {
	c.T.Helper()
	_, err := c.ptmx.WriteString(keys)
	must(c.T, err)
	return c
}

// Resize gives the terminal another size.
func (c *Terminal) Resize(w, h int) *Terminal {
	c.T.Helper()
	must(c.T, pty.Setsize(c.ptmx, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}))
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Emulator.Resize(w, h)
	return c
}

// Signal sends the command a signal.
func (c *Terminal) Signal(sig os.Signal) *Terminal {
	c.T.Helper()
	must(c.T, c.Cmd.Process.Signal(sig))
	return c
}

// Ended waits until the command has ended with a code, -1 if by a signal.
func (c *Terminal) Ended(code int) {
	c.T.Helper()
	select {
	case <-c.exited:
	case <-time.After(Patience):
		c.T.Fatalf("it does not end:\n%s", c.Screen())
	}
	if got := c.Cmd.ProcessState.ExitCode(); got != code {
		c.T.Errorf("exit code %d, want %d", got, code)
	}
}

// Gone is Ended, and sees that the terminal is as it was, and has got the words.
func (c *Terminal) Gone(code int, words ...string) {
	c.T.Helper()
	c.Ended(code)
	// What was written last may still be on its way to the terminal.
	var wrong string
	for end := time.Now().Add(Patience / 3); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if wrong = c.unrestored(words); wrong == "" {
			return
		}
	}
	c.T.Errorf("%s:\n%s", wrong, c.Screen())
}

// An entry that was put on the stack of the keyboard's modes, and one that was
// taken off (the kitty keyboard protocol).
var (
	kittyPush = regexp.MustCompile(`\x1b\[>\d*u`)
	kittyPop  = regexp.MustCompile(`\x1b\[<\d*u`)
)

// unrestored is what of the terminal is not as it was, and which words it has
// not got.
func (c *Terminal) unrestored(words []string) string {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	raw := c.Raw.String()
	for _, w := range words {
		if !strings.Contains(raw, w) {
			return fmt.Sprintf("no %q on the terminal", w)
		}
	}
	if c.Emulator.IsAltScreen() {
		return "the terminal is left on the alternate screen"
	}
	if c.Emulator.CursorHidden() {
		return fmt.Sprintf("the cursor is left hidden: %q", raw[max(len(raw)-200, 0):])
	}
	for _, mode := range []string{"\x1b[?1002", "\x1b[?1006", "\x1b[?2004"} {
		if on, off := strings.LastIndex(raw, mode+"h"), strings.LastIndex(raw, mode+"l"); on > off {
			return fmt.Sprintf("mode %q is left on", mode)
		}
	}
	if pushed, popped := kittyPush.FindAllString(raw, -1), kittyPop.FindAllString(raw, -1); len(pushed) > len(popped) {
		return "the keyboard's mode is left on"
	}
	if on, off := strings.LastIndex(raw, ansi.SetModifyOtherKeys2), strings.LastIndex(raw, ansi.ResetModifyOtherKeys); on > off {
		return "modifyOtherKeys is left on"
	}
	after, err := term.GetState(c.slave.Fd())
	must(c.T, err)
	if *after != *c.before {
		return "the terminal's modes (termios) are not restored"
	}
	return ""
}
