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
	Ops        int    `json:"ops"`
	Fill       int    `json:"fill"`
	Shards     int    `json:"shards"`
	Batch      int    `json:"batch"`
	Seed       uint64 `json:"seed"`
	Dir        string `json:"-"` // for logs
}

// Article is the load as the article states it. What it leaves open is ours:
// Fill, Shards, Batch.
var Article = Config{Goroutines: 512, Ops: 10_000_000, Fill: 100_000, Shards: 64, Batch: 256, Seed: 1}

func (c Config) check() error {
	for _, f := range []struct {
		name string
		n    int
	}{{"goroutines", c.Goroutines}, {"ops", c.Ops}, {"shards", c.Shards}, {"batch", c.Batch}} {
		if f.n < 1 {
			return fmt.Errorf("bench: %d %s: want at least one", f.n, f.name)
		}
	}
	if c.Fill < 0 {
		return fmt.Errorf("bench: a map with %d entries", c.Fill)
	}
	return nil
}

// Result is what one way took. Latencies are in nanoseconds, within 1 %.
type Result struct {
	Way       string  `json:"way"`
	Skipped   string  `json:"skipped,omitempty"` // why there are no numbers
	Ops       int64   `json:"ops"`
	Seconds   float64 `json:"seconds"`
	OpsPerSec float64 `json:"ops_per_s"`
	P50       int64   `json:"p50_ns"`
	P99       int64   `json:"p99_ns"`
	P999      int64   `json:"p999_ns"`
	Max       int64   `json:"max_ns"`
	GCCycles  uint64  `json:"gc_cycles"`
	GCShare   float64 `json:"gc_cpu_share"` // of the CPU time used
	Allocs    float64 `json:"allocs_per_op"`
	Bytes     float64 `json:"bytes_per_op"`
	Left      int     `json:"left"`              // entries at the end, beyond Fill
	Records   int64   `json:"records,omitempty"` // written to a log
	Go        string  `json:"go"`
}

// A way deletes from maps that goroutines share.
type way interface {
	put(k uint64)
	del(g int, k uint64)
	end(g int)                             // goroutine g has done its last
	close() (left int, rec int64, e error) // all have
}

// run puts the load on w. Progress is called now and then with the ops done.
func run(ctx context.Context, name string, c Config, w way, progress func(int64)) (Result, error) {
	hists := make([]*hdr.Histogram, c.Goroutines)
	for i := range hists {
		hists[i] = hdr.New(1, int64(10*time.Minute), 2)
	}
	fill := rand.New(rand.NewPCG(c.Seed, 0))
	for i := 0; i < c.Fill; i++ {
		w.put(fill.Uint64())
	}
	var done atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for g := range hists {
		wg.Add(1)
		n := c.Ops / c.Goroutines
		if g < c.Ops%c.Goroutines {
			n++
		}
		go func() {
			defer wg.Done()
			defer w.end(g)
			r, h := rand.New(rand.NewPCG(c.Seed, uint64(g)+1)), hists[g]
			<-start
			for i := 0; i < n; i++ {
				if i%1024 == 1023 {
					done.Add(1024)
					if ctx.Err() != nil {
						return
					}
				}
				k := r.Uint64()
				w.put(k)
				t := time.Now()
				w.del(g, k)
				_ = h.RecordValue(int64(time.Since(t)))
			}
		}()
	}
	runtime.GC()
	before := readMetrics()
	t := time.Now()
	close(start)
	stop := make(chan struct{})
	go func() {
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
	took := time.Since(t).Seconds()
	close(stop)
	after := readMetrics()
	left, records, err := w.close()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	runtime.GC() // so that the CPU times are up to date; it is in none of the counts
	cpu := readMetrics()

	all := hists[0]
	for _, h := range hists[1:] {
		all.Merge(h)
	}
	n := all.TotalCount()
	return Result{
		Way: name, Ops: n, Seconds: took, OpsPerSec: float64(n) / took,
		P50: all.ValueAtQuantile(50), P99: all.ValueAtQuantile(99), P999: all.ValueAtQuantile(99.9), Max: all.Max(),
		GCCycles: after.cycles - before.cycles,
		GCShare:  (cpu.gc - before.gc) / max(cpu.used-before.used, 1e-9),
		Allocs:   float64(after.allocs-before.allocs) / float64(n),
		Bytes:    float64(after.bytes-before.bytes) / float64(n),
		Left:     left - c.Fill, Records: records, Go: runtime.Version(),
	}, nil
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
