package auditlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/DeRuina/timberjack"

	"deltui.example/hookdemo/audit"
)

// Full is what a delete does whose record finds the queue full.
type Full int

// The choices.
const (
	Block Full = iota // wait for room
	Drop              // go on without the record, and count it
)

func (f Full) String() string { return [...]string{"block", "drop"}[f] }

// Closed is what a delete does that begins after Close.
type Closed int

// The choices.
const (
	FailClosed Closed = iota // it does not take place, and returns ErrClosed
	FailOpen                 // it takes place, without a record, and is counted
)

func (c Closed) String() string { return [...]string{"fail-closed", "fail-open"}[c] }

// Options say where and how to log. The zero value of each means what is said.
type Options struct {
	File    string // rotated; its directory is made
	MaxSize int    // of a file, in megabytes; 0: 100
	Backups int    // rotated files that are kept; 0: all

	// Writer takes the place of File. It is closed with the log if it is an
	// io.Closer.
	Writer io.Writer

	Queue    int      // records; 0: 4096
	Full     Full     // Block
	Closed   Closed   // FailClosed
	Sampler  *Sampler // nil: every delete is written
	KeyBytes int      // bound of the key's text; 0: 256
}

// Log is an audit.Hook, called AuditLog, that writes records.
type Log struct {
	opts   Options
	queue  *queue
	logger slog.Handler

	seq        atomic.Uint64
	sampled    atomic.Int64 // sampled out
	unwatched  atomic.Int64 // deletes made by the log's own writer
	unrecorded atomic.Int64 // let pass after Close

	places *places
	gate   gate // ops between Before and After

	closed   chan struct{} // closed when the first Close has ended
	closeErr error         // of that one
}

// ErrClosed is why a delete is aborted after its log was closed, unless that is
// FailOpen.
var ErrClosed = errors.New("the audit log is closed, and a delete without a record is not allowed")

// New opens a log. A file that cannot be written to is an error here, not
// later.
func New(o Options) (*Log, error) {
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.KeyBytes == 0 {
		o.KeyBytes = 256
	}
	if o.Full != Block && o.Full != Drop || o.Closed != FailClosed && o.Closed != FailOpen {
		return nil, fmt.Errorf("auditlog: Full %d and Closed %d: see their constants", o.Full, o.Closed)
	}
	if o.Queue < 1 || o.KeyBytes < 1 {
		return nil, fmt.Errorf("auditlog: a queue of %d records and keys of %d bytes: both must be positive", o.Queue, o.KeyBytes)
	}
	w, torn := o.Writer, false
	if w == nil {
		if o.File == "" {
			return nil, errors.New("auditlog: neither a file nor a writer to log to")
		}
		// timberjack would move away what it cannot open.
		if st, err := os.Stat(o.File); err == nil && !st.Mode().IsRegular() {
			return nil, fmt.Errorf("auditlog: %s is no regular file and cannot be rotated; give a Writer instead", o.File)
		}
		torn = tornEnd(o.File)
		f := &timberjack.Logger{Filename: o.File, MaxSize: o.MaxSize, MaxBackups: o.Backups}
		if _, err := f.Write(nil); err != nil {
			return nil, fmt.Errorf("auditlog: opening %s: %w", o.File, err)
		}
		w = f
	}
	l := &Log{opts: o, places: &places{m: map[uint64]place{}}, closed: make(chan struct{})}
	l.queue = newQueue(o.Queue, o.Full, w, torn)
	l.logger = l.queue
	l.gate.empty = make(chan struct{}, 1)
	return l, nil
}

// tornEnd reports whether the file ends within a line, as after a crash.
func tornEnd(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var last [1]byte
	if _, err := f.Seek(-1, io.SeekEnd); err != nil {
		return false
	}
	_, err = f.Read(last[:])
	return err == nil && last[0] != '\n'
}

// Name is AuditLog.
func (l *Log) Name() string { return "AuditLog" }

