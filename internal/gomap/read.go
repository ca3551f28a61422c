package gomap

import (
	"errors"
	"fmt"
	"sync"
)

const (
	// maxRead is the largest single read, and the size of the buffer.
	maxRead = 1 << 20
	// maxFailures is how many reads may fail before the rest is taken as
	// unreadable: each costs a live target time. What was never read
	// (ErrUnread) costs less, and may be all over a big map.
	maxFailures = 64
	maxUnread   = 1 << 14
)

// reader reads runs of equal items with few calls.
type reader struct {
	mem      Memory
	buf      *[]byte
	failures int
	unread   int
}

// tired reports whether reading has failed too often to go on.
func (r *reader) tired() bool { return r.failures >= maxFailures || r.unread >= maxUnread }

// buffers are kept for the next map: one is needed for each, and none for long.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (r *reader) scratch(n uint64) []byte {
	if r.buf == nil {
		r.buf = buffers.Get().(*[]byte)
	}
	if uint64(len(*r.buf)) < n {
		*r.buf = make([]byte, n)
	}
	return (*r.buf)[:n]
}

// done gives the buffer back. What at returned is not valid any more.
func (r *reader) done() {
	if r.buf != nil {
		buffers.Put(r.buf)
		r.buf = nil
	}
}

// at reads n bytes; they are valid until the next read.
func (r *reader) at(addr, n uint64, as Role) ([]byte, error) {
	if addr == 0 || addr+n < addr {
		return nil, fmt.Errorf("no memory at %#x", addr)
	}
	b := r.scratch(n)
	if err := r.mem.ReadAt(b, addr, as); err != nil {
		if errors.Is(err, ErrUnread) {
			r.unread++
		} else {
			r.failures++
		}
		return nil, err
	}
	return b, nil
}

// items reads n items of size bytes that lie one after another from addr, and
// hands each to got. An item of which not all could be read goes to miss, with
// whether a part of it may be there.
// It reads all at once, and only where that fails in smaller parts.
func (r *reader) items(addr, size uint64, n int, as Role, got func(i int, b []byte), miss func(i int, part bool)) {
	most := int(max(maxRead/size, 1))
	for lo := 0; lo < n; lo += most {
		r.run(addr, size, lo, min(lo+most, n), as, got, miss)
	}
}

func (r *reader) run(addr, size uint64, lo, hi int, as Role, got func(int, []byte), miss func(int, bool)) {
	start, end := addr+uint64(lo)*size, addr+uint64(hi)*size
	if addr == 0 || start < addr || end < start || r.tired() {
		for i := lo; i < hi; i++ {
			miss(i, false)
		}
		return
	}
	if b, err := r.at(start, end-start, as); err == nil {
		for i := lo; i < hi; i++ {
			got(i, b[:size:size])
			b = b[size:]
		}
		return
	}
	if hi-lo == 1 {
		miss(lo, true)
		return
	}
	s, ok := r.mem.(Sparse)
	if !ok {
		mid := lo + (hi-lo)/2
		r.run(addr, size, lo, mid, as, got, miss)
		r.run(addr, size, mid, hi, as, got, miss)
		return
	}
	for lo < hi {
		from, to := s.Next(addr+uint64(lo)*size, end)
		if from < addr+uint64(lo)*size || from >= end || to <= from {
			break
		}
		for ; addr+uint64(lo+1)*size <= from; lo++ {
			miss(lo, false)
		}
		// The whole items of the run, or the one that it is a part of.
		whole := lo
		if from <= addr+uint64(lo)*size {
			whole = int((min(to, end) - addr) / size)
		}
		if whole > lo {
			b, err := r.at(addr+uint64(lo)*size, uint64(whole-lo)*size, as)
			for ; lo < whole; lo++ {
				if err != nil {
					miss(lo, true)
					continue
				}
				got(lo, b[:size:size])
				b = b[size:]
			}
			continue
		}
		miss(lo, true)
		lo++
	}
	for ; lo < hi; lo++ {
		miss(lo, false)
	}
}
