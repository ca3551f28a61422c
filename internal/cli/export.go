package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"deltui/internal/export"
	"deltui/internal/trace/file"
)

func (a *App) exportCommand() *cobra.Command {
	var out, moment string
	var force bool
	cmd := &cobra.Command{
		Use:   "export FILE -o OUT",
		Short: "turn a recording into a file that is read without deltui",
		Long: `Export turns a recording into a file that is read without deltui. OUT's ending says
what it becomes:

  .html    a page to look at, by itself: the map, why, who made which cell, a timeline
  .svg     the picture of one moment: --at 12 is after op 12, --at 12b before it
  .cast    an asciicast (version 3) of the ops, for asciinema
  .jsonl   each op as a JSON line, as deltui trace --json prints it
  .pb.gz   a profile for go tool pprof: ops, tombstones left and bytes, by calling stack`,
		Example: `  deltui trace -o x.deltui ./prog
  deltui export x.deltui -o x.html
  deltui export x.deltui -o x.svg --at 12
  deltui export x.deltui -o x.pb.gz && go tool pprof -top -sample_index=tombstones x.pb.gz`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usage("no recording; name one: " + cmd.CommandPath() + " x.deltui -o x.html")
			case len(args) > 1:
				return usage("one recording at a time, and there are " + strings.Join(args, ", "))
			case out == "":
				return usage("-o is missing: the file to write, such as -o x.html")
			}
			return nil
		},
		ValidArgsFunction: completeRecording,
		RunE: func(cmd *cobra.Command, args []string) error {
			form, err := export.FormOf(out)
			if err != nil {
				return usage("-o " + err.Error())
			}
			var at export.At
			switch {
			case form != export.Picture && moment != "":
				return usage("--at is for a picture: -o x.svg")
			case form == export.Picture && moment == "":
				return usage("--at is missing: the moment that the picture shows, such as --at 12 (after op 12) or --at 12b (before it)")
			case form == export.Picture:
				if at, err = export.ParseAt(moment); err != nil {
					return usage("--at " + err.Error())
				}
			}
			return a.export(cmd.Context(), args[0], exporting{out, form, at, force})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "out", "o", "", "the `file` to write; its ending says the form")
	f.StringVar(&moment, "at", "", "the `moment` of a picture: 12 is after op 12, 12b before it")
	f.BoolVar(&force, "force", false, "overwrite it if it is there")
	return cmd
}

// exporting is what to make of a recording.
type exporting struct {
	out   string
	form  export.Form
	at    export.At
	force bool
}

// export writes what a recording holds to a file of another form.
func (a *App) export(ctx context.Context, recording string, to exporting) error {
	out := to.out
	if _, err := os.Lstat(out); err == nil && !to.force {
		return fmt.Errorf("-o %s: there is such a file already, and it is not overwritten; take another name, or --force", out)
	}
	tl, err := file.Open(recording)
	if err != nil {
		return err
	}
	defer tl.Close()
	for _, damage := range tl.Damage() {
		a.say(recording + " " + damage)
	}
	var result export.Result
	err = writeWhole(out, func(w io.Writer) error {
		var err error
		result, err = export.Write(ctx, w, tl, to.form, to.at)
		return err
	})
	if err != nil {
		return fmt.Errorf("exporting %s to %s: %w", recording, out, pathErr(err))
	}
	if result.Damaged > 0 {
		a.say(fmt.Sprintf("%d of %d ops are in damaged parts of the recording, and not in %s", result.Damaged, result.Damaged+result.Ops, out))
	}
	if result.Left > 0 {
		a.say(fmt.Sprintf("%s has the first %d ops; for %d more it has no room", out, result.Ops, result.Left))
	}
	return nil
}

// writeWhole makes a file that is there when all of it is written, and else not.
func writeWhole(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err = write(f); err != nil {
		_ = f.Close()
		return err
	}
	if err = errors.Join(f.Chmod(modeOf(name)), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// modeOf is the mode of a file that is overwritten, or of a new one.
func modeOf(name string) fs.FileMode {
	if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() {
		return fi.Mode().Perm()
	}
	return 0o644
}
