package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"deltui.example/hookdemo/audit"
)

// TestMain is also the process of a way.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "bench-child" {
		if err := Child(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var small = Config{Goroutines: 16, Ops: 3000, Fill: 100, Shards: 4, Batch: 7, Seed: 1}

// TestWays: each way deletes what it is told to, and records what it promises.
func TestWays(t *testing.T) {
	defer audit.Set(nil)
	for _, name := range Ways {
		t.Run(name, func(t *testing.T) {
			c := small
			c.Dir = t.TempDir()
			in, err := json.Marshal(order{Way: name, Config: c, Dir: c.Dir})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := Child(context.Background(), bytes.NewReader(in), &out); err != nil {
				t.Fatal(err)
			}
			r := result(t, &out)
			if r.Way != name || r.Ops != 3000 || r.Left != 0 || r.Seconds <= 0 {
				t.Errorf("%+v", r)
			}
			for _, q := range []Quantiles{r.Call, r.Wait, r.Delete} {
				if q.P50 <= 0 && q != r.Wait || q.P50 > q.P99 || q.P99 > q.P999 || q.P999 > q.Max+q.Max/50 {
					t.Errorf("latencies out of order: %+v", r)
				}
			}
			if r.Intended != (Quantiles{}) || r.Rate != 0 || r.CPUs <= 0 || r.End < 0 || r.Clock < 0 {
				t.Errorf("%+v", r)
			}
			pending := 0
			if name == "batch" { // 3000 ops of 16 goroutines, in sevens
				for g := range small.Goroutines {
					n := small.Ops / small.Goroutines
					if g < small.Ops%small.Goroutines {
						n++
					}
					pending += n % small.Batch
				}
			}
			if r.Pending != pending {
				t.Errorf("%d keys were still there when the last call had returned, want %d", r.Pending, pending)
			}
			switch name {
			case "audit-full":
				if r.Records != 3001 { // with the log's end
					t.Errorf("%d records of 3000 deletes", r.Records)
				}
			case "audit-sampled":
				// 500 before the sampler knows, and a tenth of the rest; a machine
				// that does not do 500 a second is not busy.
				if r.Records < 501 || r.Records > 2500 && r.Seconds < 3 {
					t.Errorf("%d records of 3000 deletes", r.Records)
				}
			default:
				if r.Records != 0 {
					t.Errorf("%d records", r.Records)
				}
			}
		})
	}
}

func result(t *testing.T, out io.Reader) Result {
	t.Helper()
	var last line
	dec := json.NewDecoder(out)
	for dec.More() {
		if err := dec.Decode(&last); err != nil {
			t.Fatal(err)
		}
	}
	if last.Result == nil {
		t.Fatal("no result")
	}
	return *last.Result
}

// TestBench runs ways in processes, under both loops; one cannot be run here and
// says so.
func TestBench(t *testing.T) {
	b := &Bench{
		Config: small, Ways: []string{"builtin", "intercept", "audit-full"}, Self: []string{os.Args[0], "bench-child"},
		Rates: []float64{0, 10000}, Rounds: 3,
	}
	b.Config.Dir, b.Config.Seconds = t.TempDir(), 0.02
	rs, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(b.Config.Dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	report := Report{Config: b.Config, Rates: b.Rates, CPUs: 2, System: "linux/amd64", Runs: rs}
	rows, skipped := report.Rows()
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprintf("%s %s %d runs of %d, %d", row.Config.Loop(), row.Way, len(row.Runs), row.Runs[0].Ops, row.Runs[0].Records))
		if open := row.Config.Rate > 0; open != (row.Runs[0].Intended.P50 > 0) {
			t.Errorf("%s: since intended %+v", row.Config.Loop(), row.Runs[0].Intended)
		}
	}
	want := "closed builtin 3 runs of 3000, 0; closed audit-full 3 runs of 3000, 3001; " +
		"open, 10000/s builtin 3 runs of 200, 0; open, 10000/s audit-full 3 runs of 200, 201"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("rows %s", s)
	}
	if len(skipped) != 2 || !strings.Contains(skipped[0].Skipped, "--src") {
		t.Errorf("skipped %+v", skipped)
	}
	var order []string
	for _, r := range rs {
		if r.Skipped == "" {
			order = append(order, fmt.Sprint(r.Way, r.Rate))
		}
	}
	if first := strings.Join(order[:4], " "); first == strings.Join(order[4:8], " ") && first == strings.Join(order[8:], " ") {
		t.Errorf("each round has the same order: %s", first)
	}

	var table, svg bytes.Buffer
	if err := WriteTable(&table, report); err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(table.String()), " ")
	for _, want := range []string{"16 goroutines, ", "medians of 3 runs of each,", "| closed | builtin |", "| open, 10000/s | audit-full |", "intercept was not run: "} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}
	if err := WriteSVG(&svg, report); err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(&svg)
	bars := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 1+4*4 { // the background, and four for each row
		t.Errorf("%d rectangles", bars)
	}
}

