//go:build unix

package auditlog

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"deltui.example/hookdemo/audit"
)

// BenchmarkHook prints what each hook costs beside the builtin, for one delete
// and the assign that makes it possible, in CPU time of the process: what the
// log's own goroutine takes is in it, what other processes take is not. Medians
// of rounds in random order, with the least and the greatest; a ratio is to the
// builtin of the same round.
func BenchmarkHook(b *testing.B) {
	const rounds, size = 11, 1000
	log := func(o Options) func() (audit.Hook, func()) {
		return func() (audit.Hook, func()) {
			o.Writer = io.Discard
			l, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			return l, func() { _ = l.Close(context.Background()) }
		}
	}
	fixed := func(h audit.Hook) func() (audit.Hook, func()) {
		return func() (audit.Hook, func()) { return h, func() {} }
	}
	type hook struct {
		name         string
		ops          int
		make         func() (audit.Hook, func())
		ns, ratio    []float64
		bytes, count float64 // of the last round
	}
	hooks := []*hook{
		{name: "none: the builtin", ops: 1000000},
		{name: "NoOp", ops: 1000000, make: fixed(audit.NoOp)},
		{name: "Cascade that does nothing", ops: 200000, make: fixed(audit.Cascade("c", func(*audit.Op) error { return nil }))},
		{name: "AuditLog, sampled (1 in 10 here)", ops: 50000, make: log(Options{Sampler: &Sampler{}})},
		{name: "AuditLog, all, Drop", ops: 20000, make: log(Options{Full: Drop})},
		{name: "AuditLog, all, Block", ops: 20000, make: log(Options{})},
	}
	m := map[uint64]int{}
	for i := range uint64(size) {
		m[i] = 1
	}
	measure := func(h *hook) float64 {
		del := func() { delete(m, 5) }
		if h.make != nil {
			hook, end := h.make()
			defer end()
			defer audit.Set(audit.Set(hook))
			del = func() { _ = audit.Delete(m, 5) }
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		t := cpuTime(b)
		for range h.ops {
			m[5] = 1
			del()
		}
		ns := float64(cpuTime(b)-t) / float64(h.ops)
		runtime.ReadMemStats(&after)
		h.bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(h.ops)
		h.count = float64(after.Mallocs-before.Mallocs) / float64(h.ops)
		return ns
	}
	for range b.N {
		for _, h := range hooks {
			h.ns, h.ratio = nil, nil
		}
		for range rounds {
			took := map[*hook]float64{}
			order := slices.Clone(hooks)
			rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, h := range order {
				took[h] = measure(h)
			}
			for _, h := range hooks {
				h.ns = append(h.ns, took[h])
				h.ratio = append(h.ratio, took[h]/took[hooks[0]])
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n| hook | CPU ns/op | beside the builtin | B/op | allocs/op |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, h := range hooks {
		fmt.Fprintf(&out, "| %s | %s | %s | %.0f | %.0f |\n", h.name, spread(h.ns, 0), spread(h.ratio, 2), h.bytes, h.count)
	}
	b.Log(out.String())
	b.ReportMetric(0, "ns/op") // the table says it
}

// spread is a median with the least and the greatest; of large values whole
// numbers are told, of small ones so many digits.
func spread(vs []float64, digits int) string {
	slices.Sort(vs)
	text := func(v float64) string {
		if v >= 10 {
			return fmt.Sprintf("%.0f", v)
		}
		return fmt.Sprintf("%.*f", digits, v)
	}
	least, median, most := text(vs[0]), text(vs[len(vs)/2]), text(vs[len(vs)-1])
	if least == most {
		return median
	}
	return fmt.Sprintf("%s (%s–%s)", median, least, most)
}

// cpuTime is what the process has used, in nanoseconds.
func cpuTime(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
