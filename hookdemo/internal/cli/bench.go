package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
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
	var svg, src string
	ways := strings.Join(bench.Ways, ",")
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure what auditing costs, under the article's load",
		Long: `bench puts the load of the article's section 4.3 on a map, by several ways to
delete, each in a process of its own: ` + strings.Join(bench.Ways, ", ") + `.

An op assigns a random uint64 key and deletes it again under a lock; the delete is
timed, with the wait for the lock. The full load takes minutes; try --ops 200000.`,
		Args: want(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			if src == "" {
				src = checkout()
			}
			b := &bench.Bench{
				Config: conf, Ways: strings.Split(ways, ","), Source: src,
				Self: []string{self, benchChildCommand}, Tool: []string{self, "intercept", toolexecCommand},
				Progress: progress(cmd.ErrOrStderr(), conf.Ops),
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			results, err := b.Run(ctx)
			if err != nil {
				return err
			}
			if svg != "" {
				f, err := os.Create(svg)
				if err != nil {
					return fmt.Errorf("the chart: %w", err)
				}
				defer f.Close()
				if err := bench.WriteSVG(f, conf, results); err != nil {
					return fmt.Errorf("the chart: %w", err)
				}
				if err := f.Close(); err != nil {
					return fmt.Errorf("the chart: %w", err)
				}
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(struct {
					Config  bench.Config   `json:"config"`
					Results []bench.Result `json:"results"`
				}{conf, results})
			}
			return bench.WriteTable(cmd.OutOrStdout(), conf, results)
		},
	}
	f := c.Flags()
	f.IntVar(&conf.Goroutines, "goroutines", conf.Goroutines, "how many delete")
	f.IntVar(&conf.Ops, "ops", conf.Ops, "deletes of them all")
	f.IntVar(&conf.Fill, "fill", conf.Fill, "other entries of the map")
	f.IntVar(&conf.Shards, "shards", conf.Shards, "maps of the way sharded")
	f.IntVar(&conf.Batch, "batch", conf.Batch, "keys that the way batch notes before it deletes")
	f.Uint64Var(&conf.Seed, "seed", conf.Seed, "of the keys")
	f.StringVar(&ways, "ways", ways, "what to run")
	f.StringVar(&conf.Dir, "tmp", "", "a `directory` for logs, some GB of them (default: the system's)")
	f.StringVar(&src, "src", "", "deltui's checkout, a `directory` (default: the one around here)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
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

// progress shows a bar for each way, on a terminal.
func progress(w io.Writer, ops int) func(string, int64) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var bar *progressbar.ProgressBar
	current := ""
	return func(way string, done int64) {
		if way != current {
			if bar != nil {
				_ = bar.Finish()
			}
			current = way
			bar = progressbar.NewOptions64(int64(ops), progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(fmt.Sprintf("%-14s", way)),
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
