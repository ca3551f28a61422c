// Command bench measures deletes with the Go that built it and prints one JSON
// object: nanoseconds for the first of each kind, ratios to it for the others.
// With -small it does so in a few seconds, under the same names: enough to tell
// on which side of 1, or of 3, a ratio is, and for no figure.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// subject is a kind of map with n entries: fill makes it anew, each deletes
// its i-th key of a random order, and absent a key that is not there.
type subject struct {
	fill   func()
	delete func()
	absent func()
}

type wide struct{ a, b, c uint64 }

func uint64Int(n int) subject {
	var m map[uint64]int
	order := rand.New(rand.NewSource(1)).Perm(n)
	return subject{
		func() {
			m = make(map[uint64]int, n)
			for _, k := range order {
				m[uint64(k)*7] = k
			}
		},
		func() {
			for _, k := range order {
				delete(m, uint64(k)*7)
			}
		},
		func() {
			for _, k := range order {
				delete(m, uint64(k)*7+1)
			}
		},
	}
}

func uint64Any(n int) subject {
	var m map[uint64]any
	order := rand.New(rand.NewSource(1)).Perm(n)
	return subject{
		func() {
			m = make(map[uint64]any, n)
			for _, k := range order {
				m[uint64(k)*7] = k
			}
		},
		func() {
			for _, k := range order {
				delete(m, uint64(k)*7)
			}
		},
		nil,
	}
}

func stringInt(n int) subject {
	var m map[string]int
	order := rand.New(rand.NewSource(1)).Perm(n)
	keys := make([]string, n)
	for i, k := range order {
		keys[i] = "key " + strconv.Itoa(k)
	}
	return subject{
		func() {
			m = make(map[string]int, n)
			for i, k := range keys {
				m[k] = i
			}
		},
		func() {
			for _, k := range keys {
				delete(m, k)
			}
		},
		nil,
	}
}

func int16Int(n int) subject {
	var m map[int16]int
	order := rand.New(rand.NewSource(1)).Perm(n)
	return subject{
		func() {
			m = make(map[int16]int, n)
			for _, k := range order {
				m[int16(k)*7] = k
			}
		},
		func() {
			for _, k := range order {
				delete(m, int16(k)*7)
			}
		},
		nil,
	}
}

func wideInt(n int) subject {
	var m map[wide]int
	order := rand.New(rand.NewSource(1)).Perm(n)
	return subject{
		func() {
			m = make(map[wide]int, n)
			for _, k := range order {
				m[wide{uint64(k), 1, 2}] = k
			}
		},
		func() {
			for _, k := range order {
				delete(m, wide{uint64(k), 1, 2})
			}
		},
		nil,
	}
}

func anyInt(n int) subject {
	var m map[any]int
	order := rand.New(rand.NewSource(1)).Perm(n)
	keys := make([]any, n)
	for i, k := range order {
		keys[i] = k
	}
	return subject{
		func() {
			m = make(map[any]int, n)
			for i, k := range keys {
				m[k] = i
			}
		},
		func() {
			for _, k := range keys {
				delete(m, k)
			}
		},
		nil,
	}
}

// least is the shortest time of f for one of n, in ns, over some rounds.
func least(rounds, n int, prepare, f func()) float64 {
	best := time.Duration(1 << 62)
	for i := 0; i < rounds; i++ {
		prepare()
		start := time.Now()
		f()
		if d := time.Since(start); d < best {
			best = d
		}
	}
	return float64(best.Nanoseconds()) / float64(n)
}

type hook interface{ before(k uint64) }

type counting struct{ n int64 }

func (c *counting) before(uint64) { atomic.AddInt64(&c.n, 1) }

// crowd lets goroutines delete their own keys from one map under a mutex, and
// returns the time for one delete and the 99th percentile of single calls.
func crowd(goroutines, each int, timed bool, del func(mu *sync.Mutex, m map[uint64]int, ks []uint64, note func(time.Time))) (ns, p99 float64, cycles uint32) {
	m := make(map[uint64]int, goroutines*each)
	for k := 0; k < goroutines*each; k++ {
		m[uint64(k)] = k
	}
	runtime.GC()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var before, after runtime.MemStats
	took := make([][]time.Duration, goroutines)
	gate := make(chan bool)
	for g := 0; g < goroutines; g++ {
		ks := make([]uint64, each)
		for i := range ks {
			ks[i] = uint64(g*each + i)
		}
		took[g] = make([]time.Duration, 0, each)
		wg.Add(1)
		go func(g int, ks []uint64) {
			defer wg.Done()
			<-gate
			note := func(time.Time) {}
			if timed {
				note = func(start time.Time) { took[g] = append(took[g], time.Since(start)) }
			}
			del(&mu, m, ks, note)
		}(g, ks)
	}
	runtime.ReadMemStats(&before)
	start := time.Now()
	close(gate)
	wg.Wait()
	ns = float64(time.Since(start).Nanoseconds()) / float64(goroutines*each)
	runtime.ReadMemStats(&after)
	var all []time.Duration
	for _, t := range took {
		all = append(all, t...)
	}
	if len(all) > 0 {
		sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
		p99 = float64(all[len(all)*99/100].Nanoseconds())
	}
	return ns, p99, after.NumGC - before.NumGC
}

