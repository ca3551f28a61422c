package auditlog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
)

// queue is a slog.Handler that leaves the work to a goroutine of its own, and
// gives up nothing while it is open.
type queue struct {
	ch      chan slog.Record
	full    Full
	json    slog.Handler
	sink    *sink
	stop    chan struct{} // closed: no more records come; drain and return
	abandon chan struct{} // closed: give up
	done    chan struct{} // closed by the goroutine at its end

	goroutine                           atomic.Int64
	accepted, dropped, waited, reported atomic.Int64
	lost                                atomic.Int64
}

func newQueue(size int, full Full, w io.Writer, torn bool) *queue {
	q := &queue{
		ch: make(chan slog.Record, size), full: full,
		stop: make(chan struct{}), abandon: make(chan struct{}), done: make(chan struct{}),
	}
	q.sink = &sink{w: w, abandon: q.abandon, torn: torn}
	q.json = slog.NewJSONHandler(q.sink, nil)
	started := make(chan struct{})
	go func() {
		defer close(q.done)
		q.goroutine.Store(goroutine())
		close(started)
		q.work()
	}()
	<-started
	return q
}

func (q *queue) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs and WithGroup complete the interface; a queue's records are whole
// when they are made.
func (q *queue) WithAttrs([]slog.Attr) slog.Handler { return q }
func (q *queue) WithGroup(string) slog.Handler      { return q }

// Handle puts r into the queue. The only one that may be called after close has
// begun is one that has been waiting since before.
func (q *queue) Handle(_ context.Context, r slog.Record) error {
	q.accepted.Add(1)
	select {
	case q.ch <- r:
		return nil
	default:
	}
	if q.full == Drop {
		q.accepted.Add(-1)
		q.dropped.Add(1)
		return nil
	}
	q.waited.Add(1)
	select {
	case q.ch <- r:
	case <-q.abandon:
	}
	return nil
}

// work writes until stop, then what is left. Records are gathered while there
// are any waiting, so that a busy log makes few writes.
func (q *queue) work() {
	for {
		select {
		case r := <-q.ch:
			q.add(r)
		case <-q.stop:
			for len(q.ch) > 0 && !q.abandoned() {
				q.add(<-q.ch)
				q.flushIf(maxBatch)
			}
			q.flushIf(0)
			return
		case <-q.abandon:
			return
		}
		if len(q.ch) == 0 {
			q.flushIf(0)
		} else {
			q.flushIf(maxBatch)
		}
	}
}

// maxBatch is the size, in bytes, at which gathered lines are written.
const maxBatch = 64 << 10

func (q *queue) add(r slog.Record) {
	if d := q.dropped.Load(); d > q.reported.Load() {
		q.accepted.Add(1)
		_ = q.json.Handle(context.Background(), droppedRecord(d-q.reported.Swap(d)))
	}
	_ = q.json.Handle(context.Background(), r)
}

func (q *queue) flushIf(size int) {
	if len(q.sink.buf) > size {
		q.sink.flush()
	}
}

func (q *queue) abandoned() bool {
	select {
	case <-q.abandon:
		return true
	default:
		return false
	}
}

func (q *queue) stats() Stats {
	return Stats{
		Accepted: q.accepted.Load(), Written: q.sink.written.Load(), Dropped: q.dropped.Load(),
		Waited: q.waited.Load(), Failures: q.sink.failures.Load(), Lost: q.lost.Load(),
	}
}

// close writes what is queued and last what end returns.
func (q *queue) close(ctx context.Context, end func() slog.Record) error {
	close(q.stop)
	select {
	case <-q.done:
		// The goroutine is gone: its work is ours now.
		last := make(chan struct{})
		go func() {
			defer close(last)
			if d := q.dropped.Load(); d > q.reported.Load() {
				q.accepted.Add(1)
				_ = q.json.Handle(ctx, droppedRecord(d-q.reported.Swap(d)))
				q.flushIf(0)
			}
			q.accepted.Add(1)
			_ = q.json.Handle(ctx, end())
			q.flushIf(0)
		}()
		select {
		case <-last:
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	close(q.abandon)
	if lost := q.accepted.Load() - q.sink.written.Load(); lost > 0 {
		q.lost.Store(lost)
		err, _ := q.sink.failure.Load().(error)
		if err == nil {
			err = ctx.Err()
		}
		return fmt.Errorf("auditlog: %d records were not written when time was up: %w", lost, err)
	}
	if err := q.sink.close(); err != nil {
		return fmt.Errorf("auditlog: closing the log: %w", err)
	}
	return nil
}
