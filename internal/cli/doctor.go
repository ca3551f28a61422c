package cli

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"deltui/internal/doctor"
	"deltui/internal/samples"
	"deltui/internal/target"
)

func (a *App) doctorCommand() *cobra.Command {
	var asJSON, plain, noColor bool
	cmd := &cobra.Command{
		Use:   "doctor [BINARY]",
		Short: "say what works on this machine or binary, and how to mend what doesn't",
		Long: `Doctor says what works on this machine, or with BINARY what that program has that
watching needs, and how to mend what doesn't. A package directory, a .go file or a
sample is built first. The exit code is 1 if something that is needed fails.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("doctor looks at one binary, and there are two: " + strings.Join(args[:2], ", "))
			}
			return nil
		},
		ValidArgsFunction: a.completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			var found []doctor.Finding
			if len(args) == 1 {
				var err error
				if found, err = a.binary(cmd.Context(), args[0]); err != nil {
					return err
				}
			} else {
				found = a.machine(cmd.Context())
			}
			var err error
			if asJSON {
				enc := json.NewEncoder(a.Stdout)
				for _, f := range found {
					if err == nil {
						err = enc.Encode(f)
					}
				}
			} else {
				color := !plain && !noColor && getenv(a.Env, "NO_COLOR") == "" && isTerminal(a.Stdout)
				style := doctor.Style{Color: color}
				if isTerminal(a.Stdout) {
					style.Width = a.width(a.Stdout)
				}
				err = doctor.Print(a.Stdout, found, style)
			}
			if err == nil && !doctor.Well(found) {
				err = errFailed
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	f.BoolVar(&plain, "plain", false, "no colours")
	f.BoolVar(&noColor, "no-color", false, "no colours (so does NO_COLOR)")
	return cmd
}

// binary looks at a built program; what is no file is built first.
func (a *App) binary(ctx context.Context, name string) ([]doctor.Finding, error) {
	if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() && !strings.HasSuffix(name, ".go") {
		return doctor.Binary(name, name), nil
	}
	progress, done := a.progress(false)
	if err := a.guarded(false); err != nil {
		return nil, err
	}
	bin, err := target.Build(ctx, target.Spec{Target: []string{name}, Env: a.Env, Guard: a.guard}, progress)
	done()
	if err != nil {
		return nil, err
	}
	defer func() { _ = bin.Remove() }()
	return doctor.Binary(bin.Path, name), nil
}

func (a *App) machine(ctx context.Context) []doctor.Finding {
	stdout, _ := a.Stdout.(*os.File)
	return doctor.Machine(ctx, doctor.Config{
		Version: Version(), Delve: delveVersion(), Stdin: a.Stdin, Stdout: stdout,
		Env: a.Env, Samples: samples.Names(), MinCols: 40, MinRows: 12,
	})
}

// doctorPage is the doctor's findings for the start screen.
func (a *App) doctorPage(ctx context.Context) (string, error) {
	return doctor.Page(a.machine(ctx), pageWidth), nil
}
