package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is this program's own, as far as the build knows it: a release, or
// the commit of the checkout.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				v += " " + s.Value[:12]
			}
		}
	}
	return v
}

// commit is the commit that this program was built of, and whether the checkout
// had changes; "unknown" where the build was told of none.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", and changes that no commit has"
		}
	}
	return rev + changed
}

// delveVersion is the version of the embedded Delve.
func delveVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	// A test binary does not know its modules.
	for _, dep := range info.Deps {
		if dep.Path == "github.com/go-delve/delve" {
			return dep.Version
		}
	}
	return ""
}

func (a *App) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of deltui, its commit, its Delve and its Go",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			delve := delveVersion()
			if delve == "" {
				delve = "unknown"
			}
			_, err := fmt.Fprintf(a.Stdout, "deltui %s\ncommit %s\ndelve %s\n%s %s/%s\n", Version(), commit(), delve, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Sprintf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0]))
	}
	return nil
}
