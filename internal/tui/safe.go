package tui

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// guard gives the terminal back when something of ours panics outside of Bubble
// Tea's own loop and commands, which it guards itself.
type guard struct {
	p    *tea.Program
	once sync.Once
	mu   sync.Mutex
	what string
}

// safeGo runs fn in a goroutine. If it panics, the program is killed, which
// restores the terminal, and Run tells the panic as its error.
func (g *guard) safeGo(fn func()) {
	go func() {
		defer g.catch()
		fn()
	}()
}

func (g *guard) catch() {
	r := recover()
	if r == nil {
		return
	}
	g.once.Do(func() {
		g.mu.Lock()
		g.what = fmt.Sprintf("%v\n%s", r, debug.Stack())
		g.mu.Unlock()
		g.p.Kill()
	})
}

// err is the panic, as an error; nil if there was none.
func (g *guard) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.what == "" {
		return nil
	}
	return &PanicError{What: g.what}
}

// PanicError is a panic of deltui's own, caught so that the terminal could be
// restored first.
type PanicError struct{ What string }

// Error is the panic's value; What has the stack too.
func (e *PanicError) Error() string {
	head, _, _ := strings.Cut(e.What, "\n")
	return "deltui panicked: " + head
}

// noColor reports whether NO_COLOR asks for no colour: with any value that is
// not empty.
func noColor() bool { return os.Getenv("NO_COLOR") != "" }
