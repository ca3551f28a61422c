package export_test

import (
	"bytes"
	"slices"
	"testing"

	"deltui/internal/export"
	"deltui/internal/trace/tracetest"
)

// BenchmarkPage exports a page of 1 000 ops, and tells its size.
func BenchmarkPage(b *testing.B) {
	tl := tracetest.New(b, tracetest.Options{Ops: 1000})
	var buf bytes.Buffer
	for b.Loop() {
		buf.Reset()
		if _, err := export.Write(b.Context(), &buf, tl, export.Page); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(buf.Len()), "page-bytes")
}

// BenchmarkPaint opens that page in Chromium: milliseconds from the beginning of the
// navigation to the first paint that has content, the median and the slowest.
func BenchmarkPaint(b *testing.B) {
	br := newBrowser(b, 1400, 900)
	tl := tracetest.New(b, tracetest.Options{Ops: 1000})
	var paints []float64
	for b.Loop() {
		br.open(tl, "")
		var ms float64
		br.eval(`new Promise(done => new PerformanceObserver(l => {
			const p = l.getEntries().find(e => e.name === "first-contentful-paint");
			if (p) done(p.startTime);
		}).observe({type: "paint", buffered: true}))`, &ms)
		paints = append(paints, ms)
	}
	slices.Sort(paints)
	b.ReportMetric(paints[len(paints)/2], "paint-ms")
	b.ReportMetric(paints[len(paints)-1], "slowest-ms")
}
