package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"deltui/hookdemo/intercept"
)

// toolexecCommand is the hidden command that the go command runs instead of its
// tools.
const toolexecCommand = "toolexec"

// interceptFlags are those of all three commands.
type interceptFlags struct {
	goVersion, how, log, hook, build string
}

func (f *interceptFlags) add(c *cobra.Command, logDefault string) {
	c.Flags().StringVar(&f.goVersion, "go", "", "the toolchain: a `version`, or the root of a Go tree")
	c.Flags().StringVar(&f.how, "how", "auto", "auto, overlay or toolexec")
	c.Flags().StringVar(&f.log, "log", "", "the log of deletes, a `file` (default "+logDefault+")")
	c.Flags().StringVar(&f.hook, "hook", "", "a Go `file` with a func(mapType reflect.Type, key interface{}, caller runtime.Frame) to tell of each delete")
	c.Flags().StringVar(&f.build, "build-flags", "", "`flags` for the go command, separated by blanks")
	c.Flags().SetInterspersed(true)
}

func (f *interceptFlags) options() (intercept.Options, error) {
	self, err := os.Executable()
	if err != nil {
		return intercept.Options{}, err
	}
	return intercept.Options{
		Go: f.goVersion, How: intercept.How(f.how), Flags: strings.Fields(f.build),
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
			code, err := intercept.Run(prog, rest, log, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
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
	return &cobra.Command{
		Use:   "sum LOG",
		Short: "Count the deletes of a log",
		Args:  want(1, 1, "one log"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := sumFrom(args[0], 0)
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), t)
			}
			return err
		},
	}
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

func sumFrom(log string, from int64) (t intercept.Totals, err error) {
	f, err := os.Open(log)
	if err != nil {
		return t, fmt.Errorf("the log of deletes: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(from, 0); err != nil {
		return t, fmt.Errorf("the log of deletes: %w", err)
	}
	return intercept.Read(f, nil)
}

// finish sums up and ends as the program ended.
func finish(cmd *cobra.Command, rep intercept.Report, log string, from int64, code int, err error) error {
	if err != nil {
		return err
	}
	t, err := sumFrom(log, from)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "hookdemo: %s\nhookdemo: %s; log: %s\n", rep, t, log)
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
