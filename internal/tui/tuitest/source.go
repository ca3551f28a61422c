// Package tuitest is what tests of the screen need: a source of moments without
// a target, which acts out maps as tracetest does and obeys commands as a live
// source would; and a terminal to run a screen on, which sees that it is given
// back.
package tuitest

import (
	"context"
	"errors"
	"sync"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// Source rests at every moment until it is told to go on.
type Source struct {
	Options tracetest.Options
	Query   func(q trace.Query, op *trace.Op) bool // what Run's Until holds for; nil never
	Quiet   time.Duration                          // before the first op
	Info    func(*trace.Info)                      // changes what is told of the target

	mu    sync.Mutex
	state probe.State
	run   *probe.Run // running, rather than resting
	next  int        // moments to pass
	wake  chan struct{}
	did   []probe.Command
	typed []byte
	echo  func([]byte)
	once  sync.Once
}

func (s *Source) init() { s.once.Do(func() { s.wake = make(chan struct{}, 1) }) }

// Caps implements probe.Source.
func (s *Source) Caps() probe.Caps { return probe.Caps{Stdin: true, Ops: true} }

// State implements probe.Source.
func (s *Source) State() probe.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Commands are the commands given so far.
func (s *Source) Commands() []probe.Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]probe.Command(nil), s.did...)
}

// Do implements probe.Source.
func (s *Source) Do(_ context.Context, c probe.Command) error {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, c)
	switch c := c.(type) {
	case probe.Next:
		s.next++
		s.state.Doing, s.state.Hit = probe.Running, ""
	case probe.Run:
		s.run = &c
		s.state.Doing, s.state.Hit = probe.Running, ""
	case probe.Pause:
		s.run = nil
	case probe.WriteStdin:
		s.typed = append(s.typed, c.Data...)
		if s.echo != nil {
			go s.echo(c.Data)
		}
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run implements probe.Source.
func (s *Source) Run(ctx context.Context, p probe.Plan, sink trace.Sink) error {
	s.init()
	s.mu.Lock()
	s.echo = func(b []byte) { _ = sink.Output(1, b) }
	if !p.Paused {
		s.run = &probe.Run{}
	}
	s.state.Doing = probe.Running
	s.mu.Unlock()
	if s.Quiet > 0 {
		if err := sink.Info(info(s, trace.Info{Target: "./evict", GoVersion: "go1.26.8", Ops: []string{"delete", "clear"}})); err != nil {
			return err
		}
		select {
		case <-time.After(s.Quiet):
		case <-ctx.Done():
			return nil
		}
	}
	err := tracetest.Fill(&gate{Sink: sink, s: s, ctx: ctx}, s.Options)
	s.mu.Lock()
	s.state.Doing = probe.Ended
	s.mu.Unlock()
	if errors.Is(err, errLeft) {
		return nil
	}
	return err
}

func info(s *Source, i trace.Info) trace.Info {
	i.PID = 4211
	if s.Info != nil {
		s.Info(&i)
	}
	return i
}

var errLeft = errors.New("the target was let go of")

// gate is a sink that rests at moments.
type gate struct {
	trace.Sink
	s   *Source
	ctx context.Context
	ops map[trace.OpID]*trace.Op
}

func (g *gate) Info(i trace.Info) error { return g.Sink.Info(info(g.s, i)) }

func (g *gate) Begin(op trace.Op) (trace.OpID, error) {
	id, err := g.Sink.Begin(op)
	if g.ops == nil {
		g.ops = make(map[trace.OpID]*trace.Op)
	}
	g.ops[id] = &op
	return id, err
}

func (g *gate) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	if err := g.Sink.Read(m, mapID, root, rs); err != nil || m.Phase != trace.Before {
		return err
	}
	return g.rest(m, "")
}

func (g *gate) End(id trace.OpID, e trace.Ending) error {
	if err := g.Sink.End(id, e); err != nil {
		return err
	}
	op := g.ops[id]
	delete(g.ops, id)
	hit := ""
	g.s.mu.Lock()
	if r := g.s.run; r != nil && g.s.Query != nil && r.Until.String() != "" && g.s.Query(r.Until, op) {
		g.s.run, hit = nil, "until "+r.Until.String()
	}
	g.s.mu.Unlock()
	return g.rest(trace.Moment{Op: id, Phase: trace.After}, hit)
}

// rest waits at a moment until a command says go.
func (g *gate) rest(m trace.Moment, hit string) error {
	s := g.s
	s.mu.Lock()
	s.state.At = m
	pace := time.Duration(0)
	if r := s.run; r != nil && r.Speed > 0 {
		pace = time.Duration(float64(time.Second) / r.Speed / 2)
	}
	s.mu.Unlock()
	if pace > 0 {
		select {
		case <-time.After(pace):
		case <-g.ctx.Done():
			return errLeft
		}
	}
	for {
		s.mu.Lock()
		switch {
		case s.run != nil:
			s.mu.Unlock()
			return g.left()
		case s.next > 0:
			s.next--
			s.mu.Unlock()
			return g.left()
		}
		s.state.Doing = probe.Resting
		if hit != "" {
			s.state.Hit = hit
		}
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-g.ctx.Done():
			return errLeft
		}
	}
}

func (g *gate) left() error {
	if g.ctx.Err() != nil {
		return errLeft
	}
	return nil
}

var _ probe.Source = (*Source)(nil)

// Swiss and Classic are one map of a layout.
var (
	Swiss   = []gomap.LayoutKind{gomap.Swiss}
	Classic = []gomap.LayoutKind{gomap.Classic}
)
