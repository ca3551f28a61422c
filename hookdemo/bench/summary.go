package bench

import (
	"cmp"
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
