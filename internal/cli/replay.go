package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"deltui/internal/oplog"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/tui"
)

func (a *App) replayCommand() *cobra.Command {
	f := &traceFlags{}
	cmd := &cobra.Command{
		Use:   "replay [flags] FILE",
		Short: "open a recording: the same screen, without Go and without the target",
		Long: `Replay opens the screen on a recording. It needs nothing but the file: no Go, no
target, no permission. Of a file that is damaged it shows what can be read.`,
		Example: `  deltui replay x.deltui
  deltui replay --json x.deltui`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("replay opens one recording: deltui replay x.deltui")
			}
			return nil
		},
		ValidArgsFunction: completeRecording,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.json || f.plain {
				return a.reprint(cmd.Context(), f, args[0])
			}
			return a.replay(cmd.Context(), f, args[0])
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.BoolVar(&f.json, "json", false, "print its ops as JSON lines")
	fs.BoolVar(&f.plain, "plain", false, "print its ops as text, without a screen and without colours")
	fs.IntVar(&f.stack, "stack", 64, "`frames` of the call stack to print")
	fs.BoolVar(&f.noColor, "no-color", false, "no colours (so does NO_COLOR)")
	fs.BoolVar(&f.ascii, "ascii", false, "no glyphs outside ASCII")
	return cmd
}

// replay opens the screen on a recording.
func (a *App) replay(ctx context.Context, f *traceFlags, name string) error {
	tl, err := file.Open(name)
	if err != nil {
		return err
	}
	defer tl.Close()
	if err := a.CheckTerminal(); err != nil {
		return fmt.Errorf("%w; --json or --plain prints the recording's ops", err)
	}
	a.remember(name)
	if err := a.guarded(true); err != nil {
		return err
	}
	err = a.Screen(ctx, tui.Config{
		Session: a.recording(tl), Title: filepath.Base(name), Options: a.screenOptions(&f.watchFlags), Holds: a.holds, News: a.news,
	})
	a.sayLast()
	a.tellDamage(tl)
	return fromScreen(err)
}

// recording is the session of a recording.
func (a *App) recording(tl *file.File) *tui.Session {
	s := &tui.Session{
		Timeline: tl,
		JSON:     func(op *trace.Op) ([]byte, error) { return oplog.Line(tl, op) },
		Save:     save(tl),
	}
	if d := tl.Damage(); len(d) > 0 {
		s.Note = d[0]
		if len(d) > 1 {
			s.Note += fmt.Sprintf(" (and %d more)", len(d)-1)
		}
	}
	return s
}

// save writes what a session holds to a file.
func save(tl *file.File) func(path string, force bool) (string, error) {
	return func(path string, force bool) (string, error) {
		var opts []file.Option
		if force {
			opts = append(opts, file.Force)
		}
		saved, err := tl.Save(path, opts...)
		if err != nil {
			return "", err
		}
		text := fmt.Sprintf("saved %s to %s (%s)", countOps(saved.Ops), path, bytesText(saved.Bytes))
		if saved.LetGo > 0 {
			text += fmt.Sprintf("; ops 1 to %d were not held any more", saved.LetGo)
		}
		return text, nil
	}
}

// reprint prints a recording's ops.
func (a *App) reprint(ctx context.Context, f *traceFlags, name string) error {
	tl, err := file.Open(name)
	if err != nil {
		return err
	}
	defer tl.Close()
	defer a.tellDamage(tl)
	to := a.printer(f, tl)
	for seq := uint64(1); seq <= uint64(tl.Len()); seq++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		op, err := tl.Seq(seq)
		if err != nil {
			a.say(err.Error())
			continue
		}
		if len(op.Stack) > f.stack {
			op.Stack = op.Stack[:f.stack]
		}
		if err := to.Op(op); err != nil {
			if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
				return nil // whoever read them has gone
			}
			return fmt.Errorf("printing ops: %w", err)
		}
	}
	return nil
}

// tellDamage says what of a recording could not be read.
func (a *App) tellDamage(tl *file.File) {
	for _, d := range tl.Damage() {
		a.say(d)
	}
}
