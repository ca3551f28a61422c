// Package cli is hookdemo's command line.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"deltui.example/hookdemo/audit"
	"deltui.example/hookdemo/auditlog"
	"deltui/hookdemo/scene"
)

// Main runs hookdemo with the arguments and returns its exit code: 0, 1 if it
// failed, 2 if it was called wrongly, or the code of the program that it ran.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintf(stderr, "hookdemo: %v\n", err)
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// exitCode is the end of a program that we ran, which has said itself why.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprint("exit code ", int(c)) }

// usageError is a wrong call.
type usageError struct{ error }

func newRoot() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use:   "hookdemo",
		Short: "Audited deletes from Go maps: by linkname, and by interception",
		Long: `hookdemo tells what it can do on this Go and plays a short scene: two caches, twins,
from which the same keys are deleted by the builtin and under audit.

Watch it with:  deltui ./hookdemo`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("no command %q; see hookdemo --help", args[0])}
			}
			return nil
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return play(cmd.OutOrStdout(), cmd.ErrOrStderr(), file)
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.DisableDefaultCmd = true
	root.Flags().StringVar(&file, "log", "", "write the audit log to this `file` (default: one that is shown and removed)")
	root.Version = version()
	root.SetVersionTemplate("hookdemo {{.Version}}\n")
	root.AddCommand(newIntercept(), newBench(), newBenchChild())
	return root
}

// version is this program's own, as far as the build knows it, and its Go's.
func version() string {
	v := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v = info.Main.Version
	}
	return fmt.Sprintf("%s\n%s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// play tells what can be done and plays the scene.
func play(out, stderr io.Writer, file string) error {
	fmt.Fprintln(out, "What audit.Delete can call on this Go:")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range audit.Paths() {
		bound := "bound"
		if !p.Bound {
			bound = "not bound"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", p.Symbol, p.Keys, bound)
	}
	w.Flush()
	for _, p := range audit.Paths() {
		if p.Why != "" {
			fmt.Fprintf(out, "  (%s)\n", p.Why)
			break
		}
	}
	fmt.Fprintf(out, "So audit.Delete(map[string]…) goes by %s.\n", audit.PathFor[string, int]())
	fmt.Fprint(out, `What else there is:
  hookdemo intercept build|run|test   the deletes of an unchanged program, audited (Go 1.22 to 1.27)
  hookdemo bench                      what all this costs, under load

`)

	show := file == ""
	if show {
		dir, err := os.MkdirTemp("", "hookdemo")
		if err != nil {
			return fmt.Errorf("making room for the audit log: %w (--log FILE puts it elsewhere)", err)
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "audit.jsonl")
	}
	log, err := auditlog.New(auditlog.Options{File: file})
	if err != nil {
		return err
	}
	stop := log.FlushOn(10*time.Second, func(err error) { fmt.Fprintln(stderr, "hookdemo:", err) })
	defer stop()
	audit.OnFault(log.Watch())
	defer audit.OnFault(nil)

	res := scene.Play(out, log)
	if err := closeLog(log); err != nil {
		return err
	}
	s := log.Stats()
	fmt.Fprintf(out, "\n%d builtin deletes, %d audited ones (%d recorded, %d aborted, %d of an absent key); %d records written, %d dropped, %d lost.\n",
		res.Native, res.Audited, res.Recorded, res.Aborted, res.Absent, s.Written, s.Dropped, s.Lost)
	if !show {
		fmt.Fprintf(out, "The log: %s\n", file)
		return nil
	}
	return showLog(out, file)
}
