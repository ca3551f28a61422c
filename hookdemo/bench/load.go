package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Config is the load; Article has the article's.
type Config struct {
	Goroutines int    `json:"goroutines"`
	Ops        int    `json:"ops"` // of a closed loop
	Fill       int    `json:"fill"`
	Shards     int    `json:"shards"`
	Batch      int    `json:"batch"`
	Seed       uint64 `json:"seed"`

	// Rate is that of an open loop, in deletes a second by all goroutines, which
	// goes on for Seconds. 0 is a closed loop.
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"`

	Dir string `json:"-"` // for logs
}

// Article is the load as the article states it. What it leaves open is ours:
// Fill, Shards, Batch, and that the loop is closed.
var Article = Config{Goroutines: 512, Ops: 10_000_000, Fill: 100_000, Shards: 64, Batch: 256, Seed: 1, Seconds: 10}

func (c Config) check() error {
	for _, f := range []struct {
		name string
		n    int
	}{{"goroutines", c.Goroutines}, {"ops", c.ops()}, {"shards", c.Shards}, {"batch", c.Batch}} {
		if f.n < 1 {
			return fmt.Errorf("bench: %d %s: want at least one", f.n, f.name)
		}
	}
	if c.Fill < 0 {
		return fmt.Errorf("bench: a map with %d entries", c.Fill)
	}
	if c.Rate < 0 || c.Seconds < 0 {
		return fmt.Errorf("bench: %g deletes a second for %g seconds", c.Rate, c.Seconds)
	}
	return nil
}

func (c Config) ops() int {
	if c.Rate > 0 {
		return int(c.Rate * c.Seconds)
	}
	return c.Ops
}

// Loop names the loop.
func (c Config) Loop() string {
	if c.Rate > 0 {
		return fmt.Sprintf("open, %.0f/s", c.Rate)
	}
	return "closed"
}

// Quantiles are of a latency, in nanoseconds, within 1 %.
type Quantiles struct {
	P50  int64 `json:"p50_ns"`
	P99  int64 `json:"p99_ns"`
	P999 int64 `json:"p999_ns"`
	Max  int64 `json:"max_ns"`
}

// Result is what one run of a way took.
type Result struct {
	Way     string  `json:"way"`
	Rate    float64 `json:"rate"` // the open loop's, or 0
	Skipped string  `json:"skipped,omitempty"`

	Ops       int64   `json:"ops"`
	Seconds   float64 `json:"seconds"`     // from the first op to the last
	End       float64 `json:"end_seconds"` // after that, until all is deleted and written
	OpsPerSec float64 `json:"ops_per_s"`   // over both

	Call     Quantiles `json:"call"`     // from the call to its return
	Intended Quantiles `json:"intended"` // open loop: from when the call ought to have been
	Wait     Quantiles `json:"wait"`     // of the call: until the lock is held
	Delete   Quantiles `json:"delete"`   // of the call: what is done under the lock

	GCCycles uint64  `json:"gc_cycles"`
	GCShare  float64 `json:"gc_cpu_share"` // of the CPU time used
	Allocs   float64 `json:"allocs_per_op"`
	Bytes    float64 `json:"bytes_per_op"`

	Pending int   `json:"pending"`           // entries when the last op had returned, beyond Fill
	Left    int   `json:"left"`              // entries at the end, beyond Fill
	Records int64 `json:"records,omitempty"` // written to a log

	Clock       int64   `json:"clock_ns"` // what a reading of the clock adds to each latency
	CPUs        float64 `json:"cpus"`     // CPU seconds that the process got, a second
	Preemptions int64   `json:"preemptions"`
	LoadAverage string  `json:"load_average,omitempty"` // of the machine, before the run
	Go          string  `json:"go"`
}

// times are what a call of del takes, by the clock; locked and done are 0 where
// the call did not take the lock.
type times struct{ locked, done int64 }

// A way deletes from maps that goroutines share.
type way interface {
	put(k uint64)
	del(g int, k uint64) times
	end(g int)                             // goroutine g will delete no more
	left() int                             // entries
	close() (left int, rec int64, e error) // all have ended
}

// latencies are a goroutine's.
type latencies struct{ call, intended, wait, delete *hdr.Histogram }

func newLatencies() latencies {
	h := func() *hdr.Histogram { return hdr.New(1, int64(10*time.Minute), 2) }
	return latencies{h(), h(), h(), h()}
}

func (l latencies) merge(o latencies) {
	l.call.Merge(o.call)
	l.intended.Merge(o.intended)
	l.wait.Merge(o.wait)
	l.delete.Merge(o.delete)
}

func quantiles(h *hdr.Histogram) Quantiles {
	if h.TotalCount() == 0 {
		return Quantiles{}
	}
	return Quantiles{h.ValueAtQuantile(50), h.ValueAtQuantile(99), h.ValueAtQuantile(99.9), h.Max()}
}

