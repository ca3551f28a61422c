// Package guard ends a launched target when deltui dies without a word.
//
// Delve asks the kernel for no kill on the tracer's exit, so a target would
// live on after a SIGKILL of deltui. The guard is a second process, this
// program started again in a session of its own, at the other end of a pipe: it
// is told the ids of the processes to watch over, and when the pipe closes
// without a farewell it kills them, if they are still the same processes (by
// their start time, where there is a /proc that tells it).
//
//	deltui ──── pipe: "watch 4211 8837465" … "bye" ────► guard
//	   │ SIGKILL                                           │ end of file
//	   ✗                                                   └──► kill 4211
//
// A program that starts a guard calls [Main] first of all. The guard listens to
// nothing else, holds no other file, and ends with its parent.
package guard

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"deltui/internal/procfs"
)

// env marks the guard's own process.
const env = "DELTUI_GUARD"

// Main turns this process into the guard, and does not return, if it was
// started as one.
func Main() {
	if os.Getenv(env) == "" {
		return
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	watchOver(os.Stdin)
	os.Exit(0)
}

func watchOver(r io.Reader) {
	watched := make(map[int]string)
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		words := strings.Fields(sc.Text())
		switch {
		case len(words) == 1 && words[0] == "bye":
			return
		case len(words) == 3 && words[0] == "watch":
			if pid, err := strconv.Atoi(words[1]); err == nil && pid > 1 {
				watched[pid] = words[2]
			}
		}
	}
	for pid, started := range watched {
		if startTime(pid) != started {
			continue
		}
		// A target is the leader of its own process group: what it started
		// goes with it.
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// Guard is a guard at work.
type Guard struct {
	mu   sync.Mutex
	pipe io.WriteCloser
	cmd  *exec.Cmd
}

// Start starts the guard.
func Start() (*Guard, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	cmd := exec.Command(exe)
	cmd.Args = []string{"deltui-guard"}
	cmd.Env = []string{env + "=1"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	return &Guard{pipe: pipe, cmd: cmd}, nil
}

// Watch makes the guard kill the process group led by pid, should we die
// before Close.
func (g *Guard) Watch(pid int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintf(g.pipe, "watch %d %s\n", pid, startTime(pid))
}

// Close bids the guard farewell: the targets are gone, or are let live.
func (g *Guard) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintln(g.pipe, "bye")
	g.pipe.Close()
	_ = g.cmd.Wait()
}

// startTime tells a process from a later one with its id. It is "-" where the
// system does not say.
func startTime(pid int) string {
	s, err := procfs.ReadStat(pid)
	if err != nil {
		return "-"
	}
	return strconv.FormatUint(s.Started, 10)
}
