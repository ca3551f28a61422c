package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

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
			if r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.P999 || r.P999 > r.Max+r.Max/50 {
				t.Errorf("latencies out of order: %+v", r)
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

// TestBench runs ways in processes; one cannot be run here and says so.
func TestBench(t *testing.T) {
	b := &Bench{Config: small, Ways: []string{"builtin", "intercept", "audit-full"}, Self: []string{os.Args[0], "bench-child"}}
	b.Config.Dir = t.TempDir()
	rs, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(rs) != 3 || rs[0].Ops != 3000 || rs[2].Records != 3001 || !strings.Contains(rs[1].Skipped, "--src") || rs[1].Ops != 0 {
		t.Errorf("%+v", rs)
	}
	if left, _ := os.ReadDir(b.Config.Dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	var table, svg bytes.Buffer
	if err := WriteTable(&table, b.Config, rs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"16 goroutines, 3000 ops", "builtin", "audit-full", "intercept was not run: "} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}
	if err := WriteSVG(&svg, b.Config, rs); err != nil {
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
	if bars != 1+2*4 { // the background, and four for each way that ran
		t.Errorf("%d rectangles", bars)
	}
}

func TestBenchRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*Bench)
		want   string
	}{
		{func(b *Bench) { b.Config.Ops = 0 }, "0 ops"},
		{func(b *Bench) { b.Config.Fill = -1 }, "-1 entries"},
		{func(b *Bench) { b.Ways = []string{"magic"} }, `no way "magic"`},
		{func(b *Bench) { b.Self = []string{"/nonexistent"} }, "bench builtin"},
	} {
		b := &Bench{Config: small, Ways: []string{"builtin"}, Self: []string{os.Args[0], "bench-child"}}
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
