package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

func (a *App) recordCommand() *cobra.Command {
	f := &traceFlags{silent: true}
	cmd := &cobra.Command{
		Use:   "record -o FILE [flags] TARGET [-- ARGS...]",
		Short: "write a recording of a target, without a screen",
		Long: `Record starts a target and writes each map operation to a recording, which
deltui replay opens on any machine, without Go and without the target.

What was seen so far is in the file, about a second behind: it opens also when
deltui was killed.`,
		Example: `  deltui record -o evict.deltui @evict
  deltui record -o x.deltui --max 1000 ./prog -- -its -own flags`,
		ValidArgsFunction: a.completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.shortSlip(cmd); err != nil {
				return err
			}
			if f.record == "" {
				return usage("where to? -o FILE names the recording: deltui record -o x.deltui ./prog")
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
	fs.StringVarP(&f.record, "out", "o", "", "the `file` to write")
	fs.BoolVar(&f.force, "force", false, "replace a file that exists")
	fs.StringVar(&f.output, "output", "", "write what the target prints to this `file`, as it is")
	return cmd
}

// recorder counts ops in place of a printer, and tells a terminal how many.
type recorder struct {
	to   io.Writer // nil: nobody looks
	tl   *file.File
	told time.Time
}

const tellEvery = 200 * time.Millisecond

// Op implements oplog.Printer.
func (r *recorder) Op(op *trace.Op) error {
	if r.to != nil && time.Since(r.told) >= tellEvery {
		r.told = time.Now()
		_, _ = fmt.Fprintf(r.to, "\r\x1b[Kdeltui: %s recorded, %s", countOps(int(op.Seq)), sizeOf(r.tl.Name()))
	}
	return nil
}

// end takes the line of progress away.
func (r *recorder) end() {
	if r.to != nil && !r.told.IsZero() {
		_, _ = io.WriteString(r.to, "\r\x1b[K")
	}
}

// recorded says what is in a recording.
func (a *App) recorded(tl *file.File, name string) {
	a.say(fmt.Sprintf("recorded %s to %s (%s); deltui replay %s opens it", countOps(tl.Len()), name, sizeOf(tl.Name()), name))
}

func countOps(n int) string {
	if n == 1 {
		return "1 op"
	}
	return fmt.Sprintf("%d ops", n)
}

// sizeOf is a file's size as people say it.
func sizeOf(name string) string {
	st, err := os.Stat(name)
	if err != nil {
		return "?"
	}
	return bytesText(st.Size())
}

func bytesText(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d KB", n/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
