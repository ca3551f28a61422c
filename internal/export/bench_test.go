package export_test

import (
	"bytes"
	"slices"
	"testing"

	"deltui/internal/export"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// BenchmarkPage exports a page of 1 000 ops, and tells its size.
func BenchmarkPage(b *testing.B) {
	tl := tracetest.New(b, tracetest.Options{Ops: 1000})
	var buf bytes.Buffer
	for b.Loop() {
		buf.Reset()
		if _, err := export.Write(b.Context(), &buf, tl, export.Page, export.At{Seq: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(buf.Len()), "page-bytes")
}

// BenchmarkPaint opens that page in Chromium, and in turn one of a single op:
// milliseconds from the beginning of the navigation to the first paint that has
// content, the medians and the slowest. What the browser itself needs is in both.
func BenchmarkPaint(b *testing.B) {
	br := newBrowser(b, 1400, 900)
	tl, peer := tracetest.New(b, tracetest.Options{Ops: 1000}), tracetest.New(b, tracetest.Options{Ops: 1})
	var paints, peers []float64
	for b.Loop() {
		paints, peers = append(paints, br.paint(tl)), append(peers, br.paint(peer))
	}
	slices.Sort(paints)
	slices.Sort(peers)
	b.ReportMetric(paints[len(paints)/2], "paint-ms")
	b.ReportMetric(paints[len(paints)-1], "slowest-ms")
	b.ReportMetric(peers[len(peers)/2], "one-op-ms")
}

func (b *browser) paint(tl trace.Timeline) float64 {
	b.open(tl, "")
	var ms float64
	b.eval(`new Promise(done => new PerformanceObserver(l => {
		const p = l.getEntries().find(e => e.name === "first-contentful-paint");
		if (p) done(p.startTime);
	}).observe({type: "paint", buffered: true}))`, &ms)
	return ms
}
