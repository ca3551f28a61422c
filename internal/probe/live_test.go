package probe

import (
	"os"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/guard"
	"deltui/internal/trace"
)

func TestMain(m *testing.M) {
	guard.Main()
	os.Exit(m.Run())
}

// memSink keeps everything, for looking at.
type memSink struct {
	ops    []trace.Op
	order  []trace.OpID
	out    []byte
	fate   trace.Fate
	usage  trace.Usage
	layout []*gomap.Layout
	ends   map[trace.OpID]trace.Ending
}

func (s *memSink) Info(trace.Info) error { return nil }
func (s *memSink) Layout(l *gomap.Layout) (trace.LayoutID, error) {
	s.layout = append(s.layout, l)
	return trace.LayoutID(len(s.layout)), nil
}
func (s *memSink) Type(uint64, *gomap.Type) error { return nil }
func (s *memSink) Begin(o trace.Op) (trace.OpID, error) {
	o.ID = trace.OpID(len(s.ops) + 1)
	s.ops = append(s.ops, o)
	return o.ID, nil
}
func (s *memSink) Read(trace.Moment, int, uint64, []trace.Region) error { return nil }
func (s *memSink) Survey(trace.MapRef, time.Duration) (trace.Moment, error) {
	return trace.Moment{Phase: trace.Survey, Step: 1}, nil
}
func (s *memSink) End(id trace.OpID, e trace.Ending) error {
	if s.ends == nil {
		s.ends = map[trace.OpID]trace.Ending{}
	}
	s.order = append(s.order, id)
	s.ends[id] = e
	return nil
}
func (s *memSink) Source(string, int, []string) error { return nil }
func (s *memSink) Output(_ int, b []byte) error       { s.out = append(s.out, b...); return nil }
func (s *memSink) Fate(f trace.Fate) error            { s.fate = f; return nil }
func (s *memSink) Usage(u trace.Usage) error          { s.usage = u; return nil }
