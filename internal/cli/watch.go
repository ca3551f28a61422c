package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"deltui/internal/oplog"
	"deltui/internal/samples"
	"deltui/internal/target"
	"deltui/internal/trace"
	"deltui/internal/tui"
)

// watchCommand is deltui itself: the microscope on a target.
func (a *App) watchCommand() *cobra.Command {
	f := &watchFlags{}
	cmd := &cobra.Command{
		Use:   "deltui [flags] TARGET [-- ARGS...]",
		Short: "a microscope for Go maps",
		Long: `Deltui starts a Go program and shows what each delete does to the map's memory:
which control byte changed from what to what and why, the map before and after,
and the call stack that led there.

TARGET is a package directory, a .go file, an import path, a built binary, or a
bundled sample such as @evict. Without one there is a start screen.`,
		Example: `  deltui @evict
  deltui ./prog -- -its -own flags
  deltui --go 1.23 ./prog
  deltui --test ./pkg -- -test.run TestEvict`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && cmd.ArgsLenAtDash() < 0 {
				return a.start(cmd, f)
			}
			spec, rest, err := f.targetSpec(cmd, args, a.Env)
			if err != nil {
				return err
			}
			if f.plain {
				return a.trace(cmd.Context(), &traceFlags{watchFlags: *f}, spec, rest)
			}
			return a.watch(cmd.Context(), f, spec, rest)
		},
	}
	f.register(cmd)
	return cmd
}

// watch opens the screen on a target.
func (a *App) watch(ctx context.Context, f *watchFlags, spec target.Spec, args []string) error {
	if _, _, err := f.plan(); err != nil {
		return err
	}
	if err := a.CheckTerminal(); err != nil {
		return err
	}
	open := a.opener(f, spec, args)
	var last *tui.Session
	err := a.Screen(ctx, tui.Config{
		Open: func(ctx context.Context, report func(tui.Progress)) (*tui.Session, error) {
			s, err := open(ctx, report)
			last = s
			return s, err
		},
		Title:   strings.Join(spec.Target, " "),
		Options: a.screenOptions(f),
	})
	if f.stats && last != nil {
		u := last.Timeline.Usage()
		a.tellStats(u, printed{ops: last.Timeline.Len(), unexplained: u.Unexplained})
	}
	return fromScreen(err)
}

// start opens the start screen.
func (a *App) start(cmd *cobra.Command, f *watchFlags) error {
	if err := a.CheckTerminal(); err != nil {
		return &usageError{errors.New("no target, and no terminal for the start screen; name a target: deltui trace ./prog")}
	}
	if _, _, err := f.plan(); err != nil {
		return err
	}
	var items []tui.StartItem
	sample := func(name, version, hint string) {
		spec := target.Spec{Target: []string{"@" + name}, Go: version, Env: a.Env}
		title := "@" + name
		if version != "" {
			title += " on Go " + version
		}
		items = append(items, tui.StartItem{Title: title, Hint: hint, Open: a.opener(f, spec, nil)})
	}
	for _, name := range samples.Names() {
		sample(name, f.goVersion, samples.About(name))
	}
	if f.goVersion == "" {
		sample("evict", "1.23", "the same on classic buckets, before Swiss maps")
	}
	items = append(items,
		tui.StartItem{Title: "doctor", Hint: "what works on this machine", Page: a.doctorPage},
		tui.StartItem{Title: "how to watch your own program", Hint: "deltui ./prog", Text: cmd.UsageString()})
	return fromScreen(a.Screen(cmd.Context(), tui.Config{Start: items, Options: a.screenOptions(f)}))
}

func (a *App) screenOptions(f *watchFlags) tui.Options {
	return tui.Options{ASCII: f.ascii, NoColor: f.noColor || getenv(a.Env, "NO_COLOR") != "", Version: Version()}
}

// fromScreen is what the end of the screen means for us: it is no error that
// the user cancelled a build, or that a signal came; the target was let go.
func fromScreen(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// opener makes the session that the screen shows.
func (a *App) opener(f *watchFlags, spec target.Spec, args []string) tui.Opener {
	return func(ctx context.Context, report func(tui.Progress)) (*tui.Session, error) {
		plan, until, err := f.plan()
		if err != nil {
			return nil, err
		}
		plan.Paused = until.Empty()
		s, err := a.open(ctx, sessionConfig{
			spec: spec, args: args, plan: plan, terminal: true,
			progress: func(e target.Event) {
				report(tui.Progress{Step: string(e.Stage), Text: e.Text, Done: int64(e.Built)})
			},
		})
		if err != nil {
			return nil, err
		}
		plan.Seen = s.tl
		sites, more, err := callSites(s.bin.Path, plan, 200)
		if err != nil {
			sites, more = nil, 0 // a quiet target is shown without them
		}
		ts := &tui.Session{
			Timeline: s.tl, Source: s.src, Until: until, SitesMore: more,
			Run:  func(ctx context.Context) error { return s.src.Run(ctx, plan, s.tl.Sink()) },
			JSON: func(op *trace.Op) ([]byte, error) { return oplog.Line(s.tl, op) },
			Close: func() error {
				s.close()
				return nil
			},
		}
		for _, c := range sites {
			ts.Sites = append(ts.Sites, tui.Site{Func: c.Func, File: c.File, Line: c.Line, Entry: c.Call})
		}
		return ts, nil
	}
}
