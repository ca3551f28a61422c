package dlvclient

import (
	"errors"
	"fmt"
	"strings"
)

// ErrDelve says that Delve itself failed, by a panic: damaged debug information
// does that to it. The process is of no use then but to be killed.
var ErrDelve = errors.New("it broke Delve down; is its debug information damaged?")

// enter calls into Delve. Every such call of this package goes through it, by
// way of [guarded] or here: Delve panics where debug information is not as the
// compiler writes it, and its caller must live to end the process.
func enter(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", ErrDelve, r)
		}
	}()
	if err = f(); err != nil {
		if _, what, ok := strings.Cut(err.Error(), brokeDown); ok {
			err = fmt.Errorf("%w (%s)", ErrDelve, what)
		}
	}
	return err
}

// brokeDown begins the error of a panic behind rpc2.
const brokeDown = "internal error of Delve: "

// guarded is a driver whose panics are errors.
type guarded struct{ driver }

func (g guarded) setBreakpoint(addr uint64) error {
	return enter(func() error { return g.driver.setBreakpoint(addr) })
}

func (g guarded) clearBreakpoint(addr uint64) error {
	return enter(func() error { return g.driver.clearBreakpoint(addr) })
}

func (g guarded) resume(resumed chan<- struct{}) (s *Stop, err error) {
	err = enter(func() error { s, err = g.driver.resume(resumed); return err })
	return s, err
}

func (g guarded) halt() error {
	return enter(g.driver.halt)
}

func (g guarded) readMemory(p []byte, addr uint64) error {
	return enter(func() error { return g.driver.readMemory(p, addr) })
}

func (g guarded) stack(h *Hit, depth int) (fs []Frame, err error) {
	err = enter(func() error { fs, err = g.driver.stack(h, depth); return err })
	return fs, err
}

func (g guarded) goroutine(h *Hit) (id int64, err error) {
	err = enter(func() error { id, err = g.driver.goroutine(h); return err })
	return id, err
}

func (g guarded) symbol(name string) (addr uint64, err error) {
	err = enter(func() error { addr, err = g.driver.symbol(name); return err })
	return addr, err
}

func (g guarded) followExec() error {
	return enter(g.driver.followExec)
}

func (g guarded) detach(kill bool) error {
	return enter(func() error { return g.driver.detach(kill) })
}
