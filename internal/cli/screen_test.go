//go:build linux

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
	"deltui/internal/tui/tuitest"
)

// onScreen is deltui on a terminal of its own, and the directory that its
// temporary files are in.
func onScreen(t *testing.T, args ...string) (c *tuitest.Terminal, tmp string) {
	t.Helper()
	cmd, _ := deltui(t, args...)
	tmp = t.TempDir()
	cmd.Env = append(append(cmd.Env, tuitest.Env...), "TMPDIR="+tmp)
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
			c, tmp := onScreen(t, dir)
			c.See("before op 1").Signal(sig).Gone(0, "ended by a signal ("+sig.String()+")")
			if l := left(tmp); l != nil {
				t.Errorf("left behind: %v", l)
			}
		})
	}
}

// So it does while the program is still being built.
func TestScreenSignalWhileBuilding(t *testing.T) {
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
