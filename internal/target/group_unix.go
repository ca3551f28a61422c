//go:build unix

package target

import (
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// ownGroup gives the go command a process group: the compiler, the linker and
// the C compiler that it starts are in it, and Ctrl-C on the terminal reaches
// us alone.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func killGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// awaitGroup waits, for a moment at most, until nobody of the group is left.
// What remains then are zombies that a lazy init has not collected.
func awaitGroup(cmd *exec.Cmd) {
	for range 50 {
		if errors.Is(syscall.Kill(-cmd.Process.Pid, 0), syscall.ESRCH) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
