package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/target"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// session is a target that has been started, with its timeline.
type session struct {
	bin   *target.Binary
	tl    *file.File
	src   probe.Source
	sites chan siteList // if asked for: gets one value
	ran   atomic.Bool   // src.Run has been called: it ends the target
}

// sessionConfig is what to open.
type sessionConfig struct {
	spec     target.Spec
	args     []string
	plan     probe.Plan
	record   string // the timeline's file; "" is a temporary one
	force    bool   // replace that file
	history  int64  // bytes that a temporary one has at most; the oldest ops go
	terminal bool   // give the target one of its own
	stdin    io.Reader
	output   func(stream int, b []byte)
	progress func(target.Event)
	started  func() // called when the binary is there and is about to be started
	sites    bool   // look for call sites, meanwhile
}

// open builds the target, reads its debug information and starts it at rest.
func (a *App) open(ctx context.Context, cfg sessionConfig) (_ *session, err error) {
	s := &session{}
	defer func() {
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx) // whatever it was that it stopped
			}
			a.closeSession(s)
			if s.tl != nil && cfg.record != "" {
				_ = os.Remove(cfg.record) // nothing is in it, and it would be in the way
			}
		}
	}()
	if err := a.guarded(false); err != nil {
		return nil, err
	}
	cfg.spec.Guard = a.guard
	if s.bin, err = target.Build(ctx, cfg.spec, cfg.progress); err != nil {
		return nil, err
	}
	a.cleanups.add(func() { _ = s.bin.Remove() })
	if cfg.started != nil {
		cfg.started()
	}
	if cfg.sites {
		s.sites = make(chan siteList, 1)
		go func() { s.sites <- callSites(s.bin.Path, cfg.plan, 200) }()
	}
	if s.tl, err = createTimeline(cfg.record, cfg.force, cfg.history); err != nil {
		return nil, err
	}
	a.watching.Store(true)
	adopt(true)
	s.src, err = a.Launch(ctx, launch.Config{
		Path: s.bin.Path, Name: s.bin.Name, Args: cfg.args, Dir: s.bin.Dir,
		Stdin: cfg.stdin, Output: cfg.output, Terminal: cfg.terminal, Guard: a.guard,
	})
	if err != nil {
		return nil, about(s.bin, err)
	}
	return s, nil
}

// about names a target as the user did, where an error has the path of a
// temporary file.
func about(bin *target.Binary, err error) error {
	var de *debuginfo.Error
	if errors.Is(err, dlvclient.ErrPermission) {
		return fmt.Errorf("%s cannot be watched: %w; `deltui doctor` says what to grant", bin.Name, dlvclient.ErrPermission)
	}
	if !errors.As(err, &de) {
		return err
	}
	e := *de
	e.Path = bin.Name
	if bin.Built && e.Reason == debuginfo.Stripped {
		e.Advice = "GOFLAGS or --build-flags has -ldflags with -s or -w: leave it out"
	}
	return &e
}

// run runs the source.
func (s *session) run(ctx context.Context, plan probe.Plan, sink trace.Sink) error {
	s.ran.Store(true)
	return s.src.Run(ctx, plan, sink)
}

// closeSession is the end of a session.
func (a *App) closeSession(s *session) {
	s.close()
	a.watching.Store(false)
	adopt(false)
}

// close removes what the session made. A source that has run has ended before.
func (s *session) close() {
	if live, ok := s.src.(interface{ Close() }); ok && s.ran.CompareAndSwap(false, true) {
		live.Close()
	}
	if s.tl != nil {
		_ = s.tl.Close()
	}
	_ = s.bin.Remove()
}

// What a temporary timeline holds. Nobody goes back in what trace has printed; on
// the screen one does.
const (
	printedHistory = 256 << 20
	screenHistory  = 4 << 30
)

// createTimeline makes a timeline backed by a new file; a temporary one that is
// gone when we are if name is "".
func createTimeline(name string, force bool, history int64) (*file.File, error) {
	if name != "" && !force {
		if _, err := os.Lstat(name); err == nil {
			return nil, fmt.Errorf("-o %s: there is such a file already, and it is not overwritten; take another name, or --force to replace it", name)
		}
	}
	var opts []file.Option
	if force {
		opts = append(opts, file.Force)
	}
	if name == "" {
		opts = append(opts, file.Limit(history))
	}
	tl, err := file.Create(name, opts...)
	if err != nil && name != "" {
		return nil, fmt.Errorf("-o %s: %w", name, pathErr(err))
	}
	return tl, err
}

// pathErr leaves out the path that the message has already.
func pathErr(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
