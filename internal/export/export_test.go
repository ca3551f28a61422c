package export_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"deltui/internal/export"
	"deltui/internal/oplog"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

func TestFormOf(t *testing.T) {
	for name, want := range map[string]export.Form{
		"x.html": export.Page, "a.svg": export.Picture, "b.cast": export.Cast, "x.jsonl": export.Lines, "dir.html/x.JSONL": export.Lines, "a.pb.gz": export.Profile,
		"x": "", "x.gz": "", "x.json": "", "x.jsonl/y": "", "": "",
	} {
		got, err := export.FormOf(name)
		if got != want || (err == nil) == (want == "") {
			t.Errorf("FormOf(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

// The lines are what `deltui trace --json` prints.
func TestLines(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 60})
	var got, want bytes.Buffer
	r, err := export.Write(t.Context(), &got, tl, export.Lines, export.At{Seq: 1})
	if err != nil || r.Ops != 60 || r.Damaged != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	p := oplog.NewJSON(&want, tl)
	for seq := uint64(1); seq <= 60; seq++ {
		op, err := tl.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Op(op); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("the lines are not those of the contract")
	}
}

// damaged is a timeline of which some ops cannot be read.
type damaged struct {
	trace.Timeline
	bad map[uint64]bool
}

func (d damaged) Seq(seq uint64) (*trace.Op, error) {
	if d.bad[seq] {
		return nil, trace.ErrDamaged
	}
	return d.Timeline.Seq(seq)
}

func TestDamaged(t *testing.T) {
	tl := damaged{tracetest.New(t, tracetest.Options{Ops: 20}), map[uint64]bool{1: true, 7: true}}
	for _, form := range export.Forms() {
		r, err := export.Write(t.Context(), &bytes.Buffer{}, tl, form, export.At{Seq: 1})
		if form == export.Picture {
			if !errors.Is(err, trace.ErrDamaged) {
				t.Errorf("%s of a damaged op: %v", form, err)
			}
			continue
		}
		if err != nil || r.Damaged != 2 || r.Ops != 18 {
			t.Errorf("%s: %+v, %v", form, r, err)
		}
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestFull(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 20})
	for _, form := range export.Forms() {
		if _, err := export.Write(t.Context(), full{}, tl, form, export.At{Seq: 1}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", form, err)
		}
	}
}

func TestParseAt(t *testing.T) {
	for s, want := range map[string]export.At{"12": {Seq: 12}, "12b": {Seq: 12, Before: true}, "": {}, "b": {}, "0": {}, "-1": {}, "x": {}, "12bb": {}, "99999999999999999999": {}} {
		if got, err := export.ParseAt(s); got != want || (err == nil) == (want.Seq == 0) {
			t.Errorf("ParseAt(%q) = %v, %v", s, got, err)
		}
	}
}

// Who does not wait any more gets nothing more.
func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, form := range export.Forms() {
		if form == export.Picture {
			continue // of one op
		}
		if _, err := export.Write(ctx, &bytes.Buffer{}, tracetest.New(t, tracetest.Options{Ops: 5}), form, export.At{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", form, err)
		}
	}
}
