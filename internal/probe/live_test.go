package probe

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/guard"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

func TestMain(m *testing.M) {
	guard.Main()
	os.Exit(m.Run())
}

// memSink keeps everything, for looking at.
type memSink struct {
	mu     sync.Mutex
	ops    []trace.Op
	delta  map[trace.OpID]*gomap.Delta
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

func TestSmoke(t *testing.T) {
	testenv.NeedPtrace(t)
	path := os.Getenv("SMOKE")
	if path == "" {
		t.Skip("no program")
	}
	l, err := Launch(context.Background(), LaunchConfig{Path: path, Args: []string{"500"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &memSink{}
	if err := l.Run(context.Background(), Plan{Ops: []gomap.OpKind{gomap.Delete, gomap.Clear}, Stack: 8}, s); err != nil {
		t.Fatal(err)
	}
	for i, o := range s.ops {
		if i > 3 && i < len(s.ops)-3 {
			continue
		}
		e := s.ends[o.ID]
		fmt.Println(o.ID, o.Kind, o.Func, o.Goroutine, o.Map, o.KeyText, len(o.Stack), o.Stack[0], e.Outcome, e.Message)
		if e.Delta != nil {
			fmt.Printf("%+v\n", *e.Delta)
		}
	}
	fmt.Printf("%q %+v %+v\n", s.out, s.fate, s.usage)
	fmt.Println(float64(s.usage.Ops) / s.usage.Elapsed.Seconds())
}
