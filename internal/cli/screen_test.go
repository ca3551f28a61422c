//go:build linux

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
	"deltui/internal/tui/tuitest"
)

// onScreen is deltui on a terminal of its own, in a directory, and the directory
// that its temporary files are in.
func onScreen(t *testing.T, dir string, args ...string) (c *tuitest.Terminal, tmp string) {
	t.Helper()
	cmd, _ := deltui(t, args...)
	tmp = t.TempDir()
	cmd.Dir, cmd.Env = dir, append(append(cmd.Env, tuitest.Env...), "TMPDIR="+tmp)
	return tuitest.Start(t, cmd, 120, 40), tmp
}

// left is what is in a directory, after a moment.
func left(dir string) (names []string) {
	for range 500 {
		if names, _ = filepath.Glob(filepath.Join(dir, "*")); len(names) == 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return names
}

// A signal ends the screen in order: the target is gone, and nothing has failed.
func TestScreenSignals(t *testing.T) {
	testenv.NeedPtrace(t)
	dir := unpackProgram(t, endless)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			c, tmp := onScreen(t, "", dir)
			c.See("before op 1").Signal(sig).Gone(0, "ended by a signal ("+sig.String()+")")
			if l := left(tmp); l != nil {
				t.Errorf("left behind: %v", l)
			}
		})
	}
}

// So it does while the program is still being built.
func TestScreenSignalWhileBuilding(t *testing.T) {
	t.Parallel()
	dir := unpackProgram(t, slowBuild)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, _ := deltui(t, dir)
		tmp := t.TempDir()
		cmd.Env = append(append(cmd.Env, tuitest.Env...), "TMPDIR="+tmp, "GOCACHE="+t.TempDir(), "GOFLAGS=", "GOTMPDIR=")
		c := tuitest.Start(t, cmd, 120, 40)
		awaitBuild(t, tmp)
		c.Signal(sig).Gone(0, "ended by a signal ("+sig.String()+")")
		if l, _ := filepath.Glob(filepath.Join(tmp, "*")); l != nil {
			t.Errorf("%v: left behind: %v", sig, l)
		}
	}
}

// slowBuild takes a while to build where nothing is cached.
const slowBuild = "package main\n\nimport _ \"net/http\"\n\nfunc main() {}\n"

// awaitBuild waits until the go command is at work.
func awaitBuild(t *testing.T, tmp string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(tmp, "deltui-*", "go-build*", "b*")); len(found) > 0 {
			return
		}
	}
	t.Fatal("nothing is built")
}

