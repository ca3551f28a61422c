package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"deltui/internal/oplog"
	"deltui/internal/probe"
	"deltui/internal/target"
	"deltui/internal/trace"
)

// traceFlags are those of `deltui trace`.
type traceFlags struct {
	watchFlags
	json   bool
	steps  bool
	record string
	force  bool // replace record
	output string
	check  bool
	silent bool // record alone: ops are not printed
	failIf string
	who    bool
}

// shortSlip refuses -ops: it is -o ps to a parser of short flags, and a slip of the
// hand.
func (f *traceFlags) shortSlip(cmd *cobra.Command) error {
	name, _, _ := strings.Cut("o"+f.record, "=")
	if f.record != "" && cmd.Flags().Lookup(name) != nil {
		return usage("-" + name + ": long flags have two dashes: --" + name)
	}
	return nil
}

func (a *App) traceCommand() *cobra.Command {
	f := &traceFlags{}
	cmd := &cobra.Command{
		Use:   "trace [flags] TARGET [-- ARGS...]",
		Short: "print each op of a target, as text or JSON lines",
		Long: `Trace starts a target and prints each map operation when it has ended.

TARGET is a package directory, a .go file, an import path, a built binary, or a
bundled sample such as @evict. Ops go to stdout, what the target prints to stderr.`,
		Example: `  deltui trace @evict
  deltui trace --json --max 100 ./prog -- -its -own flags
  deltui trace --go 1.23 --ops delete,assign --func 'cache' ./prog
  deltui trace --test ./pkg -- -test.run TestEvict`,
		ValidArgsFunction: a.completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.shortSlip(cmd); err != nil {
				return err
			}
			spec, rest, err := f.targetSpec(cmd, args, a.Env)
			if err != nil {
				return err
			}
			return a.trace(cmd.Context(), f, spec, rest)
		},
	}
	f.register(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.json, "json", false, "print JSON lines")
	fs.StringVar(&f.failIf, "fail-if", "", "exit 1 if this `query` holds for an op: 'to=deleted func~evict'")
	fs.BoolVar(&f.steps, "steps", false, "also each step inside an op: what the runtime wrote to the map, and where")
	fs.StringVarP(&f.record, "out", "o", "", "also write the timeline to this `file`")
	fs.BoolVar(&f.check, "check", false, "verify the map's invariants before and after each op; exit 1 on a violation")
	fs.BoolVar(&f.who, "who", false, "end with tables on stderr: deletes and what they left, by call and by map")
	fs.BoolVar(&f.force, "force", false, "replace a file that exists (-o)")
	fs.StringVar(&f.output, "output", "", "write what the target prints to this `file`, as it is")
	return cmd
}

// trace watches a target and prints its ops.
func (a *App) trace(ctx context.Context, f *traceFlags, spec target.Spec, args []string) error {
	plan, until, err := f.plan()
	if err != nil {
		return err
	}
	failIf, err := trace.Parse(f.failIf)
	if err != nil {
		return &usageError{fmt.Errorf("--fail-if: %w", err)}
	}
	plan.Steps = f.steps
	out, err := newTargetOutput(f.output, a.Stderr)
	if err != nil {
		return err
	}
	defer out.Close()
	progress, done := a.progress(f.plain)
	s, err := a.open(ctx, sessionConfig{
		spec: spec, args: args, plan: plan, record: f.record, force: f.force, history: printedHistory,
		stdin: a.Stdin, output: out.Write, progress: progress,
	})
	done()
	if err != nil {
		return err
	}
	defer a.closeSession(s)

	if f.record != "" {
		a.remember(f.record)
	}
	to := a.printer(f, s.tl)
	rec := &recorder{tl: s.tl}
	if f.silent {
		to = rec
		if !f.plain && isTerminal(a.Stderr) {
			rec.to = a.Stderr
		}
	}
	var who *counting
	if f.who {
		who = newCounting(to, s.tl)
		to = who
	}
	var check *checking
	if f.check {
		check = &checking{Printer: to, tl: s.tl, tell: a.say}
		to = check
	}
	printed, err := a.print(ctx, s, plan, until, failIf, to)
	rec.end()
	_ = out.Close()
	children := a.partChildren(s.tl.Info().PID, s.tl.Fate().Killed, f.killAll)
	if err == nil && !printed.closed {
		a.tellFate(ctx, s.tl)
		switch {
		case printed.hit > 0:
			a.say(fmt.Sprintf("stopped at op %d: %s; the target was killed", printed.hit, until))
		case plan.Max > 0 && printed.ops >= plan.Max && s.tl.Fate().Killed:
			a.say(fmt.Sprintf("the target was killed after op %d (--max)", printed.ops))
		case printed.ops == 0:
			a.tellQuiet(ctx, s, plan)
		}
	}
	if children != "" && !printed.closed {
		a.say(children)
	}
	if who != nil && !printed.closed {
		a.tellWho(who.tally, f)
	}
	if check != nil && err == nil && !printed.closed {
		err = check.err()
	}
	if f.stats {
		a.tellStats(s.tl.Usage(), printed)
	}
	if n := s.tl.Usage().Hidden; n > 0 && !printed.closed {
		a.say(fmt.Sprintf("the filter hid %s, and what they changed is drift", countOps(n)))
	}
	if f.silent {
		if closed := s.tl.Close(); err == nil && closed != nil {
			err = closed
		}
		a.recorded(s.tl, f.record)
	}
	if err == nil && printed.failed > 0 {
		more := ""
		if printed.failed > 1 {
			more = fmt.Sprintf(" and %d more", printed.failed-1)
		}
		a.say(fmt.Sprintf("--fail-if %s: it holds for op %d%s", failIf, printed.failedAt, more))
		return errFailed
	}
	return err
}

