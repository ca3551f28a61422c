package doctor

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ptrace tries what a live target needs: a child that stops at its first
// instruction, and whose memory can be read and written.
func ptrace() []Finding {
	var fs []Finding
	if err := tryPtrace(); err != nil {
		fs = append(fs, fail("ptrace", mendPtrace(err), "a child cannot be traced: %v", err))
	} else {
		fs = append(fs, ok("ptrace", "a child was started, stopped, read and written"))
	}
	status, _ := os.ReadFile("/proc/self/status")
	if pid := statusField(string(status), "TracerPid"); pid != "" && pid != "0" {
		fs = append(fs, warn("tracer", "run deltui without it", "process %s traces this one; children that it follows cannot be traced again", pid))
	}
	return fs
}

func tryPtrace() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	// All requests must come from the thread that started the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	proc, err := os.StartProcess(exe, []string{exe}, &os.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true, Pdeathsig: syscall.SIGKILL}})
	if err != nil {
		return fmt.Errorf("PTRACE_TRACEME: %w", err)
	}
	pid := proc.Pid
	defer func() {
		_ = proc.Kill() // it has not run a single instruction
		_, _ = proc.Wait()
	}()
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for it: %w", err)
		}
		break
	}
	if !ws.Stopped() {
		return fmt.Errorf("it did not stop (wait status %#x)", uint32(ws))
	}
	entry, err := entryAddress(pid)
	if err != nil {
		return err
	}
	word := make([]byte, 8)
	if _, err := unix.PtracePeekText(pid, entry, word); err != nil {
		return fmt.Errorf("reading its memory: %w", err)
	}
	if _, err := unix.PtracePokeText(pid, entry, word); err != nil {
		return fmt.Errorf("writing its memory: %w", err)
	}
	return nil
}

// entryAddress is the first address of the child's executable text.
func entryAddress(pid int) (uintptr, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(maps), "\n") {
		var from, to uintptr
		var perm string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &perm); n == 3 && strings.HasPrefix(perm, "r-x") {
			return from, nil
		}
	}
	return 0, errors.New("it has no executable memory")
}

// mendPtrace says what forbids tracing, as far as it can be seen.
func mendPtrace(err error) string {
	scope, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	status, _ := os.ReadFile("/proc/self/status")
	switch {
	case strings.TrimSpace(string(scope)) == "3":
		return "Yama forbids it until the next boot: kernel.yama.ptrace_scope is 3"
	case container():
		return "in a container: docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined …"
	case statusField(string(status), "Seccomp") == "2":
		return "a seccomp filter is in force, of a sandbox or container: allow ptrace in it"
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES):
		return "kernel.yama.ptrace_scope is " + strings.TrimSpace(string(scope)) + "; see also SELinux (setsebool deny_ptrace off) and the sandbox that you are in"
	}
	return "see ptrace(2)"
}

func container() bool {
	for _, f := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(f); err == nil {
			return true
		}
	}
	return false
}

func statusField(status, name string) string {
	for line := range strings.SplitSeq(status, "\n") {
		if v, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
