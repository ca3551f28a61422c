package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"deltui/dlvclient"
	"deltui/internal/testenv"
)

// The target deletes from a map of as many entries as it is told, with keys of a
// kind.
const sized = `
-- go.mod --
module sized

go 1.18
-- main.go --
package main

import (
	"fmt"
	"os"
	"strconv"
)

//go:noinline
func evict(m map[uint64]int, k uint64) { delete(m, k) }

//go:noinline
func forget(m map[string]string, k string) { delete(m, k) }

func main() {
	entries, _ := strconv.Atoi(os.Args[2])
	n, _ := strconv.Atoi(os.Args[3])
	if os.Args[1] == "uint64" {
		m := make(map[uint64]int)
		for i := 0; i < entries; i++ {
			m[uint64(i)] = i
		}
		for i := 0; i < n; i++ {
			k := uint64(i * 7919 % entries)
			evict(m, k)
			m[k] = i
		}
		return
	}
	m := make(map[string]string)
	name := func(i int) string { return fmt.Sprintf("user-%08d", i) }
	for i := 0; i < entries; i++ {
		m[name(i)] = name(i)
	}
	for i := 0; i < n; i++ {
		k := name(i * 7919 % entries)
		forget(m, k)
		m[k] = k
	}
}
`

var stats = regexp.MustCompile(`stats: ops=(\d+) stops=(\d+) bytes=(\d+) seconds=[\d.]+ ops_per_s=([\d.]+)`)

// BenchmarkMapSize tells what a delete costs by the size of its map and the kind
// of its keys: stops and bytes read an op, by deltui's own count, and the rate
// against that of a map of a hundred entries in the same round. Last, how much of
// the rate is stopping: stops a second while ops are told, over the stops a
// second of a breakpoint where nothing is read (goal: 0.6).
func BenchmarkMapSize(b *testing.B) {
	deltui, _, _ := tools(b)
	prog := testenv.Local.Build(b, testenv.Unpack(b, []byte(sized)))
	const deletes = 1000
	sizes := []int{100, 1000, 10_000, 100_000, 1_000_000}
	for _, kind := range []string{"uint64", "string"} {
		stops, read, rates, share := make([][]float64, len(sizes)), make([][]float64, len(sizes)), make([][]float64, len(sizes)), make([][]float64, len(sizes))
		for range rounds {
			bare := bareStops(b, prog, kind, deletes)
			base := 0.0
			for i, n := range sizes {
				cmd := exec.Command(deltui, "trace", "--json", "--stats", "--stack", "8", prog, "--", kind, strconv.Itoa(n), strconv.Itoa(deletes))
				var out bytes.Buffer
				cmd.Stderr = &out
				if err := cmd.Run(); err != nil {
					b.Fatalf("%v\n%s", err, out.Bytes())
				}
				f := stats.FindStringSubmatch(out.String())
				if f == nil || f[1] != strconv.Itoa(deletes) {
					b.Fatalf("deltui says %q", out.String())
				}
				number := func(i int) float64 { v, _ := strconv.ParseFloat(f[i], 64); return v }
				rate := number(4)
				if base == 0 {
					base = rate
				}
				stops[i] = append(stops[i], number(2)/deletes)
				read[i] = append(read[i], number(3)/deletes)
				rates[i] = append(rates[i], rate/base)
				share[i] = append(share[i], rate*number(2)/deletes/bare)
			}
		}
		table("a delete from a map[…] with "+kind+" keys", "min", "median", "max")
		for i, n := range sizes {
			row(fmt.Sprintf("%d entries: stops", n), "%.2f", stops[i])
			row(fmt.Sprintf("%d entries: bytes read", n), "%.0f", read[i])
			row(fmt.Sprintf("%d entries: rate against 100 entries", n), "%.2f", rates[i])
			row(fmt.Sprintf("%d entries: stops/s against bare ones", n), "%.2f", share[i])
		}
		b.ReportMetric(median(read[4])/median(read[1]), kind+"-bytes-1M/1k")
		b.ReportMetric(median(stops[4])/median(stops[1]), kind+"-stops-1M/1k")
	}
	b.ReportMetric(0, "ns/op")
}

// bareStops is how often a second a target stops at a breakpoint and goes on,
// with nothing read, sharing a CPU with us as deltui trace does.
func bareStops(b *testing.B, prog, kind string, n int) float64 {
	b.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: prog, Args: []string{kind, "100", strconv.Itoa(n)}, Stdout: null, Stderr: null})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = p.Kill() }()
	fn := map[string]string{"uint64": "main.evict", "string": "main.forget"}[kind]
	addr, err := p.Symbol(fn)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.SetBreakpoint(addr); err != nil {
		b.Fatal(err)
	}
	stops := 0
	var began time.Time
	for {
		s, err := p.Continue(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if s.Reason == dlvclient.Exited {
			break
		}
		if stops++; stops == n/10 {
			p.Tighten()
			began = time.Now()
		}
	}
	return float64(stops-n/10) / time.Since(began).Seconds()
}
