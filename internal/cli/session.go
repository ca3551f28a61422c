package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"deltui/internal/debuginfo"
	"deltui/internal/probe"
	"deltui/internal/target"
	"deltui/internal/trace"
)

// session is a target that has been started, with its timeline.
type session struct {
	bin   *target.Binary
	debug *debuginfo.File
	tl    timeline
	src   probe.Source
}

// timeline is both ends of a timeline's file.
type timeline interface {
	trace.Timeline
	trace.Sink
	io.Closer
}

// sessionConfig is what to open.
type sessionConfig struct {
	spec     target.Spec
	args     []string
	plan     probe.Plan
	record   string // the timeline's file; "" is a temporary one
	tty      bool
	stdin    *os.File
	output   func(stream int, b []byte)
	progress func(target.Event)
}

// open builds the target, reads its debug information and starts it at rest.
func (a *App) open(ctx context.Context, cfg sessionConfig) (_ *session, err error) {
	s := &session{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.bin, err = target.Build(ctx, cfg.spec, cfg.progress); err != nil {
		return nil, err
	}
	a.cleanups.add(func() { _ = s.bin.Remove() })
	if s.debug, err = debuginfo.Open(s.bin.Path); err != nil {
		return nil, about(s.bin, err)
	}
	if s.tl, err = createTimeline(cfg.record); err != nil {
		return nil, err
	}
	s.src, err = a.Launch(ctx, launchConfig{
		Path: s.bin.Path, Name: s.bin.Name, Args: cfg.args, Dir: s.bin.Dir, Env: a.Env,
		Stdin: cfg.stdin, Output: cfg.output, TTY: cfg.tty, Debug: s.debug,
	})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.bin.Name, err)
	}
	return s, nil
}

// about names a target as the user did, where an error has the path of a
// temporary file.
func about(bin *target.Binary, err error) error {
	var de *debuginfo.Error
	if !errors.As(err, &de) {
		return fmt.Errorf("%s: %w", bin.Name, err)
	}
	e := *de
	e.Path = bin.Name
	if bin.Built && e.Reason == debuginfo.Stripped {
		e.Advice = "GOFLAGS or --build-flags has -ldflags with -s or -w: leave it out"
	}
	return &e
}

// close removes what the session made. The source has ended before.
func (s *session) close() {
	if s.tl != nil {
		_ = s.tl.Close()
	}
	if s.debug != nil {
		_ = s.debug.Close()
	}
	_ = s.bin.Remove()
}

// createTimeline makes a timeline backed by a new file: name, or a temporary
// one without a name, so that it is gone when we are.
func createTimeline(name string) (timeline, error) {
	if name == "" {
		f, err := os.CreateTemp("", "deltui-*.timeline")
		if err != nil {
			return nil, fmt.Errorf("making a file for the timeline: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			return nil, fmt.Errorf("making a file for the timeline: %w", err)
		}
		return newTimeline(f)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("-o %s: there is such a file already, and it is not overwritten; remove it or take another name", name)
	}
	if err != nil {
		return nil, fmt.Errorf("-o %s: %w", name, pathErr(err))
	}
	return newTimeline(f)
}

// pathErr leaves out the path that the message has already.
func pathErr(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