// unpackProgram writes a program of one file, and returns its directory.
func unpackProgram(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module prog\n\ngo 1.18\n", "main.go": strings.TrimLeft(source, "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// SIGKILL leaves nothing: the terminal is given back, the target is gone, and so
// are the temporary files; with the target at rest, with the program still being
// built, and on the start screen.
func TestScreenKilled(t *testing.T) {
	testenv.NeedPtrace(t)
	t.Run("at rest", func(t *testing.T) {
		t.Parallel()
		c, tmp := onScreen(t, unpackProgram(t, endless), ".")
		pid := targetOf(t, c.See("before op 1").Screen())
		c.Signal(syscall.SIGKILL).Gone(-1)
		gone(t, pid)
		if l := left(tmp); l != nil {
			t.Errorf("left behind: %v", l)
		}
	})
	t.Run("building", func(t *testing.T) {
		t.Parallel()
		cmd, _ := deltui(t, unpackProgram(t, slowBuild))
		tmp := t.TempDir()
		cmd.Env = append(append(cmd.Env, tuitest.Env...), "TMPDIR="+tmp, "GOCACHE="+t.TempDir(), "GOFLAGS=", "GOTMPDIR=")
		c := tuitest.Start(t, cmd, 120, 40)
		awaitBuild(t, tmp)
		c.Signal(syscall.SIGKILL).Gone(-1)
		if l := left(tmp); l != nil {
			t.Errorf("left behind: %v", l)
		}
	})
	t.Run("start screen", func(t *testing.T) {
		t.Parallel()
		c, _ := onScreen(t, "")
		c.See("choose").Signal(syscall.SIGKILL).Gone(-1)
	})
}

// targetOf is the target's id, of a screen's title.
func targetOf(t *testing.T, screen string) string {
	t.Helper()
	_, rest, ok := strings.Cut(screen, " pid ")
	if !ok {
		t.Fatalf("no pid on the screen:\n%s", screen)
	}
	return strings.Fields(rest)[0]
}

// While the screen is suspended the terminal is the shell's: should deltui be
// killed then, nothing is written to it.
func TestSuspendedKilled(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c, _ := onScreen(t, unpackProgram(t, endless), ".")
	pid := targetOf(t, c.See("before op 1").Screen())
	c.Type("\x1a")
	onMain := func() bool {
		c.Mu.Lock()
		defer c.Mu.Unlock()
		return !c.Emulator.IsAltScreen()
	}
	for end := time.Now().Add(tuitest.Patience); !onMain() && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	time.Sleep(200 * time.Millisecond)
	c.Mu.Lock()
	before := c.Raw.Len()
	c.Mu.Unlock()
	c.Signal(syscall.SIGKILL).Ended(-1)
	gone(t, pid) // the guard has been at work; what it wrote would come next
	time.Sleep(300 * time.Millisecond)
	c.Mu.Lock()
	defer c.Mu.Unlock()
	if after := c.Raw.Bytes()[before:]; len(after) > 0 {
		t.Errorf("written to the shell's terminal: %q", after)
	}
}

// A guard that dies is missed, and another takes its place.
func TestGuardKilled(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c, tmp := onScreen(t, unpackProgram(t, endless), ".")
	pid := targetOf(t, c.See("before op 1").Screen())
	kill := func() {
		if err := syscall.Kill(guardOf(t, c.Cmd.Process.Pid), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	c.See("the guard has died (signal: killed)")
	c.Signal(syscall.SIGKILL).Gone(-1)
	gone(t, pid)
	if l := left(tmp); l != nil {
		t.Errorf("left behind: %v", l)
	}
}

// guardOf is the guard among a process's children.
func guardOf(t *testing.T, parent int) int {
	t.Helper()
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(b)) {
			if cmd, _ := os.ReadFile("/proc/" + child + "/cmdline"); strings.HasPrefix(string(cmd), "deltui-guard") {
				pid, err := strconv.Atoi(child)
				if err == nil {
					return pid
				}
			}
		}
	}
	t.Fatal("there is no guard")
	return 0
}

// What a deltui left that had no guard any more is taken away by the next one.
func TestSweep(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c, tmp := onScreen(t, unpackProgram(t, endless), ".")
	pid := targetOf(t, c.See("before op 1").Screen())
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	// Both at once, so that nobody is left to undo anything. Stopped, it cannot
	// start another guard.
	c.Signal(syscall.SIGSTOP)
	_ = syscall.Kill(guardOf(t, c.Cmd.Process.Pid), syscall.SIGKILL)
	c.Signal(syscall.SIGKILL)
	_ = syscall.Kill(n, syscall.SIGKILL)
	gone(t, pid)
	before, _ := filepath.Glob(filepath.Join(tmp, "deltui-*"))
	if len(before) != 1 {
		t.Fatalf("left behind: %v, want one directory", before)
	}
	cmd, stderr := deltui(t, "trace", "--max", "1", program(t, endless))
	cmd.Env = append(cmd.Env, "TMPDIR="+tmp)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if l := left(tmp); l != nil {
		t.Errorf("left behind: %v", l)
	}
}

// The target's terminal has the size of the room that its output is shown in,
// before the target has run.
func TestTargetTerminal(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c, _ := onScreen(t, unpackProgram(t, sized), ".")
	c.See("before op 1").Type("6").See("size ").See("====")
	screen := c.Screen()
	var cols, rows int
	_, at, _ := strings.Cut(screen, "size ")
	if _, err := fmt.Sscanf(at, "%d %d", &cols, &rows); err != nil {
		t.Fatalf("%v:\n%s", err, screen)
	}
	if shown := strings.Count(screen, "="); shown < 20 || shown > cols+1 || shown < cols-1 {
		t.Errorf("the target has %d columns, and %d are shown:\n%s", cols, shown, screen)
	}
	if !strings.Contains(screen, "row 1 ") || strings.Contains(screen, "row 0 ") {
		t.Errorf("the target has %d rows, and others are shown:\n%s", rows, screen)
	}
}

// sized prints a line that is longer than its terminal is wide, and fills it.
const sized = `
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"unsafe"
)

func main() {
	var ws struct{ rows, cols, x, y uint16 }
	syscall.Syscall(syscall.SYS_IOCTL, 1, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&ws)))
	fmt.Println("row 0 is above")
	for i := 1; i < int(ws.rows)-1; i++ {
		fmt.Println("row", i, ".")
	}
	fmt.Println(strings.Repeat("=", 300))
	fmt.Println("size", ws.cols, ws.rows)
	m := map[int]int{len(os.Args): 1}
	delete(m, len(os.Args))
}
`

// A target that is killed from outside while it stands at a moment is missed at
// once, and not when it is told to go on.
func TestKilledAtRest(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	for _, source := range []string{endless, threads} {
		c, _ := onScreen(t, unpackProgram(t, source), ".")
		pid, err := strconv.Atoi(targetOf(t, c.See("before op 1").Screen()))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		c.See("ENDED").Type("6").See("is gone: it was killed while it")
		c.Type("q").Gone(0)
	}
}

// threads has many of them.
const threads = `package main

import (
	"os"
	"runtime"
	"time"
)

func main() {
	for i := 0; i < 20; i++ {
		go func() {
			runtime.LockOSThread()
			select {}
		}()
	}
	time.Sleep(50 * time.Millisecond)
	m := map[int]int{len(os.Args): 1}
	delete(m, len(os.Args))
}
`
