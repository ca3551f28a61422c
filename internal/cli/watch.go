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
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: a.completeTarget,
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
	// Before the terminal: who has mistyped a name is not helped by one.
	if err := target.Find(spec); err != nil {
		return err
	}
	if err := a.CheckTerminal(); err != nil {
		return err
	}
	if err := a.guarded(true); err != nil {
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
		Options: a.screenOptions(f), Holds: a.holds, News: a.news,
	})
	a.sayLast()
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
	sample := func(name, version, hint string) tui.StartItem {
		spec := target.Spec{Target: []string{"@" + name}, Go: version, Env: a.Env}
		title := "@" + name
		if version != "" {
			title += " on Go " + version
		}
		return tui.StartItem{Title: title, Hint: hint, Open: a.opener(f, spec, nil)}
	}
	items := []tui.StartItem{questionItem(sample("evict", f.goVersion, ""))}
	items = append(items, a.moduleItems(f)...)
	for _, name := range samples.Names() {
		items = append(items, sample(name, f.goVersion, samples.About(name)))
	}
	if f.goVersion == "" {
		items = append(items, sample("evict", "1.23", "the same on classic buckets, before Swiss maps"))
	}
	items = append(items, a.recentItems()...)
	items = append(items,
		tui.StartItem{Title: "doctor", Hint: "what works on this machine", Page: a.doctorPage},
		tui.StartItem{Title: "how to watch your own program", Hint: "what to type for a package, a built binary, a failing test", Text: howTo})
	if err := a.guarded(true); err != nil {
		return err
	}
	err := a.Screen(cmd.Context(), tui.Config{
		Start: items, Options: a.screenOptions(f), Holds: a.holds, News: a.news,
	})
	a.sayLast()
	return fromScreen(err)
}

func (a *App) screenOptions(f *watchFlags) tui.Options {
	return tui.Options{ASCII: f.ascii, NoColor: f.noColor || getenv(a.Env, "NO_COLOR") != "", Version: Version()}
}

// fromScreen is what the end of the screen means for us: it is no error that
// the user cancelled a build; that a signal came is told, and none either.
func fromScreen(err error) error {
	if errors.Is(err, context.Canceled) && !errors.As(err, new(errSignal)) {
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
		p := steps{report: report, name: strings.Join(spec.Target, " ")}
		s, err := a.open(ctx, sessionConfig{
			spec: spec, args: args, plan: plan, terminal: true, sites: true, history: screenHistory,
			progress: p.event, started: func() { p.step("starting "+p.name, tui.Progress{}) },
		})
		if err != nil {
			return nil, err
		}
		plan.Seen = s.tl
		// A quiet target whose call sites cannot be found is shown without.
		found := <-s.sites
		ts := &tui.Session{
			Timeline: s.tl, Source: s.src, Until: until, SitesMore: found.more,
			Run:  func(ctx context.Context) error { return s.run(ctx, plan, s.tl.Sink()) },
			JSON: func(op *trace.Op) ([]byte, error) { return oplog.Line(s.tl, op) },
			Save: save(s.tl),
			Close: func() error {
				a.last(a.partChildren(s.tl.Info().PID, s.tl.Fate().Killed, f.killAll))
				a.closeSession(s)
				return nil
			},
		}
		for _, c := range found.sites {
			ts.Sites = append(ts.Sites, tui.Site{Func: c.Func, File: c.File, Line: c.Line, Entry: c.Call})
		}
		return ts, nil
	}
}

// steps tells the screen of a build: each step by one line, and that it is over
// when the next one begins.
type steps struct {
	report func(tui.Progress)
	name   string
	now    string
}

func (s *steps) event(e target.Event) {
	p := tui.Progress{Text: e.Text, Done: int64(e.Built)}
	switch e.Stage {
	case target.Downloading:
		s.step("downloading "+e.Text, tui.Progress{})
	case target.Building, target.Linking:
		s.step("building "+s.name, p)
	default:
		s.step("looking at "+s.name, tui.Progress{})
	}
}

func (s *steps) step(name string, p tui.Progress) {
	if s.now != "" && s.now != name {
		s.report(tui.Progress{Step: s.now, Finished: true})
	}
	s.now, p.Step = name, name
	s.report(p)
}
