package cli

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"deltui/internal/procfs"
)

// adopt makes us the parent of processes whose own has died, or no longer. So we
// know at the end which ones a target has left, whatever process groups and
// sessions they have gone to. It is on while a target is there, and not while we
// run anything else: what an editor or the go command leaves is nobody's business.
func adopt(on bool) {
	flag := uintptr(0)
	if on {
		flag = 1
	}
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, flag, 0, 0, 0)
}

// leftovers are the processes that a target has left, that live. Those of its
// process group have been killed with it, if it was; that takes a moment.
func (a *App) leftovers(target int, killed bool) []int {
	for tries := 0; ; tries++ {
		pids, dying := []int(nil), false
		for _, pid := range descendants(os.Getpid()) {
			s, err := procfs.ReadStat(pid)
			if err != nil || pid == a.guard.Pid() || pid == target {
				continue
			}
			if s.Dead() {
				_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // nobody else asks for its end
				continue
			}
			pids = append(pids, pid)
			dying = dying || killed && s.Group == target
		}
		if !dying || tries == 40 {
			return pids
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// descendants are a process's children, and theirs.
func descendants(pid int) (all []int) {
	for _, child := range procfs.Children(pid) {
		all = append(append(all, child), descendants(child)...)
	}
	return all
}

// partChildren tells which processes a target has left, or ends them.
func (a *App) partChildren(target int, killed, kill bool) (news string) {
	left := a.leftovers(target, killed)
	if len(left) == 0 {
		return ""
	}
	names := make([]string, 0, len(left))
	for _, pid := range left {
		if len(names) == maxChildren {
			names = append(names, fmt.Sprintf("%d more", len(left)-maxChildren))
			break
		}
		names = append(names, fmt.Sprintf("%s (pid %d)", procfs.Command(pid), pid))
	}
	what := "what the target has started lives on: " + strings.Join(names, ", ")
	if !kill {
		return what + "; --kill-children ends it"
	}
	for range 40 { // they may start others meanwhile
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(25 * time.Millisecond)
		if left = a.leftovers(target, false); len(left) == 0 {
			return "what the target had started was killed: " + strings.Join(names, ", ")
		}
	}
	return what + "; it cannot be killed"
}

// maxChildren bounds those that are named.
const maxChildren = 10
