package oplog

import (
	"fmt"

	"deltui/internal/trace"
)

// Printer prints ops, one after the other.
type Printer interface {
	Op(op *trace.Op) error
}

// Tee is a timeline's sink that prints each op as it ends, before the target
// goes on: nothing lags behind, and a reader that is slow slows the target
// down.
type Tee struct {
	trace.Sink
	tl   trace.Timeline
	p    Printer
	more func(*trace.Op) bool
	over bool
	err  error
}

// NewTee prints the ops that go to sink, whose other end is tl, until more
// (which may be nil) says of a printed op that it is the last one.
func NewTee(sink trace.Sink, tl trace.Timeline, p Printer, more func(*trace.Op) bool) *Tee {
	return &Tee{Sink: sink, tl: tl, p: p, more: more}
}

// End implements trace.Sink. After an error of the printer it prints no more.
func (t *Tee) End(id trace.OpID, e trace.Ending) error {
	if err := t.Sink.End(id, e); err != nil {
		return err
	}
	if t.over {
		return nil
	}
	op, err := t.tl.Op(id)
	if err != nil {
		return fmt.Errorf("reading op %d of the timeline: %w", id, err)
	}
	if err := t.p.Op(op); err != nil {
		t.err, t.over = err, true
		return fmt.Errorf("printing ops: %w", err)
	}
	t.over = t.more != nil && !t.more(op)
	return nil
}

// Err is the printer's error, if it had one.
func (t *Tee) Err() error { return t.err }
