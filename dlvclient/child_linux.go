package dlvclient

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/go-delve/delve/service/debugger"
	"golang.org/x/sys/unix"

	"deltui/internal/procfs"
)

// child is the target as a process of the system's. We start it and Delve
// attaches to it, for Delve's own launch knows no environment but ours, and
// would not let the process live on without it:
//
//	we                     kernel                        Delve
//	fork, PTRACE_TRACEME   stops after exec (SIGTRAP)
//	PTRACE_DETACH+SIGSTOP  stopped, untraced
//	                                                     PTRACE_ATTACH
//	                       stopped, traced by Delve      reads debug information
//	SIGCONT                takes back the SIGSTOP; it
//	                       is seen when Delve continues  PTRACE_CONT
//
// It has not executed an instruction of its own by then.
type child struct {
	pid int
}

// start starts the program, stopped before its first instruction.
func start(cfg Config, path string) (_ *child, err error) {
	defer closeEnds(cfg)
	if err := checkDebugInfo(path); err != nil {
		return nil, err
	}
	cmd := exec.Command(path, cfg.Args...)
	cmd.Dir = cfg.Dir
	cmd.Env = append(os.Environ(), cfg.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if cfg.TTY != "" {
		tty, err := os.OpenFile(cfg.TTY, os.O_RDWR|syscall.O_NOCTTY, 0)
		if err != nil {
			return nil, fmt.Errorf("opening its terminal: %w", err)
		}
		defer tty.Close()
		cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
		cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
	} else {
		cmd.SysProcAttr.Setpgid = true
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if cfg.Stdin != "" {
			in, err := os.Open(cfg.Stdin)
			if err != nil {
				return nil, fmt.Errorf("opening its input: %w", err)
			}
			defer in.Close()
			cmd.Stdin = in
		}
		if cfg.Stdout != nil {
			cmd.Stdout = cfg.Stdout
		}
		if cfg.Stderr != nil {
			cmd.Stderr = cfg.Stderr
		}
	}

	// Who forks is the tracer, and that is a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{pid: cmd.Process.Pid}
	_ = cmd.Process.Release() // Delve asks for its end
	ws, err := wait4(c.pid, 0)
	if err != nil || !ws.Stopped() {
		return nil, c.failed("waiting for it to start", err, ws)
	}
	if _, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_DETACH, uintptr(c.pid), 0, uintptr(unix.SIGSTOP), 0, 0); errno != 0 {
		return nil, c.failed("letting Delve trace it", errno, ws)
	}
	if ws, err = wait4(c.pid, unix.WUNTRACED); err != nil || !ws.Stopped() {
		return nil, c.failed("waiting for it to stop", err, ws)
	}
	return c, nil
}

func (c *child) failed(doing string, err error, ws unix.WaitStatus) error {
	c.kill()
	c.reap()
	if err == nil {
		err = fmt.Errorf("wait status %#x", uint32(ws))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func wait4(pid, options int) (ws unix.WaitStatus, err error) {
	for {
		if _, err = unix.Wait4(pid, &ws, options, nil); !errors.Is(err, unix.EINTR) {
			return ws, err
		}
	}
}

// load makes Delve attach to it and read its debug information.
func (c *child) load() (l loaded) {
	l.cfg = &debugger.Config{
		AttachPid: c.pid,
		Backend:   "default",
		// Delve knows the newest Go of its own time; what is read here comes
		// from debug information, whatever the version.
		CheckGoVersion: false,
	}
	ctx, done := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { c.killIfFreed(ctx) })
	l.err = enter(func() (err error) {
		l.dbg, err = debugger.New(l.cfg, nil)
		return err
	})
	done()
	watching.Wait()
	if l.err != nil {
		l.err = forbidden(l.err)
	}
	return l
}

// killIfFreed kills it where Delve gives up on it, and so lets it run: a
// program that cannot be watched is not to do anything unwatched. Delve waits
// for 50 ms before it wakes a process that it has left stopped.
func (c *child) killIfFreed(ctx context.Context) {
	for traced := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
		tracer, err := procfs.Tracer(c.pid)
		if err != nil {
			return
		}
		if traced && tracer == 0 {
			c.kill()
			return
		}
		traced = tracer != 0
	}
}

// loaded takes back what keeps it stopped, but for Delve.
func (c *child) loaded() { _ = unix.Kill(c.pid, unix.SIGCONT) }

// kill kills it, and the process group that it leads.
func (c *child) kill() {
	_ = unix.Kill(-c.pid, unix.SIGKILL)
	_ = unix.Kill(c.pid, unix.SIGKILL)
}

// killAlone kills it and nothing that it has started.
func (c *child) killAlone() { _ = unix.Kill(c.pid, unix.SIGKILL) }

// reap asks for the end of a killed process that nobody else asks for, and
// reports whether it came.
func (c *child) reap() bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		// Those that Delve traces are asked for one by one. The first thread's
		// end comes when all others' have been taken.
		for _, tid := range procfs.Threads(c.pid) {
			if tid != c.pid {
				_, _ = unix.Wait4(tid, nil, unix.WALL|unix.WNOHANG, nil)
			}
		}
		var ws unix.WaitStatus
		got, err := unix.Wait4(c.pid, &ws, unix.WALL|unix.WNOHANG, nil)
		if errors.Is(err, unix.ECHILD) || got == c.pid && (ws.Exited() || ws.Signaled()) {
			return true
		}
	}
	return false
}

// freed checks that nobody traces it any more, wakes it if it was left
// stopped, and sees to it that its end is asked for.
func (c *child) freed() error {
	for _, tid := range procfs.Threads(c.pid) {
		tracer, err := procfs.Tracer(tid)
		if err == nil && tracer != 0 {
			return fmt.Errorf("its thread %d is still traced, by process %d", tid, tracer)
		}
	}
	// A stop signal of Delve's can be under way still.
	for range 20 {
		if s, err := procfs.ReadStat(c.pid); err == nil && s.State == 'T' {
			_ = unix.Kill(c.pid, unix.SIGCONT)
		}
		time.Sleep(5 * time.Millisecond)
	}
	go func() { _, _ = wait4(c.pid, 0) }()
	return nil
}
