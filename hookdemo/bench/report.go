package bench

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// WriteTable writes the results as a table for people.
func WriteTable(w io.Writer, c Config, rs []Result) error {
	fmt.Fprintf(w, "%d goroutines, %d ops, random uint64 keys, %d entries besides\n\n", c.Goroutines, c.Ops, c.Fill)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "way\tops/s\tP50\tP99\tP99.9\tmax\tGC cycles\tGC CPU\tallocs/op\tB/op\trecords\tleft\t")
	for _, r := range rs {
		if r.Skipped != "" {
			continue
		}
		fmt.Fprintf(t, "%s\t%.0f\t%s\t%s\t%s\t%s\t%d\t%.1f %%\t%.2f\t%.0f\t%d\t%d\t\n", r.Way, r.OpsPerSec,
			dur(r.P50), dur(r.P99), dur(r.P999), dur(r.Max), r.GCCycles, 100*r.GCShare, r.Allocs, r.Bytes, r.Records, r.Left)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range rs {
		if r.Skipped != "" {
			if _, err := fmt.Fprintf(w, "%s was not run: %s\n", r.Way, r.Skipped); err != nil {
				return err
			}
		}
	}
	return nil
}

// dur has three digits.
func dur(ns int64) string {
	d := time.Duration(ns)
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			v := float64(d) / float64(unit)
			prec := max(0, 2-int(math.Log10(v)))
			return fmt.Sprintf("%.*f %s", prec, v, map[time.Duration]string{time.Second: "s", time.Millisecond: "ms", time.Microsecond: "µs"}[unit])
		}
	}
	return fmt.Sprintf("%d ns", ns)
}

// WriteSVG draws throughput and latencies, on logarithmic scales.
func WriteSVG(w io.Writer, c Config, rs []Result) error {
	const left, width, row = 110.0, 300.0, 44
	type bar struct {
		X, Y, W float64
		Class   string
		Text    string
		TX, TY  float64
	}
	type label struct {
		Y    int
		Text string
	}
	var d struct {
		W, H, Foot int
		Title      string
		Labels     []label
		Bars       []bar
	}
	lo, hi, top := math.Inf(1), 0.0, 0.0
	n := 0
	for _, r := range rs {
		if r.Skipped == "" {
			lo, hi, top = min(lo, float64(r.P50)), max(hi, float64(r.P999)), max(top, r.OpsPerSec)
			n++
		}
	}
	if n == 0 {
		return fmt.Errorf("bench: no results to draw")
	}
	lo = max(lo/2, 1)
	base := top
	for _, r := range rs {
		if r.Skipped == "" {
			base = min(base, r.OpsPerSec)
		}
	}
	base /= 2
	scale := func(v, from, to float64) float64 {
		return width * math.Log(max(v, from)/from) / math.Log(to/from)
	}
	d.Title = fmt.Sprintf("%d goroutines, %d deletes of random uint64 keys", c.Goroutines, c.Ops)
	y := 64
	for _, r := range rs {
		if r.Skipped != "" {
			continue
		}
		d.Labels = append(d.Labels, label{y + 22, r.Way})
		x2 := left + width + 110
		wide := scale(r.OpsPerSec, base, top)
		d.Bars = append(d.Bars, bar{left, float64(y + 8), wide, "t", fmt.Sprintf("%.3g M/s", r.OpsPerSec/1e6), left + wide + 5, float64(y + 22)})
		for i, q := range []struct {
			ns    int64
			class string
			name  string
		}{{r.P50, "p50", "P50"}, {r.P99, "p99", "P99"}, {r.P999, "p999", "P99.9"}} {
			wq := scale(float64(q.ns), lo, hi)
			d.Bars = append(d.Bars, bar{x2, float64(y + 11*i), wq, q.class, q.name + " " + dur(q.ns), x2 + wq + 5, float64(y + 11*i + 9)})
		}
		y += row
	}
	d.W, d.H, d.Foot = int(left+2*width+110+110), y+30, y+16
	return svg.Execute(w, d)
}

var svg = template.Must(template.New("svg").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="{{.W}}" height="{{.H}}" viewBox="0 0 {{.W}} {{.H}}" role="img" aria-label="{{.Title}}">
<style>text{font:12px sans-serif;fill:#222}.s{font-size:9px}.h{font-weight:bold}.t{fill:#0072b2}.p50{fill:#56b4e9}.p99{fill:#e69f00}.p999{fill:#d55e00}rect.bg{fill:#fff}</style>
<rect class="bg" width="100%" height="100%"/>
<text class="h" x="12" y="22">{{.Title}}</text>
<text x="110" y="46">deletes a second (longer is better)</text><text x="520" y="46">latency of one delete (shorter is better)</text>
{{range .Labels}}<text x="12" y="{{.Y}}">{{.Text}}</text>
{{end}}{{range .Bars}}<rect class="{{.Class}}" x="{{printf "%.1f" .X}}" y="{{printf "%.1f" .Y}}" width="{{printf "%.1f" .W}}" height="{{if eq .Class "t"}}18{{else}}10{{end}}"/><text{{if ne .Class "t"}} class="s"{{end}} x="{{printf "%.1f" .TX}}" y="{{printf "%.1f" .TY}}">{{.Text}}</text>
{{end}}<text class="s" x="12" y="{{.Foot}}">logarithmic scales; the wait for the lock is part of the latency</text>
</svg>
`))
