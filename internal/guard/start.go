package guard

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Config says what a guard is given.
type Config struct {
	// Terminal is what the screen reads from and draws on, before it does; nil
	// is none.
	Terminal *Terminal
	// Lost, if not nil, is called when the guard has died under our eyes: err
	// says how, again is nil if a new one has taken its place.
	Lost func(err, again error)
}

// Terminal is a terminal in its two directions.
type Terminal struct{ In, Out *os.File }

// Guard is a guard at work. Its methods may be called from any goroutine; those
// of a nil Guard do nothing.
type Guard struct {
	cfg   Config
	modes string // of the terminal

	mu     sync.Mutex
	pipe   io.WriteCloser
	pid    int
	ended  chan struct{}     // closed when the process has
	list   map[string]string // the lines that say what to undo, by what takes each back
	closed bool
	lost   int
}

// maxLost is how many guards may die before no other is started.
const maxLost = 3

// Start starts a guard.
func Start(cfg Config) (*Guard, error) {
	g := &Guard{cfg: cfg, modes: noTerminal, list: make(map[string]string)}
	if t := cfg.Terminal; t != nil {
		g.modes = modesOf(t.In)
	}
	if err := g.start(); err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	return g, nil
}

// start starts the process, and tells it all that there is to undo.
func (g *Guard) start() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe)
	cmd.Args = []string{"deltui-guard"}
	cmd.Env = []string{env + "=" + g.modes}
	if t := g.cfg.Terminal; t != nil {
		cmd.ExtraFiles = []*os.File{t.In, t.Out}
	}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	g.pipe, g.pid, g.ended = pipe, cmd.Process.Pid, ended
	for _, takeBack := range slices.Sorted(maps.Keys(g.list)) {
		fmt.Fprintln(pipe, g.list[takeBack])
	}
	go func() {
		err := cmd.Wait()
		close(ended)
		g.died(err)
	}()
	return nil
}

// died starts another guard in the place of one that was not told to end.
func (g *Guard) died(how error) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.pipe.Close()
	g.lost++
	again := fmt.Errorf("%d have died", g.lost)
	if g.lost <= maxLost {
		again = g.start()
	}
	g.mu.Unlock()
	if how == nil {
		how = fmt.Errorf("it ended by itself")
	}
	if g.cfg.Lost != nil {
		g.cfg.Lost(how, again)
	}
}

// tell puts a line on the list, or takes it off.
func (g *Guard) tell(line, takeBack string, on bool) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if on {
		g.list[takeBack] = line
	} else {
		delete(g.list, takeBack)
		line = takeBack
	}
	fmt.Fprintln(g.pipe, line) // a guard that has died is noticed elsewhere
}

// Watch makes the guard kill the process group led by pid, should we die before
// Unwatch.
func (g *Guard) Watch(pid int) {
	g.tell(fmt.Sprintf("watch %d %s", pid, startTime(pid)), fmt.Sprintf("unwatch %d", pid), true)
}

// Unwatch says that a process is gone, or is let live.
func (g *Guard) Unwatch(pid int) { g.tell("", fmt.Sprintf("unwatch %d", pid), false) }

// Remove makes the guard remove a file or directory, should we die before Keep.
func (g *Guard) Remove(path string) {
	g.tell(fmt.Sprintf("remove %q", path), fmt.Sprintf("keep %q", path), true)
}

// Keep says that a file is gone, or stays.
func (g *Guard) Keep(path string) { g.tell("", fmt.Sprintf("keep %q", path), false) }

// Screen says whether the terminal is the screen's now: then the guard gives it
// back, should we die.
func (g *Guard) Screen(on bool) { g.tell("screen on", "screen off", on) }

// Pid is the guard's process; 0 of none.
func (g *Guard) Pid() int {
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pid
}

// ending bounds how long Close waits.
const ending = 3 * time.Second

// Close has the guard undo what is still on its list, and ends it.
func (g *Guard) Close() {
	if g == nil {
		return
	}
	g.mu.Lock()
	g.closed = true
	g.pipe.Close()
	ended := g.ended
	g.mu.Unlock()
	select {
	case <-ended:
	case <-time.After(ending):
	}
}
