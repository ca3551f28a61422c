package dlvclient

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-delve/delve/pkg/logflags"
	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/service/debugger"
)

// quiet keeps Delve from writing on our terminal.
var quiet = sync.OnceFunc(func() {
	// A destination of its own, for Delve's warnings go to stderr without one.
	_ = logflags.Setup(false, "", os.DevNull)
	log.SetOutput(io.Discard)
})

// launching is held while the environment is ours to change: Delve's launch
// takes the whole process's.
var launching sync.Mutex

func launch(cfg Config) (*Process, error) {
	quiet()
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, err
	}
	dcfg := debugger.Config{
		WorkingDir: cfg.Dir,
		Backend:    "default",
		// Delve knows the newest Go of its own time; what is read here comes
		// from debug information, whatever the version.
		CheckGoVersion: false,
		TTY:            cfg.TTY,
		Stdin:          cfg.Stdin,
		Stdout:         proc.OutputRedirect{File: cfg.Stdout},
		Stderr:         proc.OutputRedirect{File: cfg.Stderr},
	}

	launching.Lock()
	restore := setenv(cfg.Env)
	found := make(chan struct{})
	if cfg.Started != nil {
		go watchForChild(path, cfg.Started, found)
	}
	dbg, err := debugger.New(&dcfg, append([]string{path}, cfg.Args...))
	close(found)
	restore()
	launching.Unlock()
	if err != nil {
		// Delve's error is text by now.
		if strings.Contains(err.Error(), syscall.EPERM.Error()) {
			err = fmt.Errorf("%w (%w)", ErrPermission, err)
		}
		return nil, err
	}

	grp, unlock := dbg.LockTargetGroup()
	tgt := grp.Selected
	p := &Process{
		pid:   tgt.Pid(),
		slide: tgt.BinInfo().Images[0].StaticBase,
		arch:  tgt.BinInfo().Arch.Name,
	}
	unlock()
	if cfg.Started != nil {
		cfg.Started(p.pid)
	}
	p.drv = newDirect(dbg, grp)
	if cfg.Via == RPC {
		p.drv = newRPC(dbg, &dcfg)
	}
	return p, nil
}

// setenv adds to the environment and returns what takes it back.
func setenv(env []string) (restore func()) {
	var undo []func()
	for _, kv := range env {
		k, v, ok := strings.Cut(kv, "=")
		if !ok {
			continue
		}
		old, had := os.LookupEnv(k)
		_ = os.Setenv(k, v)
		if had {
			undo = append(undo, func() { _ = os.Setenv(k, old) })
		} else {
			undo = append(undo, func() { _ = os.Unsetenv(k) })
		}
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}

// watchForChild tells the pid of the launched process while Delve is still
// reading its debug information, which can take seconds: whoever guards the
// process needs to know of it from the start.
func watchForChild(path string, started func(int), found <-chan struct{}) {
	if runtime.GOOS != "linux" {
		return
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return
	}
	self := strconv.Itoa(os.Getpid())
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-found:
			return
		case <-tick.C:
		}
		lists, _ := filepath.Glob("/proc/" + self + "/task/*/children")
		for _, list := range lists {
			b, err := os.ReadFile(list)
			if err != nil {
				continue
			}
			for _, child := range strings.Fields(string(b)) {
				if exe, err := os.Readlink("/proc/" + child + "/exe"); err == nil && exe == real {
					if pid, err := strconv.Atoi(child); err == nil {
						started(pid)
						return
					}
				}
			}
		}
	}
}
