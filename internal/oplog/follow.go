package oplog

import (
	"context"
	"fmt"

	"deltui/internal/trace"
)

// Printer prints ops, one after the other.
type Printer interface {
	Op(op *trace.Op) error
}

// Follow prints each op of a timeline when it has ended. It returns when done
// is closed and all that has ended by then is printed, when stop (which may be
// nil) says of a printed op that it is the last one, when ctx is cancelled, or
// with a Printer's error.
func Follow(ctx context.Context, tl trace.Timeline, p Printer, done <-chan struct{}, stop func(*trace.Op) bool) error {
	next := uint64(1)
	for {
		// In this order: what happens after each of these is seen by a later one.
		ended := false
		select {
		case <-done:
			ended = true
		default:
		}
		changed := tl.Changed()
		for n := uint64(tl.Len()); next <= n; next++ {
			op, err := tl.Seq(next)
			if err != nil {
				return fmt.Errorf("reading op %d of the timeline: %w", next, err)
			}
			if err := p.Op(op); err != nil {
				return err
			}
			if stop != nil && stop(op) {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