// Before refuses, or lets pass, a delete that could not be recorded any more.
func (l *Log) Before(*audit.Op) error {
	switch {
	case l.gate.enter():
		return nil
	case l.opts.Closed == FailOpen:
		l.unrecorded.Add(1)
		return audit.ErrSkipAfter
	}
	return ErrClosed
}

// After makes the record, if the sampler wants it.
func (l *Log) After(op *audit.Op) {
	defer l.gate.leave()
	rate := 1.0
	if l.opts.Sampler != nil {
		var take bool
		if rate, take = l.opts.Sampler.Take(op.Outcome.Failed() || len(op.Faults) > 0); !take {
			l.sampled.Add(1)
			return
		}
	}
	id := goroutine()
	if id == l.queue.goroutine.Load() { // it would wait for itself
		l.unwatched.Add(1)
		return
	}
	_ = l.logger.Handle(context.Background(), l.record(op, rate, id))
}

// Watch returns a function for audit.OnFault that writes each fault as a record
// of its own, so that it is told also where no delete's record is.
func (l *Log) Watch() func(audit.Fault) {
	return func(f audit.Fault) {
		if !l.gate.enter() {
			return
		}
		defer l.gate.leave()
		if goroutine() == l.queue.goroutine.Load() {
			return
		}
		_ = l.logger.Handle(context.Background(), faultRecord(f))
	}
}

// Stats are totals since New.
type Stats struct {
	Accepted   int64 // records that entered the queue
	Written    int64 // of these, how many are in the file
	Dropped    int64 // records that the full queue did not take
	SampledOut int64 // deletes that the sampler did not take
	Waited     int64 // deletes that waited for room in the queue
	Failures   int64 // writes that failed and were tried again
	Unwatched  int64 // deletes that the log's own writer made, which have no record
	Lost       int64 // accepted and given up at Close
	Unrecorded int64 // deletes after Close, let pass by FailOpen
}

// Stats may be called at any time.
func (l *Log) Stats() Stats {
	s := l.queue.stats()
	s.SampledOut, s.Unwatched, s.Unrecorded = l.sampled.Load(), l.unwatched.Load(), l.unrecorded.Load()
	return s
}

// Close lets no delete begin, waits for those under way, writes what is queued
// and the totals, and closes the file. If ctx ends first it gives up what is
// not written, and the error says how much and why.
//
// A further Close waits for the first and returns its error, so that who closes
// the log from two places, such as main and FlushOn, does not end the process
// while the log is being written. Its ctx bounds the wait, not the writing.
func (l *Log) Close(ctx context.Context) error {
	if l.gate.close() {
		defer close(l.closed)
		select {
		case <-l.gate.empty:
		case <-ctx.Done():
		}
		l.closeErr = l.queue.close(ctx, func() slog.Record { return endRecord(l.Stats()) })
		return l.closeErr
	}
	select {
	case <-l.closed:
		return l.closeErr
	default:
	}
	select {
	case <-l.closed:
		return l.closeErr
	case <-ctx.Done():
		return fmt.Errorf("auditlog: waiting for an earlier Close, which is still writing: %w", ctx.Err())
	}
}

// A gate counts who is inside and can be closed.
type gate struct {
	n      atomic.Int64 // those inside, and closedGate
	closed atomic.Bool
	empty  chan struct{} // gets one value when closed and nobody is inside
}

const closedGate = 1 << 62

func (g *gate) enter() bool {
	if g.n.Add(1) >= closedGate {
		g.leave()
		return false
	}
	return true
}

func (g *gate) leave() {
	if g.n.Add(-1) == closedGate {
		select {
		case g.empty <- struct{}{}:
		default:
		}
	}
}

func (g *gate) close() bool {
	if !g.closed.CompareAndSwap(false, true) {
		return false
	}
	if g.n.Add(closedGate) == closedGate {
		select {
		case g.empty <- struct{}{}:
		default:
		}
	}
	return true
}
