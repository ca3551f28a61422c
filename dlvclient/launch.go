package dlvclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"github.com/go-delve/delve/pkg/logflags"
	"github.com/go-delve/delve/service/debugger"
)

// quiet keeps Delve from writing to our standard error. logflags.Setup would
// do it too, but it also silences the log package, which is our host's.
var quiet = sync.OnceFunc(func() {
	logflags.SetLoggerFactory(func(bool, logflags.Fields, io.Writer) logflags.Logger { return silence{} })
})

// silence is a logger of Delve's that says nothing.
type silence struct{}

func (silence) Debugf(string, ...any) {}
func (silence) Infof(string, ...any)  {}
func (silence) Warnf(string, ...any)  {}
func (silence) Errorf(string, ...any) {}
func (silence) Debug(...any)          {}
func (silence) Info(...any)           {}
func (silence) Warn(...any)           {}
func (silence) Error(...any)          {}

// loaded is what Delve made of a program.
type loaded struct {
	dbg *debugger.Debugger
	cfg *debugger.Config
	err error
}

func launch(ctx context.Context, cfg Config) (*Process, error) {
	quiet()
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		closeEnds(cfg)
		return nil, err
	}
	if !waiting.TryLock() {
		closeEnds(cfg)
		return nil, ErrBusy
	}
	defer waiting.Unlock()
	ch, err := start(cfg, path)
	if err != nil {
		if errors.Is(err, syscall.EPERM) {
			err = fmt.Errorf("%w (%w)", ErrPermission, err)
		}
		return nil, err
	}
	if cfg.Started != nil && ch.pid != 0 {
		cfg.Started(ch.pid)
	}
	// Delve cannot be told to stop reading debug information; it is left to
	// come to its end by itself.
	done := make(chan loaded, 1)
	go func() { done <- ch.load() }()
	var l loaded
	select {
	case l = <-done:
	case <-ctx.Done():
		ch.kill()
		ch.reap()
		go func() {
			if l := <-done; l.dbg != nil {
				_ = enter(func() error { return l.dbg.Detach(true) })
			}
		}()
		return nil, ctx.Err()
	}
	if l.err != nil {
		ch.kill()
		ch.reap()
		return nil, l.err
	}
	return newProcess(cfg, ch, l)
}

// newProcess takes over what Delve has loaded.
func newProcess(cfg Config, ch *child, l loaded) (*Process, error) {
	p := &Process{child: ch, breakpoints: make(map[uint64]byte)}
	var libs libraries
	err := enter(func() error {
		grp, unlock := l.dbg.LockTargetGroup()
		defer unlock()
		tgt := grp.Selected
		bi := tgt.BinInfo()
		if len(bi.Images) == 0 {
			return errors.New("nothing of it was loaded")
		}
		p.slide = bi.Images[0].StaticBase
		p.arch = bi.Arch.Name
		libs = holdLibraries(bi)
		p.drv = guarded{newDirect(l.dbg, grp, libs, p.sawProgram)}
		return nil
	})
	if err == nil && cfg.Via == RPC {
		err = enter(func() error {
			p.drv = guarded{newRPC(l.dbg, l.cfg, libs, p.sawProgram)}
			return nil
		})
	}
	if err == nil && runtime.GOOS == "linux" {
		err = p.drv.followExec()
	}
	if err != nil {
		ch.kill()
		ch.reap()
		_ = enter(func() error { return l.dbg.Detach(true) })
		return nil, err
	}
	ch.loaded()
	return p, nil
}

// forbidden tells a system that does not let us trace from other failures.
// Delve's errors are text by the time they come here.
func forbidden(err error) error {
	for _, sign := range []string{syscall.EPERM.Error(), "ptrace_scope"} {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w (%w)", ErrPermission, err)
		}
	}
	return err
}

// closeEnds closes our side of the target's output.
func closeEnds(cfg Config) {
	if cfg.Stdout != nil {
		cfg.Stdout.Close()
	}
	if cfg.Stderr != nil {
		cfg.Stderr.Close()
	}
}
