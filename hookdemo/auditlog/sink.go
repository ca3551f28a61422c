package auditlog

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"time"
)

// A sink gathers lines and writes them whole.
type sink struct {
	w       io.Writer
	abandon <-chan struct{}

	buf   []byte
	lines int64 // in buf
	torn  bool  // the last thing written has no line's end

	written, failures atomic.Int64
	failure           atomic.Value // the last error, as a wrapped error
}

// Write takes one line: slog's JSON handler writes each record by one call.
func (s *sink) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	s.lines++
	return len(p), nil
}

// The pauses between two tries of a write that failed.
const (
	firstPause = 5 * time.Millisecond
	longPause  = time.Second
)

// flush writes buf, and tries until it is written or the log is given up.
func (s *sink) flush() {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := s.try()
		if s.clean() {
			return
		}
		s.failures.Add(1)
		s.failure.Store(fmt.Errorf("%w", err))
		select {
		case <-time.After(pause):
		case <-s.abandon:
			return
		}
	}
}

// clean reports whether all is written, up to the last line's end.
func (s *sink) clean() bool { return len(s.buf) == 0 && !s.torn }

// try writes once. After a short write it drops the lines that are out; one
// that was torn comes again, whole, on a line of its own.
func (s *sink) try() (err error) {
	out := s.buf
	if s.torn {
		out = append([]byte{'\n'}, out...)
	}
	n, err := s.write(out)
	if n > 0 && s.torn {
		n--
		s.torn = false
	}
	n = min(n, len(s.buf))
	whole := 0
	for i, c := range s.buf[:n] {
		if c == '\n' {
			whole = i + 1
			s.lines--
			s.written.Add(1)
		}
	}
	if n < len(s.buf) && n > whole && s.buf[n] == '\n' { // only its end is missing
		whole = n + 1
		s.lines--
		s.written.Add(1)
		s.torn = true
	}
	s.torn = s.torn || whole < n
	s.buf = s.buf[:copy(s.buf, s.buf[whole:])]
	if err == nil && !s.clean() {
		err = io.ErrShortWrite
	}
	return err
}

// write is w.Write, where a panic is an error and nothing is written.
func (s *sink) write(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("the writer panicked: %v", r)
		}
	}()
	return s.w.Write(p)
}

func (s *sink) close() error {
	if f, ok := s.w.(interface{ Sync() error }); ok {
		err := f.Sync()
		if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) { // a pipe or terminal has nothing to sync
			return err
		}
	}
	if c, ok := s.w.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