// run puts the load on w. Progress is called now and then with the ops done.
func run(ctx context.Context, name string, c Config, w way, progress func(int64)) (Result, error) {
	all := make([]latencies, c.Goroutines)
	for i := range all {
		all[i] = newLatencies()
	}
	fill := rand.New(rand.NewPCG(c.Seed, 0))
	for i := 0; i < c.Fill; i++ {
		w.put(fill.Uint64())
	}
	var done atomic.Int64
	var wg sync.WaitGroup
	var begin int64
	start := make(chan struct{})
	for g := range all {
		wg.Add(1)
		n := c.ops() / c.Goroutines
		if g < c.ops()%c.Goroutines {
			n++
		}
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(c.Seed, uint64(g)+1))
			<-start
			due := pacer{begin: begin, every: float64(c.Goroutines) / c.Rate, phase: float64(g) / float64(c.Goroutines)}
			for i := 0; i < n; i++ {
				if i%64 == 63 {
					done.Add(64)
					if ctx.Err() != nil {
						return
					}
				}
				k := r.Uint64()
				w.put(k)
				var intended int64
				if c.Rate > 0 {
					intended = due.wait(i)
				}
				called := now()
				t := w.del(g, k)
				returned := now()
				all[g].record(intended, called, t, returned)
			}
		}()
	}
	runtime.GC()
	before, used := readMetrics(), readUsage()
	begin = now()
	close(start)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				progress(done.Load())
			case <-stop:
				return
			}
		}
	}()
	wg.Wait()
	last := now()
	after, usedAfter := readMetrics(), readUsage()
	close(stop)
	<-stopped // progress writes where the result will
	if err := ctx.Err(); err != nil {
		_, _, _ = w.close()
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	pending := w.left() - c.Fill
	flush := now()
	for g := range all {
		w.end(g)
	}
	left, records, err := w.close()
	end := now()
	if err != nil {
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	runtime.GC() // so that the CPU times are up to date; it is in none of the counts
	cpu := readMetrics()

	for _, l := range all[1:] {
		all[0].merge(l)
	}
	n := all[0].call.TotalCount()
	took, ended := float64(last-begin)/1e9, float64(end-flush)/1e9
	return Result{
		Way: name, Rate: c.Rate, Ops: n, Seconds: took, End: ended, OpsPerSec: float64(n) / (took + ended),
		Call: quantiles(all[0].call), Intended: quantiles(all[0].intended),
		Wait: quantiles(all[0].wait), Delete: quantiles(all[0].delete),
		GCCycles: after.cycles - before.cycles,
		GCShare:  (cpu.gc - before.gc) / max(cpu.used-before.used, 1e-9),
		Allocs:   float64(after.allocs-before.allocs) / float64(n),
		Bytes:    float64(after.bytes-before.bytes) / float64(n),
		Pending:  pending, Left: left - c.Fill, Records: records,
		Clock: clockCost(), CPUs: (usedAfter.seconds - used.seconds) / took, Preemptions: usedAfter.preemptions - used.preemptions,
		Go: runtime.Version(),
	}, nil
}

// record counts what a call took, in all and by its parts.
func (l latencies) record(intended, called int64, t times, returned int64) {
	_ = l.call.RecordValue(returned - called)
	if intended != 0 {
		_ = l.intended.RecordValue(returned - intended)
	}
	if t.locked == 0 {
		_ = l.delete.RecordValue(returned - called)
		return
	}
	_ = l.wait.RecordValue(t.locked - called)
	_ = l.delete.RecordValue(t.done - t.locked)
}

// A pacer says when a goroutine's calls ought to be, and waits until then. It
// does not wait for the calls before: one that is late does not make the next
// ones be meant later, and its being late is in their latency.
type pacer struct {
	begin        int64   // by the clock
	every, phase float64 // seconds; a share of every
}

func (p pacer) wait(i int) (intended int64) {
	intended = p.begin + int64((float64(i)+p.phase)*p.every*1e9)
	if d := intended - now(); d > 0 {
		time.Sleep(time.Duration(d))
	}
	return max(intended, 1)
}

type reading struct {
	cycles, allocs, bytes uint64
	gc, used              float64 // CPU seconds
}

func readMetrics() reading {
	s := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
	}
	metrics.Read(s)
	return reading{
		cycles: s[0].Value.Uint64(), allocs: s[1].Value.Uint64(), bytes: s[2].Value.Uint64(),
		gc: s[3].Value.Float64(), used: s[4].Value.Float64() - s[5].Value.Float64(),
	}
}

// usage is what the process has used; preemptions are involuntary switches to
// other work.
type usage struct {
	seconds     float64
	preemptions int64
}