// stalls is a way whose first delete takes 200 ms, under the lock.
type stalls struct {
	*shards
	once sync.Once
}

func newStalls(c Config) *stalls {
	s := &stalls{}
	s.shards = newShards(1, c, func(m map[uint64]int, k uint64) {
		s.once.Do(func() { time.Sleep(200 * time.Millisecond) })
		delete(m, k)
	})
	return s
}

// TestOpenLoop: what a stall does to the calls that ought to have been made
// meanwhile is in the open loop's latencies from the intended start, and in no
// latency of the closed loop (coordinated omission).
func TestOpenLoop(t *testing.T) {
	c := small
	c.Goroutines, c.Ops, c.Seconds = 1, 300, 0.3
	closed, err := run(context.Background(), "stalls", c, newStalls(c), func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	c.Rate = 1000
	open, err := run(context.Background(), "stalls", c, newStalls(c), func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	const stall = int64(190 * time.Millisecond)
	for _, r := range []Result{closed, open} {
		if r.Ops != 300 || r.Call.Max < stall || r.Delete.Max < stall || r.Call.P50 > stall/10 {
			t.Errorf("%d calls: %+v", r.Ops, r.Call)
		}
	}
	if open.Intended.P50 < stall/10 || open.Intended.Max < stall || closed.Intended.Max != 0 {
		t.Errorf("since intended: open %+v, closed %+v", open.Intended, closed.Intended)
	}
}

// TestProgressEnds: progress is not called any more when the result is there.
func TestProgressEnds(t *testing.T) {
	c := small
	c.Goroutines, c.Ops = 1, 11
	called, returned := 0, false // the race detector minds them
	w := newShards(1, c, func(m map[uint64]int, k uint64) { time.Sleep(20 * time.Millisecond) })
	_, err := run(context.Background(), "slow", c, w, func(int64) {
		called++
		time.Sleep(50 * time.Millisecond)
		if returned {
			t.Error("progress after the result")
		}
	})
	returned = true
	if err != nil || called == 0 {
		t.Errorf("%v, progress was called %d times", err, called)
	}
}

// TestParts: waiting for the lock is told from what is done under it.
func TestParts(t *testing.T) {
	c := small
	c.Goroutines, c.Ops = 8, 8
	const takes = 20 * time.Millisecond
	w := newShards(1, c, func(m map[uint64]int, k uint64) { time.Sleep(takes) })
	r, err := run(context.Background(), "slow", c, w, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Delete.P50 < int64(takes) || r.Wait.Max < 3*int64(takes) || r.Call.Max < 4*int64(takes) || r.Wait.P50 > r.Call.P50 {
		t.Errorf("8 deletes of %v one after another: call %+v, lock %+v, delete %+v", takes, r.Call, r.Wait, r.Delete)
	}
}

func TestSpread(t *testing.T) {
	var rs []Result
	for _, v := range []int64{5, 1, 9, 3} {
		rs = append(rs, Result{Records: v})
	}
	for n, want := range map[int]string{4: "3 (1–9)", 3: "5 (1–9)", 1: "5"} {
		if got := count(spread(rs[:n], func(r Result) int64 { return r.Records })); got != want {
			t.Errorf("of %d: %s, want %s", n, got, want)
		}
	}
}

func TestBenchRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*Bench)
		want   string
	}{
		{func(b *Bench) { b.Config.Ops = 0 }, "0 ops"},
		{func(b *Bench) { b.Rounds = 0 }, "0 rounds"},
		{func(b *Bench) { b.Rates = []float64{-1} }, "-1 deletes a second"},
		{func(b *Bench) { b.Rates, b.Config.Seconds = []float64{1}, 0.5 }, "0 ops"},
		{func(b *Bench) { b.Config.Fill = -1 }, "-1 entries"},
		{func(b *Bench) { b.Ways = []string{"magic"} }, `no way "magic"`},
		{func(b *Bench) { b.Self = []string{"/nonexistent"} }, "bench builtin"},
	} {
		b := &Bench{Config: small, Ways: []string{"builtin"}, Self: []string{os.Args[0], "bench-child"}, Rounds: 1}
		b.Config.Dir = t.TempDir()
		c.change(b)
		if _, err := b.Run(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w, _ := newWay("builtin", small)
	c := small
	c.Ops = 1 << 20
	if _, err := run(ctx, "builtin", c, w, func(int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestDur(t *testing.T) {
	for ns, want := range map[int64]string{7: "7 ns", 999: "999 ns", 1000: "1.00 µs", 12345: "12.3 µs", 123456: "123 µs", 18_700_000: "18.7 ms", 2_000_000_000: "2.00 s"} {
		if got := dur(ns); got != want {
			t.Errorf("dur(%d) = %s, want %s", ns, got, want)
		}
	}
}

// TestBeside: a run is held against the builtin's of the same round.
func TestBeside(t *testing.T) {
	runs := func(way string, cpus ...float64) Row {
		row := Row{Way: way}
		for _, c := range cpus {
			row.Runs = append(row.Runs, Result{Way: way, Ops: 1e9, Seconds: 1, CPUs: c})
		}
		return row
	}
	rows := []Row{runs("builtin", 1, 10, 100), runs("batch", 20, 15, 110), runs("sharded", 1, 2)}
	for i, want := range []string{"1.00", "1.50 (1.10–20)", ""} {
		if got := rows[i].beside(rows); got != want {
			t.Errorf("%s: %q, want %q", rows[i].Way, got, want)
		}
	}
}

func TestRate(t *testing.T) {
	for v, want := range map[float64]string{12: "12", 1234: "1.23 k", 12345: "12.3 k", 123456: "123 k", 1234567: "1.23 M"} {
		if got := rate(v); got != want {
			t.Errorf("rate(%g) = %s, want %s", v, got, want)
		}
	}
}

var update = flag.Bool("update", false, "write the README's table and the chart anew from results.json")

// TestReadme: the README's table and the chart are made from the stored runs.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("results.json")
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	rows, skipped := r.Rows()
	if len(rows) != 2*len(Ways) || len(skipped) != 0 {
		t.Fatalf("%d rows, %d ways skipped: results.json is to have all ways under both loops", len(rows), len(skipped))
	}
	for _, row := range rows {
		if len(row.Runs) < 5 {
			t.Errorf("%s %s: %d runs", row.Config.Loop(), row.Way, len(row.Runs))
		}
	}
	var table, svg bytes.Buffer
	if err := WriteTable(&table, r); err != nil {
		t.Fatal(err)
	}
	if err := WriteSVG(&svg, r); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- load: made from bench/results.json -->\n", "<!-- /load -->"
	head, rest, ok := strings.Cut(string(readme), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no place for the table: %q … %q", begin, end)
	}
	for file, want := range map[string]string{"../README.md": head + begin + table.String() + end + tail, "load.svg": svg.String()} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is not what bench/results.json gives: go test ./hookdemo/bench -run Readme -update (%v)", file, err)
		}
	}
}
