package file_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// timed measures what the sink costs, without what makes up the ops.
type timed struct {
	trace.Sink
	spent time.Duration
	worst time.Duration
}

func (s *timed) add(start time.Time) {
	d := time.Since(start)
	s.spent += d
	s.worst = max(s.worst, d)
}

func (s *timed) Begin(op trace.Op) (trace.OpID, error) {
	defer s.add(time.Now())
	return s.Sink.Begin(op)
}

func (s *timed) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	defer s.add(time.Now())
	return s.Sink.Read(m, mapID, root, rs)
}

func (s *timed) End(id trace.OpID, e trace.Ending) error {
	defer s.add(time.Now())
	return s.Sink.End(id, e)
}

// BenchmarkAppend is the cost of one delete on a map of about 2 KB: before,
// after, a stack of 8 frames, and the summary.
func BenchmarkAppend(b *testing.B) {
	f, err := file.Create("")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	ops := &collect{}
	if err := tracetest.Fill(ops, tracetest.Options{Ops: 500, Keys: 60, Layouts: []gomap.LayoutKind{gomap.Swiss}}); err != nil {
		b.Fatal(err)
	}
	s := f.Sink()
	id, err := s.Layout(tracetest.SwissLayout())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := &ops.ops[i%len(ops.ops)]
		c.op.Map.Layout = id
		id, err := s.Begin(c.op)
		if err == nil {
			err = s.Read(trace.Moment{Op: id}, 0, c.op.Map.Addr, c.reads[0])
		}
		if err == nil {
			err = s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, c.op.Map.Addr, c.reads[1])
		}
		if err == nil {
			err = s.End(id, trace.Ending{Outcome: trace.Returned})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// collect keeps ops as a sink is handed them.
type collect struct {
	trace.Sink
	ops []collected
}

type collected struct {
	op    trace.Op
	reads [][]trace.Region
}

func (c *collect) Info(trace.Info) error                        { return nil }
func (c *collect) Layout(*gomap.Layout) (trace.LayoutID, error) { return 1, nil }
func (c *collect) Source(string, int, []string) error           { return nil }
func (c *collect) Output(int, []byte) error                     { return nil }
func (c *collect) Fate(trace.Fate) error                        { return nil }
func (c *collect) Usage(trace.Usage) error                      { return nil }
func (c *collect) End(trace.OpID, trace.Ending) error           { return nil }

func (c *collect) Begin(op trace.Op) (trace.OpID, error) {
	c.ops = append(c.ops, collected{op: op})
	return trace.OpID(len(c.ops)), nil
}

func (c *collect) Read(_ trace.Moment, _ int, _ uint64, rs []trace.Region) error {
	o := &c.ops[len(c.ops)-1]
	o.reads = append(o.reads, rs)
	return nil
}

// BenchmarkScale writes sessions of up to a million ops on 100 maps of about
// 2 KB, and prints what they cost. It measures for itself: run it with
// -benchtime 1x. With -short it stops at 100 000 ops.
func BenchmarkScale(b *testing.B) {
	sizes := []int{1e4, 1e5, 1e6}
	if testing.Short() {
		sizes = sizes[:2]
	}
	fmt.Printf("\n%9s %9s %9s %9s %8s %9s %9s %9s %9s %9s %9s\n",
		"ops", "append", "worst", "heap", "file", "per op", "open", "seek p50", "seek p95", "find key", "find none")
	for _, n := range sizes {
		scale(b, n)
	}
}

func scale(b *testing.B, n int) {
	path := filepath.Join(b.TempDir(), "x.deltui")
	base := heap()
	f, err := file.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	s := &timed{Sink: f.Sink()}
	layouts := make([]gomap.LayoutKind, 100)
	for i := range layouts {
		layouts[i] = gomap.Swiss
	}
	if err := tracetest.Fill(s, tracetest.Options{Ops: n, Layouts: layouts, Keys: 60}); err != nil {
		b.Fatal(err)
	}
	held := heap() - base
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}

	start := time.Now()
	g, err := file.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	opened := time.Since(start)
	rnd := rand.New(rand.NewPCG(1, 1))
	var seeks []time.Duration
	for range 2000 {
		seq := 1 + rnd.Uint64N(uint64(n))
		start := time.Now()
		op, err := g.Seq(seq)
		if err == nil {
			_, err = moment.Of(g, op)
		}
		if err != nil {
			b.Fatal(err)
		}
		seeks = append(seeks, time.Since(start))
	}
	slices.Sort(seeks)
	find := func(query string) time.Duration {
		q, err := trace.Parse(query)
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		g.Find(q, uint64(g.Len())+1, true)
		return time.Since(start)
	}
	us := func(d time.Duration) string { return fmt.Sprintf("%.1fµs", float64(d)/1e3) }
	fmt.Printf("%9d %9s %9s %7.1fMB %6.1fMB %8.1fB %9s %9s %9s %9s %9s\n",
		n, us(s.spent/time.Duration(n)), s.worst.Round(10*time.Microsecond), float64(held)/1e6, float64(st.Size())/1e6, float64(st.Size())/float64(n),
		opened.Round(100*time.Microsecond), us(seeks[len(seeks)/2]), us(seeks[len(seeks)*95/100]),
		find("key=7000").Round(10*time.Microsecond), find("tombstones>1000000").Round(10*time.Microsecond))
	runtime.KeepAlive(f)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkWriter asks who wrote a control byte, at random ops and cells of a
// session of a million ops on 100 maps, and prints how long the answer takes, in
// milliseconds. Run it with -benchtime 1x; with -short it is 100 000 ops.
func BenchmarkWriter(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	fmt.Printf("\n%9s %6s %9s %9s %9s %9s %9s\n", "ops", "maps", "timeline", "p50", "p95", "p99", "worst")
	for _, maps := range []int{100, 1} {
		path := filepath.Join(b.TempDir(), fmt.Sprint(maps))
		f, err := file.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := tracetest.Fill(f.Sink(), tracetest.Options{Ops: n, Layouts: slices.Repeat([]gomap.LayoutKind{gomap.Swiss}, maps), Keys: 60}); err != nil {
			b.Fatal(err)
		}
		writers(b, "live", f, maps)
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
		g, err := file.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		writers(b, "recording", g, maps)
		g.Close()
	}
}

func writers(b *testing.B, name string, tl *file.File, maps int) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var took []time.Duration
	for len(took) < 1000 {
		op, err := tl.Seq(1 + rnd.Uint64N(uint64(tl.Len())))
		if err != nil {
			b.Fatal(err)
		}
		k, err := moment.At(tl, trace.Moment{Op: op.ID, Phase: trace.After}, 0)
		if err != nil || !k.Shows() {
			b.Fatal(err)
		}
		r := &k.Map.Rows[rnd.IntN(len(k.Map.Rows))]
		spot := moment.Spot{At: k.At, Addr: k.Layout.CtrlAddr(r, rnd.IntN(8))}
		start := time.Now()
		if _, err := moment.WriterOf(tl, spot); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	at := func(percent int) string {
		return fmt.Sprintf("%.2f", float64(took[min(len(took)*percent/100, len(took)-1)])/1e6)
	}
	fmt.Printf("%9d %6d %9s %9s %9s %9s %9s\n", tl.Len(), maps, name, at(50), at(95), at(99), at(100))
}
