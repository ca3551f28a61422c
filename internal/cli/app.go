package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"deltui/internal/guard"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/scratch"
	"deltui/internal/target"
	"deltui/internal/tui"
	"deltui/internal/visible"
)

// App is the program with all that it touches.
type App struct {
	Stdin          *os.File
	Stdout, Stderr io.Writer
	Env            []string
	// Screen shows a session until the user quits.
	Screen func(context.Context, tui.Config) error
	// CheckTerminal says why there can be no screen.
	CheckTerminal func() error
	// Launch starts a target under a live source.
	Launch func(context.Context, launch.Config) (probe.Source, error)

	cleanups cleanups
	guard    *guard.Guard // undoes what we have begun, should we be killed
	news     chan string  // lines for the screen, if there is one
	parting  parting      // lines for when it has gone
	watching atomic.Bool  // a target is there
	line     []string     // the command line, for completing it
}

// New is the App of this process.
func New() *App {
	return &App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(),
		Screen: tui.Run, CheckTerminal: tui.CheckTerminal, Launch: launch.Launch,
	}
}

// Main runs the command line and returns the exit code. It leaves no file and
// no process behind.
func (a *App) Main(args []string) int {
	defer a.leave()
	a.line = args
	cmd := a.root()
	cmd.SetArgs(args)
	cmd.SetOut(a.Stdout)
	cmd.SetErr(a.Stderr)
	if err := refuseTestFlags(cmd, args); err != nil {
		return a.exitCode(err)
	}
	ctx, stop := a.signals(context.Background())
	defer stop()
	return a.exitCode(cmd.ExecuteContext(ctx))
}

// leave leaves nothing behind: what our own clean-up has not got to, the guard
// does.
func (a *App) leave() {
	a.cleanups.run()
	a.guard.Close()
}

// guarded starts the guard; a screen's is given the terminal.
func (a *App) guarded(screen bool) error {
	if a.guard != nil {
		return nil
	}
	cfg := guard.Config{Lost: a.guardLost}
	if out, ok := a.Stdout.(*os.File); ok && screen {
		a.news = make(chan string, 8)
		cfg.Terminal = &guard.Terminal{In: a.Stdin, Out: out}
	}
	var err error
	a.guard, err = guard.Start(cfg)
	go func() {
		for _, parent := range []string{"", getenv(a.Env, "GOTMPDIR")} {
			scratch.Sweep(parent)
		}
	}()
	return err
}

// guardLost tells that the guard has died, which is not its to do.
func (a *App) guardLost(how, again error) {
	line := fmt.Sprintf("the guard has died (%v), which ends the target should deltui be killed; another has taken its place", how)
	if again != nil {
		line = fmt.Sprintf("the guard has died (%v), and no other can be started (%v): should deltui be killed, the target would live on", how, again)
	}
	if a.news == nil {
		a.say(line)
		return
	}
	select {
	case a.news <- line:
	default: // the screen has more to show than it does
	}
}

// holds says whether the terminal is the screen's, or lent to another program.
func (a *App) holds(on bool) {
	a.guard.Screen(on)
	if a.watching.Load() {
		adopt(on)
	}
}

// parting are lines that are to be told when the screen has gone.
type parting struct {
	mu    sync.Mutex
	lines []string
}

func (a *App) last(line string) {
	a.parting.mu.Lock()
	defer a.parting.mu.Unlock()
	if line != "" {
		a.parting.lines = append(a.parting.lines, line)
	}
}

func (a *App) sayLast() {
	a.parting.mu.Lock()
	defer a.parting.mu.Unlock()
	for _, line := range a.parting.lines {
		a.say(line)
	}
	a.parting.lines = nil
}

// usageError is the user's mistake in the command line itself.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usage(msg string) error { return &usageError{errors.New(msg)} }

// The exit codes of the contract.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// errFailed is an error that has been told already.
var errFailed = errors.New("failed")

// exitCode tells err and returns the code that it stands for.
func (a *App) exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errFailed) {
		return exitFailed
	}
	var sig errSignal
	switch {
	case errors.As(err, &sig):
		a.say(fmt.Sprintf("ended by a signal (%v)", sig))
		return exitOK
	case errors.Is(err, context.Canceled):
		a.say("interrupted")
		return exitOK
	}
	code := exitFailed
	var ue *usageError
	if errors.As(err, &ue) {
		code = exitUsage
	}
	var te *target.Error
	if errors.As(err, &te) {
		if te.Kind == target.Usage {
			code = exitUsage
		}
		a.quote(te.Output)
	}
	a.say(err.Error())
	return code
}

// say prints a line of our own to stderr.
func (a *App) say(line string) {
	line = visible.String(strings.Join(strings.Fields(line), " "))
	_, _ = io.WriteString(a.Stderr, "deltui: "+line+"\n")
}

// quote prints what another program said, as it is but made visible.
func (a *App) quote(text string) {
	if text == "" {
		return
	}
	lines := visible.Lines{Emit: func(line string) { _, _ = io.WriteString(a.Stderr, line+"\n") }}
	_, _ = io.WriteString(&lines, text)
	lines.Flush()
}

// cleanups are what has to be undone before the process ends, however it ends.
type cleanups struct {
	mu sync.Mutex
	fs []func()
}

func (c *cleanups) add(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fs = append(c.fs, f)
}

// run undoes all, the last one first, once.
func (c *cleanups) run() {
	c.mu.Lock()
	fs := c.fs
	c.fs = nil
	c.mu.Unlock()
	for i := len(fs) - 1; i >= 0; i-- {
		fs[i]()
	}
}

func (a *App) root() *cobra.Command {
	cmd := a.watchCommand()
	cmd.AddCommand(a.traceCommand(), a.recordCommand(), a.replayCommand(), a.exportCommand(), a.doctorCommand(), a.completionCommand(), a.versionCommand())
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		hint := "; see `"
		if strings.HasPrefix(err.Error(), "unknown shorthand flag") {
			hint = "; long flags have two dashes" + hint
		}
		return &usageError{errors.New(err.Error() + hint + c.CommandPath() + " --help`, and put the target's own flags after --")}
	})
	return cmd
}
