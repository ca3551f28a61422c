package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"deltui/hookdemo/intercept"
	"deltui/internal/target"
)

// toolexecCommand is the hidden command that the go command runs instead of its
// tools.
const toolexecCommand = "toolexec"

// interceptFlags are those of all three commands.
type interceptFlags struct {
	goVersion, how, log, hook, build string

	std      bool
	packages []string
}

func (f *interceptFlags) add(c *cobra.Command, logDefault string) {
	c.Flags().StringVar(&f.goVersion, "go", "", "the toolchain: a `version`, or the root of a Go tree")
	c.Flags().StringVar(&f.how, "how", "auto", "auto, overlay or toolexec")
	c.Flags().StringVar(&f.log, "log", "", "the log of deletes, a `file` (default "+logDefault+")")
	c.Flags().StringVar(&f.hook, "hook", "", "a Go `file` with a func(mapType reflect.Type, key interface{}, caller runtime.Frame) to tell of each delete")
	c.Flags().StringVar(&f.build, "build-flags", "", "`flags` for the go command, quoted as in GOFLAGS")
	c.Flags().BoolVar(&f.std, "std", false, "record also what the standard library deletes for itself")
	c.Flags().StringSliceVar(&f.packages, "pkg", nil, "record only what the packages that these `patterns` match delete (as for go list; the standard library's too)")
	c.Flags().SetInterspersed(true)
}

func (f *interceptFlags) options() (intercept.Options, error) {
	self, err := os.Executable()
	if err != nil {
		return intercept.Options{}, err
	}
	flags, err := target.SplitFlags(f.build)
	if err != nil {
		return intercept.Options{}, usageError{fmt.Errorf("--build-flags: %w; quote as in GOFLAGS: --build-flags \"-tags=a,b '-ldflags=-X main.v=1'\"", err)}
	}
	return intercept.Options{
		Go: f.goVersion, How: intercept.How(f.how), Flags: flags, Std: f.std, Packages: f.packages,
		Log: f.log, Hook: f.hook, Self: []string{self, "intercept", toolexecCommand},
	}, nil
}

func newIntercept() *cobra.Command {
	c := &cobra.Command{
		Use:   "intercept",
		Short: "Audit the deletes of an unchanged program",
		Long: `intercept builds an unchanged program so that each of its deletes is written to a
log: the runtime's own map functions, patched for the toolchain at hand, call a
hook. Go 1.22 and 1.23 (classic maps) and 1.24 to 1.27 (Swiss maps).`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("intercept what? There are build, run, test and sum; see hookdemo intercept --help")}
			}
			return usageError{fmt.Errorf("no command intercept %s; there are build, run, test and sum", args[0])}
		},
		RunE: func(cmd *cobra.Command, args []string) error { return nil },
	}
	c.AddCommand(newInterceptBuild(), newInterceptRun(), newInterceptTest(), newInterceptSum(), newToolexec())
	return c
}

func newInterceptBuild() *cobra.Command {
	var f interceptFlags
	var out string
	c := &cobra.Command{
		Use:   "build [flags] PACKAGE",
		Short: "Build a program that logs its deletes, to $HOOKDEMO_LOG or --log",
		Args:  want(1, -1, "a package directory or .go files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			if out == "" {
				abs, err := filepath.Abs(args[0])
				if err != nil {
					return err
				}
				out = strings.TrimSuffix(filepath.Base(abs), ".go")
			}
			rep, err := intercept.Build(o, args, out, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "hookdemo: built %s with %s\n", out, rep)
			return nil
		},
	}
	f.add(c, "hookdemo.jsonl where the program runs")
	c.Flags().StringVarP(&out, "output", "o", "", "the program's `file` (default: its directory's name)")
	return c
}

