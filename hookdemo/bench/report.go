package bench

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteTable writes the report as a table, in Markdown, for people: of each
// figure the median of the runs and, in parentheses, the least and the greatest.
func WriteTable(w io.Writer, r Report) error {
	rows, skipped := r.Rows()
	c := r.Config
	fmt.Fprintf(w, "%d goroutines, random uint64 keys, %d other entries; %d CPUs, %s", c.Goroutines, c.Fill, r.CPUs, r.System)
	if len(rows) > 0 {
		fmt.Fprintf(w, ", %s; medians of %s, the least and the greatest; %s", rows[0].Runs[0].Go, runsEach(rows), conditions(r.Runs))
	}
	fmt.Fprint(w, ".\n\n")
	t := newTable("loop", "way", "deletes/s", "CPU/op", "× builtin", "call P50", "call P99", "call P99.9", "lock P50", "lock P99", "delete P50", "delete P99", "since intended P50", "since intended P99", "end", "pending", "allocs/op", "records")
	for _, row := range rows {
		late := func(q func(Quantiles) int64) string {
			if row.Config.Rate == 0 {
				return ""
			}
			return durs(spread(row.Runs, func(r Result) int64 { return q(r.Intended) }))
		}
		p50, p99 := func(q Quantiles) int64 { return q.P50 }, func(q Quantiles) int64 { return q.P99 }
		p999 := func(q Quantiles) int64 { return q.P999 }
		lat := func(part func(Result) Quantiles, q func(Quantiles) int64) string {
			return durs(spread(row.Runs, func(r Result) int64 { return q(part(r)) }))
		}
		call := func(r Result) Quantiles { return r.Call }
		wait := func(r Result) Quantiles { return r.Wait }
		del := func(r Result) Quantiles { return r.Delete }
		t.add(row.Config.Loop(), row.Way,
			rates(spread(row.Runs, func(r Result) float64 { return r.OpsPerSec })),
			durs(spread(row.Runs, func(r Result) int64 { return int64(r.cpuPerOp()) })), row.beside(rows),
			lat(call, p50), lat(call, p99), lat(call, p999), lat(wait, p50), lat(wait, p99), lat(del, p50), lat(del, p99), late(p50), late(p99),
			durs(spread(row.Runs, func(r Result) int64 { return int64(r.End * 1e9) })),
			count(spread(row.Runs, func(r Result) int64 { return int64(r.Pending) })),
			fmt.Sprintf("%.2f", spread(row.Runs, func(r Result) float64 { return r.Allocs }).Median),
			count(spread(row.Runs, func(r Result) int64 { return r.Records })))
	}
	if err := t.write(w); err != nil {
		return err
	}
	for _, s := range skipped {
		if _, err := fmt.Fprintf(w, "%s was not run: %s\n", s.Way, s.Skipped); err != nil {
			return err
		}
	}
	return nil
}

// runsEach is how many runs a row has.
func runsEach(rows []Row) string {
	n := len(rows[0].Runs)
	for _, row := range rows {
		if len(row.Runs) != n {
			return "the runs of each"
		}
	}
	return fmt.Sprintf("%d runs of each", n)
}

// conditions are what the machine did beside: they belong to the figures.
func conditions(runs []Result) string {
	runs = slices.DeleteFunc(slices.Clone(runs), func(r Result) bool { return r.Skipped != "" })
	got := spread(runs, func(r Result) float64 { return r.CPUs })
	s := fmt.Sprintf("a run got %.2f (%.2f–%.2f) CPUs", got.Median, got.Least, got.Most)
	loads := slices.DeleteFunc(slices.Clone(runs), func(r Result) bool { return r.LoadAverage == "" })
	if len(loads) > 0 {
		l := spread(loads, func(r Result) float64 { v, _ := strconv.ParseFloat(r.LoadAverage, 64); return v })
		s += fmt.Sprintf(", the load average before it was %.1f (%.1f–%.1f)", l.Median, l.Least, l.Most)
	}
	clock := spread(runs, func(r Result) int64 { return r.Clock })
	return s + fmt.Sprintf("; a reading of the clock, which is in each latency, takes %s", durs(clock))
}

// durs is a median with its spread, which is left out where it does not show.
func durs(s Spread[int64]) string {
	return withSpread(dur(s.Median), dur(s.Least), dur(s.Most))
}

func rates(s Spread[float64]) string {
	return withSpread(rate(s.Median), rate(s.Least), rate(s.Most))
}

func count(s Spread[int64]) string {
	return withSpread(strconv.FormatInt(s.Median, 10), strconv.FormatInt(s.Least, 10), strconv.FormatInt(s.Most, 10))
}

func withSpread(median, least, most string) string {
	if least == median && most == median {
		return median
	}
	return fmt.Sprintf("%s (%s–%s)", median, least, most)
}

