//go:build !linux

package dlvclient

import (
	"errors"
	"syscall"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/service/debugger"
)

// child is the target as a process of the system's. Delve starts it.
type child struct {
	pid  int
	cfg  Config
	path string
}

func start(cfg Config, path string) (*child, error) {
	if len(cfg.Env) > 0 {
		closeEnds(cfg)
		return nil, errors.New("Config.Env: on this system Delve starts the process, with our environment as it is")
	}
	return &child{cfg: cfg, path: path}, nil
}

func (c *child) load() (l loaded) {
	l.cfg = &debugger.Config{
		WorkingDir: c.cfg.Dir,
		Backend:    "default",
		TTY:        c.cfg.TTY,
		Stdin:      c.cfg.Stdin,
		Stdout:     proc.OutputRedirect{File: c.cfg.Stdout},
		Stderr:     proc.OutputRedirect{File: c.cfg.Stderr},
	}
	l.err = enter(func() (err error) {
		l.dbg, err = debugger.New(l.cfg, append([]string{c.path}, c.cfg.Args...))
		return err
	})
	if l.err != nil {
		l.err = forbidden(l.err)
		return l
	}
	grp, unlock := l.dbg.LockTargetGroup()
	defer unlock()
	c.pid = grp.Selected.Pid()
	// Delve kills what it has started, even when told to detach from it.
	l.cfg.AttachPid = c.pid
	if c.cfg.Started != nil {
		c.cfg.Started(c.pid)
	}
	return l
}

func (c *child) loaded() {}

func (c *child) kill() {
	if c.pid != 0 {
		_ = syscall.Kill(-c.pid, syscall.SIGKILL)
		_ = syscall.Kill(c.pid, syscall.SIGKILL)
	}
}

func (c *child) killAlone() { c.kill() }

// reap leaves it to Delve's server, whose child it is.
func (c *child) reap() bool { return true }

func (c *child) freed() error { return nil }
