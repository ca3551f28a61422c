package oplog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"deltui/internal/oplog"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// line is what the contract promises to scripts.
type line struct {
	Seq     uint64
	Op      string
	Outcome string
	Map     struct {
		ID                 int
		Addr, Type, Layout string
	}
	Found   *bool
	Old     *string
	Used    []*uint64
	Changes []struct {
		Where, From, To string
		State           []string
		Rule            string
	}
	Why string
}

func TestTimeline(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 500})
	var out bytes.Buffer
	p := oplog.NewJSON(&out, tl)
	for seq := uint64(1); seq <= uint64(tl.Len()); seq++ {
		op, err := tl.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Op(op); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != tl.Len() {
		t.Fatalf("%d lines, %d ops", len(lines), tl.Len())
	}
	for i, text := range lines {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		op, err := tl.Seq(uint64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if l.Seq != uint64(i+1) || l.Op != op.Kind.String() || l.Outcome != "returned" || l.Map.ID != op.Map.ID || l.Map.Layout == "" || l.Why == "" {
			t.Errorf("line %d: %s", i+1, text)
		}
		if len(l.Used) != 2 || l.Used[0] == nil || *l.Used[0] != op.Summary.Used[0] || *l.Used[1] != op.Summary.Used[1] {
			t.Errorf("line %d: used is not %v: %s", i+1, op.Summary.Used, text)
		}
		if len(l.Changes) != min(op.Summary.Changes, oplog.MaxChanges) {
			t.Errorf("line %d: %d changes, %d in the summary", i+1, len(l.Changes), op.Summary.Changes)
		}
		if deleted := l.Op == "delete" && l.Found != nil && *l.Found; deleted != (l.Old != nil) {
			t.Errorf("line %d: found and old disagree: %s", i+1, text)
		}
		one, err := oplog.Line(tl, op)
		if err != nil || string(one) != text {
			t.Errorf("Line gives another line: %s, %v", one, err)
		}
	}
}

// printed takes ops and tells how many.
type printed struct {
	n   int
	err error
}

func (p *printed) Op(*trace.Op) error {
	p.n++
	return p.err
}

func TestTee(t *testing.T) {
	for _, c := range []struct {
		name string
		p    *printed
		more func(*trace.Op) bool
		want int
		err  error
	}{
		{"all", &printed{}, nil, 20, nil},
		{"until one", &printed{}, func(op *trace.Op) bool { return op.Seq != 5 }, 5, nil},
		{"nobody reads", &printed{err: io.ErrClosedPipe}, nil, 1, io.ErrClosedPipe},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl, err := file.Create("")
			if err != nil {
				t.Fatal(err)
			}
			defer tl.Close()
			tee := oplog.NewTee(tl.Sink(), tl, c.p, c.more)
			if err := tracetest.Fill(tee, tracetest.Options{Ops: 20}); !errors.Is(err, c.err) {
				t.Errorf("the source is told %v", err)
			}
			if c.p.n != c.want || !errors.Is(tee.Err(), c.err) {
				t.Errorf("%d printed, want %d; %v", c.p.n, c.want, tee.Err())
			}
		})
	}
}

// BenchmarkPrint is one op from the timeline to its line, decoding included.
func BenchmarkPrint(b *testing.B) {
	tl := tracetest.New(b, tracetest.Options{Ops: 2000})
	for name, p := range map[string]oplog.Printer{
		"json": oplog.NewJSON(io.Discard, tl),
		"text": oplog.NewText(io.Discard, tl, oplog.Style{Stack: true}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := uint64(tl.Len())
			for i := uint64(0); b.Loop(); i++ {
				op, err := tl.Seq(1 + i%n)
				if err != nil {
					b.Fatal(err)
				}
				if err := p.Op(op); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What was read before an op that never returned is told: its after alone is unknown.
func TestNeverReturned(t *testing.T) {
	for _, o := range []trace.Outcome{trace.Exited, trace.Detached} {
		tl := tracetest.New(t, tracetest.Options{Ops: 20, Pending: true, Running: true})
		if err := tl.Sink().End(21, trace.Ending{Outcome: o}); err != nil {
			t.Fatal(err)
		}
		op, err := tl.Seq(21)
		if err != nil {
			t.Fatal(err)
		}
		text, err := oplog.Line(tl, op)
		if err != nil {
			t.Fatal(err)
		}
		var l struct {
			line
			Header []map[string]any
		}
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatal(err)
		}
		if l.Outcome != o.String() || l.Map.Layout == "" || len(l.Used) != 2 || l.Used[0] == nil || l.Used[1] != nil ||
			len(l.Header) != 2 || l.Header[0] == nil || l.Header[1] != nil || len(l.Changes) != 0 || l.Found != nil {
			t.Errorf("%s", text)
		}
	}
}