// rate has three digits.
func rate(perSecond float64) string {
	switch {
	case perSecond >= 1e6:
		return fmt.Sprintf("%.2f M", perSecond/1e6)
	case perSecond >= 1e3:
		return fmt.Sprintf("%.*f k", max(0, 2-int(math.Log10(perSecond/1e3))), perSecond/1e3)
	}
	return fmt.Sprintf("%.0f", perSecond)
}

// A table is one in Markdown whose columns are also aligned for those who read
// it as it is. The first two columns are text, the others figures.
type table struct{ rows [][]string }

func newTable(head ...string) *table { return &table{[][]string{head}} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 2)
		}
	}
	var b strings.Builder
	for n, row := range t.rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < 2 {
				cell, pad = pad, cell
			}
			b.WriteString("| " + pad + cell + " ")
		}
		b.WriteString("|\n")
		if n == 0 {
			for i, width := range widths {
				if i < 2 {
					b.WriteString("| " + strings.Repeat("-", width) + " ")
				} else {
					b.WriteString("| " + strings.Repeat("-", width-1) + ": ")
				}
			}
			b.WriteString("|\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
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

// WriteSVG draws the medians, throughput and latencies of each row, on
// logarithmic scales.
func WriteSVG(w io.Writer, r Report) error {
	const left, width, height = 170.0, 300.0, 44
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
	rows, _ := r.Rows()
	if len(rows) == 0 {
		return fmt.Errorf("bench: no results to draw")
	}
	medians := func(row Row) (perSecond float64, call, del, wait int64) {
		return spread(row.Runs, func(r Result) float64 { return r.OpsPerSec }).Median,
			spread(row.Runs, func(r Result) int64 { return r.Call.P99 }).Median,
			spread(row.Runs, func(r Result) int64 { return r.Delete.P99 }).Median,
			spread(row.Runs, func(r Result) int64 { return r.Wait.P99 }).Median
	}
	lo, hi, base, top := math.Inf(1), 0.0, math.Inf(1), 0.0
	for _, row := range rows {
		perSecond, call, del, wait := medians(row)
		lo, hi = min(lo, float64(del), float64(call)), max(hi, float64(call), float64(wait), float64(del))
		base, top = min(base, perSecond), max(top, perSecond)
	}
	lo = max(lo/2, 1)
	base /= 2
	scale := func(v, from, to float64) float64 {
		return width * math.Log(max(v, from)/from) / math.Log(to/from)
	}
	d.Title = fmt.Sprintf("%d goroutines, deletes of random uint64 keys: medians of %d runs", r.Config.Goroutines, len(rows[0].Runs))
	y := 64
	for _, row := range rows {
		perSecond, call, del, wait := medians(row)
		d.Labels = append(d.Labels, label{y + 16, row.Way}, label{y + 30, row.Config.Loop()})
		x2 := left + width + 110
		wide := scale(perSecond, base, top)
		d.Bars = append(d.Bars, bar{left, float64(y + 8), wide, "t", rate(perSecond) + "/s", left + wide + 5, float64(y + 22)})
		for i, q := range []struct {
			ns    int64
			class string
			name  string
		}{{call, "p50", "call"}, {wait, "p99", "lock"}, {del, "p999", "delete"}} {
			wq := scale(float64(q.ns), lo, hi)
			d.Bars = append(d.Bars, bar{x2, float64(y + 11*i), wq, q.class, q.name + " " + dur(q.ns), x2 + wq + 5, float64(y + 11*i + 9)})
		}
		y += height
	}
	d.W, d.H, d.Foot = int(left+2*width+110+130), y+30, y+16
	return svg.Execute(w, d)
}

var svg = template.Must(template.New("svg").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="{{.W}}" height="{{.H}}" viewBox="0 0 {{.W}} {{.H}}" role="img" aria-label="{{.Title}}">
<style>text{font:12px sans-serif;fill:#222}.s{font-size:9px}.h{font-weight:bold}.t{fill:#0072b2}.p50{fill:#56b4e9}.p99{fill:#e69f00}.p999{fill:#d55e00}rect.bg{fill:#fff}</style>
<rect class="bg" width="100%" height="100%"/>
<text class="h" x="12" y="22">{{.Title}}</text>
<text x="170" y="46">deletes a second (longer is better)</text><text x="580" y="46">P99 of a call and of its parts (shorter is better)</text>
{{range .Labels}}<text x="12" y="{{.Y}}">{{.Text}}</text>
{{end}}{{range .Bars}}<rect class="{{.Class}}" x="{{printf "%.1f" .X}}" y="{{printf "%.1f" .Y}}" width="{{printf "%.1f" .W}}" height="{{if eq .Class "t"}}18{{else}}10{{end}}"/><text{{if ne .Class "t"}} class="s"{{end}} x="{{printf "%.1f" .TX}}" y="{{printf "%.1f" .TY}}">{{.Text}}</text>
{{end}}<text class="s" x="12" y="{{.Foot}}">logarithmic scales; lock: until it is held, delete: under it</text>
</svg>
`))
