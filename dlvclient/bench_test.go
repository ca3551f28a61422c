package dlvclient_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"deltui/dlvclient"
	"deltui/internal/procfs"
)

// BenchmarkStop is a stop and what nearly every one is for: the registers, the
// stack and 64 bytes.
func BenchmarkStop(b *testing.B) {
	for _, via := range []dlvclient.Via{dlvclient.Direct, dlvclient.RPC} {
		b.Run(via.String(), func(b *testing.B) {
			p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: build(b), Args: []string{"forever"}, Via: via})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Kill()
			if err := p.SetBreakpoint(afterPrologue(b, p, "main.deep")); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s, err := p.Continue(context.Background())
				if err != nil || len(s.Hits) != 1 {
					b.Fatal(s, err)
				}
				var buf [64]byte
				if err := p.ReadMemory(buf[:], s.Hits[0].SP()); err != nil {
					b.Fatal(err)
				}
				if _, err := p.Stack(s.Hits[0], 16); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// cpu is the processor time that this process has taken.
func cpu() time.Duration {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkThreads is a stop of a process with many threads: Delve stops, reads
// and resumes each of them by itself.
func BenchmarkThreads(b *testing.B) {
	for _, n := range []int{10, 100, 300} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: build(b), Args: []string{"threads", strconv.Itoa(n)}})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			if err := p.SetBreakpoint(lookUp(b, p, "main.hit")); err != nil {
				b.Fatal(err)
			}
			step := func() {
				if s, err := p.Continue(context.Background()); err != nil || len(s.Hits) == 0 {
					b.Fatal(s, err)
				}
			}
			step() // the threads are there
			before := cpu()
			for b.Loop() {
				step()
			}
			per := float64(b.N * len(procfs.Threads(p.Pid())))
			b.ReportMetric(float64(b.Elapsed().Microseconds())/per, "µs/thread")
			b.ReportMetric(float64((cpu()-before).Microseconds())/per, "cpu-µs/thread")
		})
	}
}
