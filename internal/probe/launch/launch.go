package launch

import (
	"context"
	"io"
	"sync"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/guard"
	"deltui/internal/probe"
	"deltui/internal/probe/live"
)

// Config says which program to launch, and what becomes of its input and
// output.
type Config struct {
	Path string // the program
	Name string // as the user named it; Path if ""
	Args []string
	Dir  string
	Env  []string // added to ours

	// Terminal gives the target a terminal of its own (for a screen).
	// Otherwise Stdin is copied to its input, nil is none.
	Terminal bool
	Stdin    io.Reader
	// Output is handed what the target prints, raw, besides the sink; stream 1
	// is stdout, 2 is stderr. It may be nil.
	Output func(stream int, b []byte)

	Via dlvclient.Via
	// Guard is told of the target, and kills it should we die; nil starts one.
	Guard *guard.Guard
}

// Launch opens the program's debug information and starts it under Delve; it
// stands before its first instruction until the source is run. The errors are
// those of [debuginfo.Open] and [dlvclient.Launch].
func Launch(ctx context.Context, cfg Config) (_ probe.Source, err error) {
	if cfg.Name == "" {
		cfg.Name = cfg.Path
	}
	var made undo
	defer func() {
		if err != nil {
			made.run()
		}
	}()
	file, err := debuginfo.Open(cfg.Path)
	if err != nil {
		return nil, err
	}
	made.add(func() { _ = file.Close() })
	g := cfg.Guard
	if g == nil {
		if g, err = guard.Start(guard.Config{}); err != nil {
			return nil, err
		}
		made.add(g.Close)
	}
	con, err := openConsole(cfg)
	if err != nil {
		return nil, err
	}
	made.add(con.close)
	// Delve takes most of the time; what is ours runs beside it.
	var warm sync.WaitGroup
	warm.Go(func() { _, _ = file.EntryPoints() })
	proc, err := dlvclient.Launch(ctx, dlvclient.Config{
		Path: cfg.Path, Args: cfg.Args, Dir: cfg.Dir, Env: cfg.Env, Via: cfg.Via,
		TTY: con.tty, Stdin: con.stdin, Stdout: con.stdout, Stderr: con.stderr,
		Started: g.Watch,
	})
	if err == nil {
		made.add(func() { g.Unwatch(proc.Pid()) })
	}
	warm.Wait()
	con.launched()
	if err != nil {
		return nil, err
	}
	return live.New(live.Target{
		Process: proc, File: file, Name: cfg.Name, Args: cfg.Args,
		Parting: live.Kill, Console: con, Release: made.run,
	}), nil
}

// undo undoes what was made, the last first.
type undo []func()

func (u *undo) add(f func()) { *u = append(*u, f) }

func (u *undo) run() {
	for i := len(*u) - 1; i >= 0; i-- {
		(*u)[i]()
	}
	*u = nil
}
