package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"deltui/hookdemo/intercept"
)

// order is what a child process is told, and line what it says, one a line.
type order struct {
	Way    string
	Config Config
	Dir    string
}

type line struct {
	Done   int64   `json:"done,omitempty"`
	Result *Result `json:"result,omitempty"`
}

// Child runs one way as the order on stdin says and writes lines to stdout.
func Child(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	var o order
	if err := json.NewDecoder(stdin).Decode(&o); err != nil {
		return fmt.Errorf("bench: the order: %w", err)
	}
	o.Config.Dir = o.Dir
	if err := o.Config.check(); err != nil {
		return err
	}
	w, err := newWay(o.Way, o.Config)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(stdout)
	res, err := run(ctx, o.Way, o.Config, w, func(n int64) { _ = enc.Encode(line{Done: n}) })
	if err != nil {
		return err
	}
	return enc.Encode(line{Result: &res})
}

// Bench runs ways, each run in a process of its own.
type Bench struct {
	Config Config // Rate apart
	Ways   []string
	Rates  []float64 // of the loops: 0 is the closed one; none: only that
	Rounds int       // runs of each way under each loop
	Self   []string  // the command whose process calls Child

	// Source is a directory of this module, from which the intercepted
	// hookdemo is built; "" if there is none.
	Source string
	// Tool is the intercept.Options.Self of that build.
	Tool []string

	// Progress is called with the ops that a run, the n-th of all, has done.
	Progress func(run string, n int, done, of int64)
}

// Run runs each way under each loop once a round, in an order that is random in
// each round, so that what changes with time falls on all alike. It returns the
// results in the order of the runs.
func (b *Bench) Run(ctx context.Context) ([]Result, error) {
	rates := b.Rates
	if len(rates) == 0 {
		rates = []float64{0}
	}
	if b.Rounds < 1 {
		return nil, fmt.Errorf("bench: %d rounds: want at least one", b.Rounds)
	}
	type job struct {
		way  string
		rate float64
	}
	var jobs []job
	for _, rate := range rates {
		c := b.Config
		c.Rate = rate
		if err := c.check(); err != nil {
			return nil, err
		}
		for _, name := range b.Ways {
			if !slices.Contains(Ways, name) {
				return nil, fmt.Errorf("bench: no way %q; there are %s", name, strings.Join(Ways, ", "))
			}
			jobs = append(jobs, job{name, rate})
		}
	}
	dir, err := os.MkdirTemp(b.Config.Dir, "hookdemo-bench")
	if err != nil {
		return nil, fmt.Errorf("bench: a place for logs: %w", err)
	}
	defer os.RemoveAll(dir)
	prog, skipped := "", ""
	if slices.ContainsFunc(b.Ways, intercepted) {
		if prog, err = b.build(dir); err != nil {
			skipped = err.Error()
		}
	}
	order := rand.New(rand.NewPCG(b.Config.Seed, 1))
	var results []Result
	for round := range b.Rounds {
		order.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
		for _, j := range jobs {
			self := b.Self
			if intercepted(j.way) {
				if skipped != "" {
					if round == 0 {
						results = append(results, Result{Way: j.way, Rate: j.rate, Skipped: skipped})
					}
					continue
				}
				self = append([]string{prog}, b.Self[1:]...)
			}
			c := b.Config
			c.Rate = j.rate
			n := len(results)
			res, err := b.child(ctx, j.way, c, self, dir, func(done int64) {
				if b.Progress != nil {
					b.Progress(j.way+", "+c.Loop(), n, done, int64(c.ops()))
				}
			})
			if err != nil {
				return nil, err
			}
			results = append(results, res)
		}
	}
	return results, nil
}

func (b *Bench) build(dir string) (string, error) {
	if b.Source == "" {
		return "", errors.New("the source of hookdemo is needed: run it in deltui's checkout, or say --src")
	}
	prog := filepath.Join(dir, "hookdemo-intercepted")
	var said bytes.Buffer
	_, err := intercept.Build(intercept.Options{Dir: b.Source, Self: b.Tool}, []string{"deltui/hookdemo"}, prog, &said)
	if err != nil {
		return "", fmt.Errorf("%w %s", err, &said)
	}
	return prog, nil
}

func (b *Bench) child(ctx context.Context, name string, c Config, self []string, dir string, progress func(int64)) (Result, error) {
	log := "off"
	if name == "intercept" {
		log = filepath.Join(dir, "intercept.jsonl")
	}
	cmd := exec.CommandContext(ctx, self[0], self[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Env = append(os.Environ(), "HOOKDEMO_LOG="+log)
	cmd.Stderr = os.Stderr
	in, err := json.Marshal(order{Way: name, Config: c, Dir: dir})
	if err != nil {
		return Result{}, err
	}
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	load := loadAverage()
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	var res *Result
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			continue
		}
		if l.Result != nil {
			res = l.Result
		} else {
			progress(l.Done)
		}
	}
	if err := cmd.Wait(); err != nil {
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	if res == nil {
		return Result{}, fmt.Errorf("bench %s: the process said nothing", name)
	}
	res.LoadAverage = load
	if name == "intercept" {
		f, err := os.Open(log)
		if err != nil {
			return Result{}, fmt.Errorf("bench %s: %w", name, err)
		}
		defer f.Close()
		n, err := countLines(f)
		if err != nil {
			return Result{}, fmt.Errorf("bench %s: %w", name, err)
		}
		res.Records = n
		_ = os.Remove(log)
	}
	return *res, nil
}

func countLines(r io.Reader) (n int64, err error) {
	buf := make([]byte, 1<<20)
	for {
		m, err := r.Read(buf)
		n += int64(bytes.Count(buf[:m], []byte{'\n'}))
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
