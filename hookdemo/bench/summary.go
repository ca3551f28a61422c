package bench

import (
	"cmp"
	"fmt"
	"slices"
)

// A Report is what bench has to say: the load and every run. All tables and
// charts are made from it.
type Report struct {
	Config Config    `json:"config"`
	Rates  []float64 `json:"rates"`
	CPUs   int       `json:"cpus"`
	System string    `json:"system"`
	Runs   []Result  `json:"runs"` // in the order that they were made in
}

// A Row is all runs of one way under one loop.
type Row struct {
	Config Config // with the loop's rate
	Way    string
	Runs   []Result
}

// Rows returns the report's runs by loop and way, in the order of the table, and
// those ways that were not run, with the reason.
func (r Report) Rows() (rows []Row, skipped []Result) {
	for _, rate := range r.Rates {
		for _, way := range Ways {
			row := Row{Config: r.Config, Way: way}
			row.Config.Rate = rate
			for _, run := range r.Runs {
				switch {
				case run.Way != way || run.Rate != rate:
				case run.Skipped != "":
					skipped = append(skipped, run)
				default:
					row.Runs = append(row.Runs, run)
				}
			}
			if len(row.Runs) > 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows, skipped
}

// A Spread is a median with the least and the greatest of the runs.
type Spread[T cmp.Ordered] struct{ Median, Least, Most T }

func spread[T cmp.Ordered](runs []Result, of func(Result) T) Spread[T] {
	vs := make([]T, len(runs))
	for i, r := range runs {
		vs[i] = of(r)
	}
	slices.Sort(vs)
	return Spread[T]{vs[(len(vs)-1)/2], vs[0], vs[len(vs)-1]}
}

// cpuPerOp is in nanoseconds, all of the process.
func (r Result) cpuPerOp() float64 { return r.CPUs * r.Seconds * 1e9 / float64(max(r.Ops, 1)) }

// beside is the row's CPU time for an op as a share of the builtin's under the
// same loop, each run of that of the same round; "" where there is none.
func (row Row) beside(rows []Row) string {
	for _, peer := range rows {
		if peer.Way != Ways[0] || peer.Config.Rate != row.Config.Rate || len(peer.Runs) != len(row.Runs) {
			continue
		}
		ratios := make([]float64, len(row.Runs))
		for i, r := range row.Runs {
			ratios[i] = r.cpuPerOp() / max(peer.Runs[i].cpuPerOp(), 1e-9)
		}
		slices.Sort(ratios)
		text := func(v float64) string {
			if v >= 10 {
				return fmt.Sprintf("%.0f", v)
			}
			return fmt.Sprintf("%.2f", v)
		}
		return withSpread(text(ratios[(len(ratios)-1)/2]), text(ratios[0]), text(ratios[len(ratios)-1]))
	}
	return ""
}