func main() {
	small := flag.Bool("small", false, "be quick")
	flag.Parse()
	many, rounds, manyRounds := 1_000_000, 2000, 3
	if *small {
		many, rounds, manyRounds = 50_000, 500, 7
	}
	out := map[string]float64{}
	kinds := []struct {
		name string
		of   func(n int) subject
	}{
		{"uint64→int", uint64Int},
		{"uint64→any", uint64Any},
		{"string→int", stringInt},
		{"int16→int", int16Int},
		{"24 B→int", wideInt},
		{"any→int", anyInt},
	}
	for _, size := range []struct {
		name      string
		n, rounds int
		kinds     int
	}{{"512 ", 512, rounds, len(kinds)}, {"1M ", many, manyRounds, 3}} {
		var subjects []subject
		for _, k := range kinds[:size.kinds] {
			subjects = append(subjects, k.of(size.n))
		}
		best, absent := make([]float64, len(subjects)), 1e18
		// A round is one of each kind, so that a busy moment of the machine
		// falls on all of them.
		for round := 0; round < size.rounds; round++ {
			for i, s := range subjects {
				if ns := least(1, size.n, s.fill, s.delete); round == 0 || ns < best[i] {
					best[i] = ns
				}
			}
			if ns := least(1, size.n, subjects[0].fill, subjects[0].absent); ns < absent {
				absent = ns
			}
		}
		out[size.name+"ns"] = best[0]
		out[size.name+"absent"] = absent / best[0]
		for i := 1; i < len(subjects); i++ {
			out[size.name+kinds[i].name] = best[i] / best[0]
		}
	}

	var h atomic.Value
	h.Store(hook(&counting{}))
	m := map[uint64]int{}
	refill := func() {
		for k := uint64(0); k < 512; k++ {
			m[k] = 1
		}
	}
	native, hooked := 1e18, 1e18
	for round := 0; round < rounds; round++ {
		if ns := least(1, 512, refill, func() {
			for k := uint64(0); k < 512; k++ {
				delete(m, k)
			}
		}); ns < native {
			native = ns
		}
		if ns := least(1, 512, refill, func() {
			for k := uint64(0); k < 512; k++ {
				h.Load().(hook).before(k)
				delete(m, k)
			}
		}); ns < hooked {
			hooked = ns
		}
	}
	out["hooked"] = hooked / native

	plain := func(mu *sync.Mutex, m map[uint64]int, ks []uint64, note func(time.Time)) {
		for _, k := range ks {
			start := time.Now()
			mu.Lock()
			delete(m, k)
			mu.Unlock()
			note(start)
		}
	}
	withHook := func(mu *sync.Mutex, m map[uint64]int, ks []uint64, note func(time.Time)) {
		for _, k := range ks {
			start := time.Now()
			h.Load().(hook).before(k)
			mu.Lock()
			delete(m, k)
			mu.Unlock()
			note(start)
		}
	}
	batched := func(mu *sync.Mutex, m map[uint64]int, ks []uint64, note func(time.Time)) {
		var batch []uint64
		for i, k := range ks {
			start := time.Now()
			if batch = append(batch, k); len(batch) == 64 || i == len(ks)-1 {
				mu.Lock()
				for _, k := range batch {
					delete(m, k)
				}
				mu.Unlock()
				batch = batch[:0]
			}
			note(start)
		}
	}
	const goroutines, each = 512, 2000
	ways := []struct {
		name string
		del  func(*sync.Mutex, map[uint64]int, []uint64, func(time.Time))
	}{{"native", plain}, {"hooked", withHook}, {"batched", batched}}
	times, tails := map[string]float64{}, map[string]float64{}
	for round := 0; round < 3; round++ {
		for _, w := range ways {
			ns, _, cycles := crowd(goroutines, each, false, w.del)
			out["cycles"] += float64(cycles)
			if round == 0 || ns < times[w.name] {
				times[w.name] = ns
			}
			if *small {
				continue // no tails
			}
			_, p99, _ := crowd(goroutines, each, true, w.del)
			if round == 0 || p99 < tails[w.name] {
				tails[w.name] = p99
			}
		}
	}
	for _, w := range ways[1:] {
		out["crowd "+w.name] = times[w.name] / times["native"]
		if !*small {
			out["crowd "+w.name+" P99"] = tails[w.name] / tails["native"]
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(b))
}
