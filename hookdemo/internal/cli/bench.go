package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"deltui/hookdemo/bench"
)

// benchChildCommand is the hidden command of a way's process.
const benchChildCommand = "bench-child"

func newBench() *cobra.Command {
	conf := bench.Article
	var asJSON bool
	var svg, src, from string
	rounds, rates := 1, []float64{0}
	ways := strings.Join(bench.Ways, ",")
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure what auditing costs, under the article's load",
		Long: `bench puts the load of the article's section 4.3 on a map, by several ways to
delete, each in a process of its own: ` + strings.Join(bench.Ways, ", ") + `.

An op assigns a random uint64 key and deletes it again under a lock; the call that
deletes is timed, and of it the wait for the lock and the delete itself.

By default the loop is closed: a goroutine calls when its last call has returned,
so that while one call takes long the others that ought to have been are not made,
and not measured (coordinated omission). --rate makes it open: calls are meant for
fixed times, and are timed from those too. --rate 0,20000 does both.

--rounds 5 makes five runs of each way, in random order; the table has medians and
the least and greatest. The full load takes minutes a round; try --ops 200000.`,
		Args: want(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			if from != "" {
				return printReport(cmd, from, svg)
			}
			if src == "" {
				src = checkout()
			}
			b := &bench.Bench{
				Config: conf, Ways: strings.Split(ways, ","), Rates: rates, Rounds: rounds, Source: src,
				Self: []string{self, benchChildCommand}, Tool: []string{self, "intercept", toolexecCommand},
				Progress: progress(cmd.ErrOrStderr()),
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			results, err := b.Run(ctx)
			if err != nil {
				return err
			}
			report := bench.Report{
				Config: conf, Rates: rates, CPUs: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Runs: results,
			}
			return writeReport(cmd.OutOrStdout(), report, svg, asJSON)
		},
	}
	f := c.Flags()
	f.IntVar(&conf.Goroutines, "goroutines", conf.Goroutines, "how many delete")
	f.IntVar(&conf.Ops, "ops", conf.Ops, "deletes of them all, in a closed loop")
	f.Float64SliceVar(&rates, "rate", rates, "the loops, as deletes a second of all goroutines: open loops, or 0 for the closed one")
	f.Float64Var(&conf.Seconds, "seconds", conf.Seconds, "how long an open loop goes on")
	f.IntVar(&rounds, "rounds", rounds, "runs of each way under each loop, in random order")
	f.IntVar(&conf.Fill, "fill", conf.Fill, "other entries of the map")
	f.IntVar(&conf.Shards, "shards", conf.Shards, "maps of the way sharded")
	f.IntVar(&conf.Batch, "batch", conf.Batch, "keys that the way batch notes before it deletes")
	f.Uint64Var(&conf.Seed, "seed", conf.Seed, "of the keys and of the order")
	f.StringVar(&ways, "ways", ways, "what to run")
	f.StringVar(&conf.Dir, "tmp", "", "a `directory` for logs, some GB of them (default: the system's)")
	f.StringVar(&src, "src", "", "deltui's checkout, a `directory` (default: the one around here)")
	f.BoolVar(&asJSON, "json", false, "print every run as JSON")
	f.StringVar(&from, "from", "", "measure nothing: print the table of the JSON in this `file`")
	f.StringVar(&svg, "svg", "", "draw a chart to this `file`")
	return c
}

func newBenchChild() *cobra.Command {
	return &cobra.Command{
		Use:    benchChildCommand,
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
			defer stop()
			return bench.Child(ctx, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

// writeReport prints the table or the JSON, and draws the chart.
func writeReport(w io.Writer, r bench.Report, svg string, asJSON bool) error {
	if svg != "" {
		var b bytes.Buffer
		if err := bench.WriteSVG(&b, r); err != nil {
			return fmt.Errorf("the chart: %w", err)
		}
		if err := os.WriteFile(svg, b.Bytes(), 0o666); err != nil {
			return fmt.Errorf("the chart: %w", err)
		}
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(r)
	}
	return bench.WriteTable(w, r)
}

// printReport is writeReport of a stored report.
func printReport(cmd *cobra.Command, file, svg string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the stored report: %w", err)
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("the stored report %s: %w", file, err)
	}
	return writeReport(cmd.OutOrStdout(), r, svg, false)
}

// progress shows a bar for each run, on a terminal.
func progress(w io.Writer) func(string, int, int64, int64) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	current := -1
	return func(run string, n int, done, of int64) {
		if n != current {
			if bar != nil {
				_ = bar.Finish()
			}
			current = n
			bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(fmt.Sprintf("%d %-28s", n+1, run)),
				progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(done)
	}
}

// checkout is the directory of the module deltui that we are in, or "".
func checkout() string {
	dir, err := os.Getwd()
	for err == nil {
		if text, e := os.ReadFile(filepath.Join(dir, "go.mod")); e == nil && strings.HasPrefix(string(text), "module deltui\n") {
			return dir
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