func newInterceptRun() *cobra.Command {
	var f interceptFlags
	c := &cobra.Command{
		Use:   "run [flags] PACKAGE [-- ARGS...]",
		Short: "Build a program and run it, its deletes in --log",
		Args:  want(1, -1, "a package directory or .go files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			args, rest := atDash(cmd, args)
			if len(args) == 0 {
				return usageError{errors.New("want a package before --")}
			}
			tmp, err := os.MkdirTemp("", "hookdemo")
			if err != nil {
				return err
			}
			defer os.RemoveAll(tmp)
			prog := filepath.Join(tmp, "prog")
			rep, err := intercept.Build(o, args, prog, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			log, from, err := startLog(f.log)
			if err != nil {
				return err
			}
			rep.Tested, rep.Run = 1, intercept.NewRun()
			code, err := intercept.Run(prog, rest, log, rep.Run, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
			return finish(cmd, rep, log, from, code, err)
		},
	}
	f.add(c, defaultLog)
	return c
}

func newInterceptTest() *cobra.Command {
	var f interceptFlags
	c := &cobra.Command{
		Use:   "test [flags] PACKAGES [-- GO-TEST-FLAGS...]",
		Short: "Run the tests of packages, their deletes in --log",
		Args:  want(1, -1, "packages"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			args, rest := atDash(cmd, args)
			if len(args) == 0 {
				return usageError{errors.New("want packages before --")}
			}
			var from int64
			if o.Log, from, err = startLog(f.log); err != nil {
				return err
			}
			rep, code, err := intercept.Test(o, args, rest, cmd.OutOrStdout(), cmd.ErrOrStderr())
			return finish(cmd, rep, o.Log, from, code, err)
		},
	}
	f.add(c, defaultLog)
	return c
}

func newInterceptSum() *cobra.Command {
	var run string
	c := &cobra.Command{
		Use:   "sum [--run ID] LOG",
		Short: "Count the deletes of a log, by run and package",
		Args:  want(1, 1, "one log"),
		RunE: func(cmd *cobra.Command, args []string) error {
			runs, torn, err := runsFrom(args[0], 0, run)
			if err != nil {
				return err
			}
			if len(runs) == 0 && run != "" {
				return fmt.Errorf("%s has no run %s; without --run all are shown", args[0], run)
			}
			out := cmd.OutOrStdout()
			if len(runs) == 0 {
				fmt.Fprintln(out, "no run")
			}
			for _, r := range runs {
				id := r.ID
				if id == "" {
					id = "(without an id)"
				}
				fmt.Fprintf(out, "run %s, from %s\n%s\n", id, r.Began, r.Totals)
				if err := r.WritePackages(out, 0); err != nil {
					return err
				}
			}
			if torn > 0 {
				fmt.Fprintf(out, "%d lines are no records\n", torn)
			}
			return nil
		},
	}
	c.Flags().StringVar(&run, "run", "", "only the run with this `id`")
	return c
}

func newToolexec() *cobra.Command {
	return &cobra.Command{
		Use:                toolexecCommand,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			code, err := intercept.RunTool(args, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
			if err == nil && code != 0 {
				return exitCode(code)
			}
			return err
		},
	}
}

const defaultLog = "hookdemo.jsonl"

// startLog returns the log's name and where in it the new records will begin.
func startLog(name string) (string, int64, error) {
	if name == "" {
		name = defaultLog
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return "", 0, fmt.Errorf("the log of deletes: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", 0, fmt.Errorf("the log of deletes: %w", err)
	}
	return name, st.Size(), nil
}

// runsFrom sums up the runs, or the one, in a log from a place on.
func runsFrom(log string, from int64, id string) ([]intercept.RunSummary, int, error) {
	f, err := os.Open(log)
	if err != nil {
		return nil, 0, fmt.Errorf("the log of deletes: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(from, 0); err != nil {
		return nil, 0, fmt.Errorf("the log of deletes: %w", err)
	}
	return intercept.Runs(f, id)
}

// mostPackages are listed after a run; sum lists all.
const mostPackages = 10

// finish sums up and ends as the program ended.
func finish(cmd *cobra.Command, rep intercept.Report, log string, from int64, code int, err error) error {
	if err != nil {
		return err
	}
	runs, torn, err := runsFrom(log, from, rep.Run)
	if err != nil {
		return err
	}
	out := cmd.ErrOrStderr()
	fmt.Fprintf(out, "hookdemo: %s\n", rep)
	switch {
	case len(runs) == 0:
		fmt.Fprintf(out, "hookdemo: nothing was run, so there are no totals\n")
	default:
		fmt.Fprintf(out, "hookdemo: %s; log: %s, run %s\n", runs[0].Totals, log, rep.Run)
		if n := len(runs[0].Started); n < rep.Tested {
			fmt.Fprintf(out, "hookdemo: that is of %d packages; the tests of %d others did not run\n", n, rep.Tested-n)
		}
		if err := runs[0].WritePackages(out, mostPackages); err != nil {
			return err
		}
	}
	if torn > 0 {
		fmt.Fprintf(out, "hookdemo: %d lines of the log are no records\n", torn)
	}
	if code != 0 {
		return exitCode(code)
	}
	return nil
}

// want checks the number of arguments; most < 0 means any.
func want(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usageError{fmt.Errorf("%s: want %s; see %s --help", cmd.CommandPath(), what, cmd.CommandPath())}
		}
		return nil
	}
}

// atDash splits the arguments at --.
func atDash(cmd *cobra.Command, args []string) (before, after []string) {
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		return args[:n], args[n:]
	}
	return args, nil
}
