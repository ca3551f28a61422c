package file_test

import (
	"errors"
	"reflect"
	"testing"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// early begins an op before all others, which does not end until they have.
type early struct {
	trace.Sink
	begun trace.OpID
	read  bool
}

func (s *early) Begin(op trace.Op) (trace.OpID, error) {
	if s.begun == 0 {
		other := op
		other.Goroutine += 1000
		id, err := s.Sink.Begin(other)
		if err != nil {
			return 0, err
		}
		s.begun = id
	}
	return s.Sink.Begin(op)
}

func (s *early) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	if !s.read && m.Phase == trace.Before {
		s.read = true
		other := m
		other.Op = s.begun
		if err := s.Sink.Read(other, mapID, root, rs); err != nil {
			return err
		}
	}
	return s.Sink.Read(m, mapID, root, rs)
}

// A temporary file stays within its bound: the newest ops are there as they are in
// an unbounded one, the oldest are said to be forgotten, and an op in progress can
// still be told with its before.
func TestRing(t *testing.T) {
	const ops = 6000
	o := tracetest.Options{Ops: ops, Keys: 30}
	whole := tracetest.New(t, o)
	for _, bound := range []int64{0, 1000, 64 << 10, 200 << 10, 1 << 30} {
		f, err := file.Create("", file.Bound(bound))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		sink := &early{Sink: f.Sink()}
		if err := tracetest.Fill(sink, o); err != nil {
			t.Fatalf("bound %d: %v", bound, err)
		}
		if size := file.Size(f); size > max(bound, 16) {
			t.Errorf("bound %d: the file has %d bytes", bound, size)
		}
		forgotten, why := f.Forgotten()
		if why != nil {
			t.Errorf("bound %d: %v", bound, why)
		}
		if all := bound == 1<<30; all != (forgotten == 0) || forgotten >= ops {
			t.Errorf("bound %d: %d ops of %d are forgotten", bound, forgotten, ops)
		}
		if f.Len() != ops {
			t.Errorf("bound %d: %d ops, not %d", bound, f.Len(), ops)
		}
		f.DropCache()
		was, gone := 0, 0
		for seq := uint64(1); seq <= ops; seq++ {
			got, err := f.Seq(seq)
			if errors.Is(err, trace.ErrForgotten) {
				if was > 0 && bound > 1000 && seq > ops-200 {
					t.Errorf("bound %d: op %d is forgotten, and older ones are not", bound, seq)
				}
				gone++
				continue
			}
			if err != nil {
				t.Fatalf("bound %d: op %d: %v", bound, seq, err)
			}
			was++
			want, err := whole.Seq(seq)
			if err != nil {
				t.Fatal(err)
			}
			if got.KeyText != want.KeyText || got.Summary.Mark != want.Summary.Mark || !reflect.DeepEqual(got.Stack, want.Stack) {
				t.Fatalf("bound %d: op %d is %+v, want %+v", bound, seq, got, want)
			}
			if _, err := moment.Of(f, got); err != nil {
				t.Fatalf("bound %d: op %d: %v", bound, seq, err)
			}
		}
		if was == 0 || gone > forgotten {
			t.Errorf("bound %d: %d ops are there, %d are not, and %d are said to be forgotten", bound, was, gone, forgotten)
		}
		op, err := f.Op(sink.begun)
		if err != nil {
			t.Fatalf("bound %d: the op in progress: %v", bound, err)
		}
		if _, _, _, err := f.Memory(trace.Moment{Op: op.ID, Phase: trace.Before}, 0); err != nil {
			t.Errorf("bound %d: its before: %v", bound, err)
		}
	}
}
