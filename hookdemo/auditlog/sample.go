package auditlog

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// A Sampler decides which deletes are written, by how many there are and how
// many fail. Its rule, with the values that the zero Sampler has:
//
//	more than 5 % of the window's deletes failed     all
//	else more than 500 deletes a second              1 in 10
//	else                                             all
//
// The rate falls as soon as the window has seen too many, and is decided anew at
// the end of each window; after one with too many failures all of the next is
// written. A delete that failed is always written, and stands for itself only.
type Sampler struct {
	Busy   float64       // deletes a second above which sampling begins; 0: 500
	Rate   float64       // share of deletes written then; 0: 0.1
	Errors float64       // share of failures above which all are written again; 0: 0.05
	Window time.Duration // 0: one second

	now func() time.Time // for tests

	begin  atomic.Int64 // of the window, in ns since 1970
	ops    atomic.Int64 // in the window
	failed atomic.Int64
	low    atomic.Bool // Rate applies

	failing atomic.Bool // the last window had too many failures
}

func or(v, or float64) float64 {
	if v == 0 {
		return or
	}
	return v
}

// Take counts a delete and returns the rate at this moment and whether this one
// is to be written. It takes no lock; at a window's end deletes of other
// goroutines may be counted to the one or the other.
func (s *Sampler) Take(failed bool) (rate float64, take bool) {
	s.count(failed)
	if failed || !s.low.Load() {
		return 1, true
	}
	rate = or(s.Rate, 0.1)
	return rate, rand.Float64() < rate
}

func (s *Sampler) count(failed bool) {
	now := time.Now
	if s.now != nil {
		now = s.now
	}
	t := now().UnixNano()
	window := s.Window
	if window == 0 {
		window = time.Second
	}
	begin := s.begin.Load()
	if begin == 0 && s.begin.CompareAndSwap(0, t) {
		begin = t
	}
	if t-begin >= int64(window) && s.begin.CompareAndSwap(begin, t) {
		s.decide(time.Duration(t - begin))
		s.ops.Store(0)
		s.failed.Store(0)
	}
	n := s.ops.Add(1)
	if failed {
		s.failed.Add(1)
	}
	if !s.low.Load() && !s.failing.Load() && float64(n) > s.threshold(window) {
		s.decide(window)
	}
}

func (s *Sampler) threshold(d time.Duration) float64 {
	return math.Max(or(s.Busy, 500)*d.Seconds(), 1)
}

// decide looks at the window's counts, made in d.
func (s *Sampler) decide(d time.Duration) {
	n := float64(s.ops.Load())
	failing := n > 0 && float64(s.failed.Load()) > or(s.Errors, 0.05)*n
	s.failing.Store(failing)
	s.low.Store(!failing && n > s.threshold(d))
}
