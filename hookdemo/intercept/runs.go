package intercept

import (
	"fmt"
	"io"
	"sort"
	"text/tabwriter"

	"deltui.example/hookdemo/audit/fact"
)

// A RunSummary is what a log holds of one run.
type RunSummary struct {
	ID        string // "" for records that have none
	Began     string // the time of its first record
	Totals    Totals
	Started   []string        // packages whose program or tests have run
	ByPackage []PackageTotals // the one with the most deletes first
}

// PackageTotals count what one package deletes: its functions are the callers.
type PackageTotals struct {
	Package string
	Totals  Totals
}

// Runs reads a log and sums up each of its runs, in the order that they began
// in, and counts the lines that are no records. Where id is not empty, only
// that run.
func Runs(r io.Reader, id string) (runs []RunSummary, torn int, err error) {
	type collector struct {
		RunSummary
		all  counter
		by   map[string]*Totals
		main map[process]string // the import path of the process's package main
	}
	var order []*collector
	known := map[string]*collector{}
	t, err := Read(r, func(rec Record) {
		if id != "" && rec.Run != id {
			return
		}
		c := known[rec.Run]
		if c == nil {
			c = &collector{by: map[string]*Totals{}, main: map[process]string{}}
			c.ID, c.Began = rec.Run, rec.Time
			known[rec.Run] = c
			order = append(order, c)
		}
		c.all.add(rec)
		p := process{rec.Run, rec.PID}
		switch rec.Op {
		case "start":
			c.main[p] = rec.Package
			c.Started = appendNew(c.Started, rec.Package)
			return
		case "early": // nothing is known of its callers
			return
		}
		name := fact.Package(rec.Caller.Func)
		if name == "main" && c.main[p] != "" {
			name = c.main[p]
		}
		if c.by[name] == nil {
			c.by[name] = &Totals{}
		}
		c.by[name].add(rec)
	})
	for _, c := range order {
		c.Totals = c.all.totals()
		for name, t := range c.by {
			c.ByPackage = append(c.ByPackage, PackageTotals{name, *t})
		}
		sort.Slice(c.ByPackage, func(i, j int) bool {
			a, b := c.ByPackage[i], c.ByPackage[j]
			if a.Totals.Deletes != b.Totals.Deletes {
				return a.Totals.Deletes > b.Totals.Deletes
			}
			return a.Package < b.Package
		})
		runs = append(runs, c.RunSummary)
	}
	return runs, t.Torn, err
}

func appendNew(list []string, s string) []string {
	for _, l := range list {
		if l == s {
			return list
		}
	}
	return append(list, s)
}

// WritePackages writes the totals by package as a table, the first most of them;
// 0 is all.
func (s RunSummary) WritePackages(out io.Writer, most int) error {
	if len(s.ByPackage) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "deletes\tfound\tnil or empty\tclears\t  package")
	for i, p := range s.ByPackage {
		if most > 0 && i == most {
			fmt.Fprintf(w, "\t\t\t\t  and %d more packages\n", len(s.ByPackage)-most)
			break
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t  %s\n", p.Totals.Deletes, p.Totals.Found, p.Totals.FastEmpty, p.Totals.Clears, p.Package)
	}
	return w.Flush()
}
