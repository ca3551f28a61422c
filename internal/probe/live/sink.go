package live

import (
	"sync"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// lockedSink lets the target's output, and lines of source files, be written
// beside its ops: a sink is written by one goroutine at a time.
type lockedSink struct {
	mu sync.Mutex
	trace.Sink
}

func (s *lockedSink) with(f func(trace.Sink) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.Sink)
}

func (s *lockedSink) Output(stream int, b []byte) error {
	return s.with(func(t trace.Sink) error { return t.Output(stream, b) })
}

func (s *lockedSink) Source(file string, first int, lines []string) error {
	return s.with(func(t trace.Sink) error { return t.Source(file, first, lines) })
}

func (s *lockedSink) Info(i trace.Info) error {
	return s.with(func(t trace.Sink) error { return t.Info(i) })
}

func (s *lockedSink) Layout(g *gomap.Layout) (id trace.LayoutID, err error) {
	err = s.with(func(t trace.Sink) error { id, err = t.Layout(g); return err })
	return id, err
}

func (s *lockedSink) Type(addr uint64, g *gomap.Type) error {
	return s.with(func(t trace.Sink) error { return t.Type(addr, g) })
}

func (s *lockedSink) Begin(op trace.Op) (id trace.OpID, err error) {
	err = s.with(func(t trace.Sink) error { id, err = t.Begin(op); return err })
	return id, err
}

func (s *lockedSink) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	return s.with(func(t trace.Sink) error { return t.Read(m, mapID, root, rs) })
}

func (s *lockedSink) Step(id trace.OpID, at trace.Stepped) error {
	return s.with(func(t trace.Sink) error { return t.Step(id, at) })
}

func (s *lockedSink) End(id trace.OpID, e trace.Ending) error {
	return s.with(func(t trace.Sink) error { return t.End(id, e) })
}

func (s *lockedSink) Fate(f trace.Fate) error {
	return s.with(func(t trace.Sink) error { return t.Fate(f) })
}

func (s *lockedSink) Usage(u trace.Usage) error {
	return s.with(func(t trace.Sink) error { return t.Usage(u) })
}