// printed counts what went to stdout.
type printed struct {
	ops         int
	unexplained int
	hit         uint64 // the op that --until holds for
	failed      int    // ops that --fail-if holds for,
	failedAt    uint64 // and the first of them
	closed      bool   // whoever read our ops has gone: nobody is left to tell
}

// print runs the source and prints its ops until it has ended.
func (a *App) print(ctx context.Context, s *session, plan probe.Plan, until, failIf trace.Query, to oplog.Printer) (printed, error) {
	plan.Seen, plan.Tight = s.tl, true
	if !until.Empty() {
		// Queued before Run, so that the target stands still after the op that
		// it holds for, however late we are in printing it.
		if err := s.src.Do(ctx, probe.Run{Until: until}); err != nil {
			return printed{}, err
		}
	}
	run, end := context.WithCancel(ctx)
	defer end()
	var p printed
	var unread atomic.Bool
	stop := whenUnread(a.Stdout, func() {
		unread.Store(true)
		end()
	})
	defer stop()
	tee := oplog.NewTee(s.tl.Sink(), s.tl, to, func(op *trace.Op) bool {
		p.ops++
		p.unexplained += op.Summary.Unexplained
		if !failIf.Empty() && failIf.Match(op) {
			if p.failed++; p.failed == 1 {
				p.failedAt = op.Seq
			}
		}
		if !until.Empty() && until.Match(op) {
			p.hit = op.Seq
			end()
		}
		return p.hit == 0
	})
	runErr := s.run(run, plan, tee)
	err := tee.Err()
	switch {
	case unread.Load() || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		p.closed = true
		return p, nil
	case err != nil:
		return p, fmt.Errorf("printing ops: %w", err)
	case runErr != nil && run.Err() == nil || runErr != nil && !errors.Is(runErr, context.Canceled):
		return p, fmt.Errorf("watching %s: %w", s.bin.Name, runErr)
	}
	return p, nil
}

func (a *App) printer(f *traceFlags, tl trace.Timeline) oplog.Printer {
	if f.json {
		return oplog.NewJSON(a.Stdout, tl)
	}
	return oplog.NewText(a.Stdout, tl, oplog.Style{
		Width: a.width(a.Stdout), ASCII: f.ascii, Stack: f.stack > 0,
		Color: !f.noColor && !f.plain && getenv(a.Env, "NO_COLOR") == "" && getenv(a.Env, "TERM") != "dumb" && isTerminal(a.Stdout),
	})
}

// tellFate says how a target ended that did not end well.
func (a *App) tellFate(ctx context.Context, tl trace.Timeline) {
	fate := tl.Fate()
	var sig errSignal
	switch {
	case errors.As(context.Cause(ctx), &sig) && fate.Killed:
		a.say(fmt.Sprintf("the target was killed (%v)", sig))
	case fate.Ended && (fate.Status != 0 || fate.Signal != ""):
		a.say("the target " + fate.Text)
	}
	for _, note := range tl.Info().Notes {
		a.say(note)
	}
}

// maxSites bounds the call sites that are listed for a quiet target.
const maxSites = 10

// tellQuiet says what was awaited of a target that did nothing to its maps, and
// where its code could have.
func (a *App) tellQuiet(ctx context.Context, s *session, plan probe.Plan) {
	words := make([]string, len(plan.Ops))
	for i, k := range plan.Ops {
		words[i] = k.String()
	}
	what := "no op was seen (watching " + strings.Join(words, ", ") + ")"
	if plan.Filter != (probe.Filter{}) {
		a.say(what + "; the filter may have hidden some: --map, --key, --func, --goroutine")
		return
	}
	found := callSites(s.bin.Path, plan, maxSites)
	switch {
	case found.err != nil:
		a.say(what + "; looking for its call sites: " + found.err.Error())
	case len(found.sites) == 0:
		advice := "; the target's own code has no call of these"
		if !plan.Std {
			advice += ": --std also watches the standard library's"
		}
		a.say(what + advice)
	case ctx.Err() != nil || !s.tl.Fate().Ended:
		a.say(what + "; the target was killed before it came to one of these:")
	default:
		a.say(what + "; the target ended without coming to one of these:")
	}
	for _, site := range found.sites {
		a.say(fmt.Sprintf("  %s %s:%d calls %s", site.Func, site.File, site.Line, site.Call))
	}
	if found.more > 0 {
		a.say(fmt.Sprintf("  and %d more", found.more))
	}
}

// tellStats prints the contract's line of statistics.
func (a *App) tellStats(u trace.Usage, p printed) {
	seconds := u.Elapsed.Seconds()
	rate, paused := 0.0, 0.0
	if seconds > 0 {
		rate, paused = float64(p.ops)/seconds, u.Paused.Seconds()/seconds
	}
	_, _ = fmt.Fprintf(a.Stderr, "stats: ops=%d stops=%d bytes=%d seconds=%.3f ops_per_s=%.1f paused=%.3f unexplained=%d\n",
		p.ops, u.Stops, u.Bytes, seconds, rate, paused, p.unexplained)
}

func getenv(env []string, key string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], key+"="); ok {
			return v
		}
	}
	return ""
}
