// Package guard undoes what deltui has begun, when deltui dies without a word.
//
// Delve asks the kernel for no kill on the tracer's exit, so a target would
// live on after a SIGKILL of deltui; the terminal would stay as the screen had
// it, and our temporary files where they are. The guard is a second process,
// this program started again in a session of its own, at the other end of a
// pipe. It is told what there is to undo, and what is no longer; when the pipe
// closes it undoes what is left on its list.
//
//	deltui ──── pipe: "watch 4211 8837465", "screen on" … ────► guard
//	   │ SIGKILL                                                  │ end of file
//	   ✗                                                          ├──► kill 4211 and its process group
//	                                                              ├──► give the terminal back
//	                                                              └──► remove our temporary files
//
// A process is killed only if it still is the one that was meant, by its start
// time. The terminal's modes are set back only if they still are the screen's:
// the shell, which learns of our death at the same moment, may have been faster.
//
// A program that starts a guard calls [Main] first of all. The guard listens to
// nothing else, holds nothing but the pipe and the terminal, and ends with its
// parent.
package guard

import (
	"bufio"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"deltui/internal/procfs"
)

// env marks the guard's own process. Its value is the modes of the terminal that
// it was given, as files 3 (which is read) and 4 (which is drawn on), or noTerminal.
const env = "DELTUI_GUARD"

const noTerminal = "-"

// Main turns this process into the guard, and does not return, if it was
// started as one.
func Main() {
	modes := os.Getenv(env)
	if modes == "" {
		return
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTTOU, syscall.SIGPIPE)
	w := newWard()
	if saved, ok := parseModes(modes); ok {
		w.tty = &terminal{in: os.NewFile(3, "terminal"), out: os.NewFile(4, "terminal"), saved: saved}
	}
	w.read(os.Stdin)
	w.undo()
	os.Exit(0)
}

// ward is what the guard has to undo.
type ward struct {
	groups map[int]string  // start time, by the id of the group's leader
	files  map[string]bool // ours, to be removed
	tty    *terminal       // nil: none
	screen bool            // the terminal is ours now
}

func newWard() *ward {
	return &ward{groups: make(map[int]string), files: make(map[string]bool)}
}

// The lines of the pipe.
//
//	watch PID START    kill this process group
//	unwatch PID
//	remove "PATH"      remove this file or directory
//	keep "PATH"
//	screen on          give the terminal back
//	screen off
func (w *ward) read(r io.Reader) {
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		verb, rest, _ := strings.Cut(sc.Text(), " ")
		switch verb {
		case "watch":
			id, started, _ := strings.Cut(rest, " ")
			if pid, err := strconv.Atoi(id); err == nil && pid > 1 && started != "" {
				w.groups[pid] = started
			}
		case "unwatch":
			if pid, err := strconv.Atoi(rest); err == nil {
				delete(w.groups, pid)
			}
		case "remove":
			if path, err := strconv.Unquote(rest); err == nil {
				w.files[path] = true
			}
		case "keep":
			if path, err := strconv.Unquote(rest); err == nil {
				delete(w.files, path)
			}
		case "screen":
			w.screen = rest == "on"
		}
	}
}

// undo undoes what is left.
func (w *ward) undo() {
	for pid, started := range w.groups {
		if startTime(pid) != started {
			continue
		}
		// A target is the leader of its own process group: what it started
		// goes with it.
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if w.screen && w.tty != nil {
		w.tty.giveBack()
	}
	for path := range w.files {
		for range 50 { // processes that were killed may write for a moment longer
			if os.RemoveAll(path) == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
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
