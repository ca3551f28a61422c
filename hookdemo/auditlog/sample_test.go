package auditlog

import (
	"math"
	"sync"
	"testing"
	"time"
)

// TestSampler: the article's rule, CLAIMS 4.4, on a clock of our own.
func TestSampler(t *testing.T) {
	clock := time.Unix(1000, 0)
	s := &Sampler{now: func() time.Time { return clock }}
	second := func(ops, failures int) (rate float64, taken int) {
		for i := 0; i < ops; i++ {
			clock = clock.Add(time.Second / time.Duration(ops))
			failed := i%max(ops/max(failures, 1), 1) == 0 && failures > 0
			r, take := s.Take(failed)
			if !failed {
				rate = r
			} else if !take || r != 1 {
				t.Errorf("a failure was taken: %v, at rate %g", take, r)
			}
			if take {
				taken++
			}
		}
		return rate, taken
	}
	for i, c := range []struct {
		ops, failures int
		rate          float64 // at the second's end
	}{
		{100, 0, 1},
		{499, 0, 1},
		{5000, 0, 0.1},
		{5000, 50, 0.1}, // 1 % fail
		{5000, 0, 0.1},
		{5000, 500, 0.1}, // 10 % fail: known at the second's end
		{5000, 500, 1},
		{5000, 0, 1},   // the window before had 10 %
		{5000, 0, 0.1}, // and this one none
		{100, 0, 0.1},
		{100, 0, 1},
	} {
		rate, taken := second(c.ops, c.failures)
		if rate != c.rate {
			t.Errorf("second %d, %d ops with %d failures: rate %g, want %g", i, c.ops, c.failures, rate, c.rate)
		}
		if i == 4 && (taken < 400 || taken > 600) {
			t.Errorf("%d of 5000 taken at a rate of 0.1", taken)
		}
	}
}

// TestSampledLog: the records' rates stand for all deletes.
func TestSampledLog(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: &b, Sampler: &Sampler{Busy: 1000, Window: time.Hour}})
	use(t, l)
	// Busy for an hour is 3.6 million; force what a busy second would do.
	l.opts.Sampler.begin.Store(time.Now().UnixNano())
	l.opts.Sampler.low.Store(true)
	const n = 20000
	churn(t, 2, n/2)
	shut(t, l)
	recs, _ := parse(t, b.Bytes())
	dels := only(recs, "delete")
	sum := 0.0
	for _, r := range dels {
		sum += 1 / r.Rate
	}
	if math.Abs(sum-n) > 0.1*n { // 20 000 at 0.1: a deviation of 2 % has a probability of 5 %
		t.Errorf("the rates of %d records stand for %.0f deletes, there were %d", len(dels), sum, n)
	}
	if s := l.Stats(); s.SampledOut+int64(len(dels)) != n {
		t.Errorf("%d records and %d sampled out of %d deletes", len(dels), s.SampledOut, n)
	}
}

func TestSamplerRace(t *testing.T) {
	s := &Sampler{Window: time.Millisecond, Busy: 10}
	var wg sync.WaitGroup
	for g := 0; g < 8; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; i < 2000; i++ {
				if r, take := s.Take(i%10 == 0); r != 1 && r != 0.1 || r == 1 && !take {
					t.Errorf("rate %g, take %v", r, take)
				}
			}
		}()
	}
	wg.Wait()
}
