package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// ErrNoTerminal says that the screen has no terminal to be on.
var ErrNoTerminal = errors.New("no terminal")

// CheckTerminal tells whether Run could show a screen: stdin and stdout are a
// terminal that can be drawn on. Its error wraps [ErrNoTerminal] and says what
// to do. Call it before long work.
func CheckTerminal() error {
	const instead = "use deltui trace, which prints the ops"
	switch t := os.Getenv("TERM"); {
	case !term.IsTerminal(os.Stdin.Fd()):
		return fmt.Errorf("%w: stdin is not one; %s", ErrNoTerminal, instead)
	case !term.IsTerminal(os.Stdout.Fd()):
		return fmt.Errorf("%w: stdout is not one; %s", ErrNoTerminal, instead)
	case t == "" || t == "dumb":
		return fmt.Errorf("%w that can be drawn on: TERM is %q; set it, or %s", ErrNoTerminal, t, instead)
	}
	return nil
}

// fps is how often Bubble Tea may draw. Its default of 60 alone makes a key take
// longer than 16 ms to be seen.
const fps = 120

// quitGrace is how long a screen that is told to quit may take.
const quitGrace = 2 * time.Second

// letGo is how long Run waits for a target to be let go of.
const letGo = 10 * time.Second

// Run shows the screen until the user quits or ctx is cancelled; signals are the
// caller's, who cancels ctx. The terminal is restored whatever happens, and a
// launched target is gone. It returns nil when the user quit, ctx's cause when
// that ended it, context.Canceled when Config.Open was cancelled, the error of
// Config.Open or Session.Run, or one that wraps [ErrNoTerminal].
func Run(ctx context.Context, cfg Config) error { return run(ctx, cfg, nil) }

// minProcs is how many Ps answering keys needs beside a target.
const minProcs = 4

// run is Run; begun, if not nil, is called when the program has been made.
func run(ctx context.Context, cfg Config, begun func(*guard)) error {
	if err := CheckTerminal(); err != nil {
		return err
	}
	// The goroutines that stop and resume a target hand over to each other all
	// the time, and keep two Ps busy. On two cores a key waited 20 ms for one
	// (p95 28 ms); with two more it waits 6 (p95 10 ms).
	if n := runtime.GOMAXPROCS(0); n < minProcs {
		runtime.GOMAXPROCS(minProcs)
		defer runtime.GOMAXPROCS(n)
	}
	cfg.Options.NoColor = cfg.Options.NoColor || noColor()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, cfg)
	// A program that its context ends does not wait for its reader of the terminal
	// before it closes what that reads, which is a race; one that is told to quit
	// does. The context is for one that does not listen.
	screen, kill := context.WithCancel(context.Background())
	defer kill()
	opts := []tea.ProgramOption{tea.WithContext(screen), tea.WithFPS(fps), tea.WithoutSignalHandler()}
	if cfg.Options.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.Ascii))
	}
	g := &guard{p: tea.NewProgram(m, opts...)}
	if begun != nil {
		begun(g)
	}
	cfg.holds(true)
	unhook := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(quitGrace, kill)
		defer late.Stop()
		g.p.Quit()
		g.p.Wait()
	})
	_, err := g.p.Run()
	unhook()
	ended := context.Cause(ctx)
	// Bubble Tea leaves the cursor as it was on the alternate screen; terminals
	// that keep one for each screen may have it hidden on the other.
	fmt.Fprint(os.Stdout, ansi.ShowCursor)
	cfg.holds(false)
	cancel()
	m.release()
	switch {
	case g.err() != nil:
		return g.err()
	case errors.Is(err, tea.ErrProgramPanic):
		return &PanicError{What: "in the screen; what was printed above has the stack"}
	case m.err != nil:
		return m.err
	case m.quitting:
		return nil
	case ended != nil:
		return ended
	}
	return err
}

// release waits until work that was under way has been undone, and the source of
// the session has let go of its target.
func (m *model) release() {
	late := time.After(letGo)
	for _, o := range m.begun {
		o.cancel()
	}
	for _, o := range m.begun {
		select {
		case <-o.worked:
			if o.made != nil && o.made.Close != nil {
				_ = o.made.Close() // nobody has seen it
			}
		case <-late:
			fmt.Fprintln(os.Stderr, "deltui: "+o.title+": what was begun could not be undone in time")
		}
	}
	s := m.ses
	if s == nil {
		return
	}
	s.cancel()
	if !s.begun.CompareAndSwap(false, true) {
		select {
		case <-s.done:
		case <-late:
			fmt.Fprintln(os.Stderr, "deltui: the target did not end in time; the guard kills it")
		}
	}
	if s.Close != nil {
		if err := s.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "deltui:", err)
		}
	}
}
