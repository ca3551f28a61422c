package intercept

import (
	"errors"
	"fmt"
	"go/version"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Report says what was built.
type Report struct {
	Version string // of the toolchain
	Maps    string // swiss or classic
	How     How
	NoVet   bool   // go test left vet out
	Tested  int    // packages that have tests
	Run     string // the id in the run's records
}

func (r Report) String() string {
	s := fmt.Sprintf("%s, %s maps, by %s", r.Version, r.Maps, r.How)
	if r.NoVet {
		s += "; without vet, which sees no overlay before Go 1.24"
	}
	return s
}

func (p *plan) report() Report {
	return Report{Version: p.tc.Version, Maps: p.tc.layout.name, How: p.how}
}

// Build builds the main package that args name (a directory, an import path, or
// .go files) into the file out. What the go command says goes to stderr.
func Build(o Options, args []string, out string, stderr io.Writer) (Report, error) {
	p, err := newPlan(o)
	if err != nil {
		return Report{}, err
	}
	defer p.remove()
	pkgs, err := p.list(args)
	if err != nil {
		return Report{}, err
	}
	if len(pkgs) != 1 || pkgs[0].Name != "main" {
		return Report{}, fmt.Errorf("%s: want one main package, to build it", strings.Join(args, " "))
	}
	if err := p.filter(args); err != nil {
		return Report{}, err
	}
	added, err := p.inject(pkgs[0], "main", ".go")
	if err != nil {
		return Report{}, err
	}
	if strings.HasSuffix(args[0], ".go") { // listed files are the whole package
		for _, a := range added { // and must be told in one way
			args = append(args[:len(args):len(args)], filepath.Join(filepath.Dir(args[0]), filepath.Base(a)))
		}
	}
	flags, err := p.finish()
	if err != nil {
		return Report{}, err
	}
	cmd := append(append([]string{"build", "-o", out}, flags...), p.opts.Flags...)
	c := p.go_.command(append(append(cmd, "--"), args...)...)
	c.Stdout, c.Stderr = stderr, stderr
	if err := c.Run(); err != nil {
		return Report{}, fmt.Errorf("building %s with %s: %w", strings.Join(args, " "), p.report(), err)
	}
	return p.report(), nil
}

// Test runs the tests of the packages with go test and the further arguments,
// its output going to stdout and stderr. The deletes of all tests are in o.Log.
// It returns go test's exit code.
func Test(o Options, packages, args []string, stdout, stderr io.Writer) (Report, int, error) {
	p, err := newPlan(o)
	if err != nil {
		return Report{}, 1, err
	}
	defer p.remove()
	pkgs, err := p.list(packages)
	if err != nil {
		return Report{}, 1, err
	}
	if err := p.filter(packages); err != nil {
		return Report{}, 1, err
	}
	tested := 0
	for _, k := range pkgs {
		name := k.Name
		switch {
		case len(k.TestGoFiles)+len(k.XTestGoFiles) == 0:
			continue
		case len(k.GoFiles)+len(k.CgoFiles)+len(k.TestGoFiles) == 0:
			name += "_test"
		}
		if _, err := p.inject(k, name, "_test.go"); err != nil {
			return Report{}, 1, err
		}
		tested++
	}
	if tested == 0 {
		return Report{}, 1, fmt.Errorf("%s: no tests", strings.Join(packages, " "))
	}
	flags, err := p.finish()
	if err != nil {
		return Report{}, 1, err
	}
	report := p.report()
	vet, err := p.vet(args)
	if err != nil {
		return report, 1, err
	}
	report.NoVet, report.Tested, report.Run = vet != nil, tested, NewRun()
	cmd := append(append(append([]string{"test", "-count=1"}, vet...), flags...), p.opts.Flags...)
	cmd = append(cmd, packages...)
	log, err := filepath.Abs(p.opts.Log)
	if err != nil {
		return Report{}, 1, err
	}
	c := p.go_.command(append(cmd, args...)...)
	c.Env = append(c.Env, "HOOKDEMO_LOG="+log, "HOOKDEMO_RUN="+report.Run)
	c.Stdout, c.Stderr = stdout, stderr
	code, err := runChild(c)
	return report, code, err
}

// vet returns the flags that keep go test's vet from ending the build: before
// Go 1.24 it is given the added file's name and not that of its text. A vet
// that is asked for is refused there, rather than left out.
func (p *plan) vet(args []string) ([]string, error) {
	if version.Compare(version.Lang(p.tc.Version), "go1.24") >= 0 {
		return nil, nil
	}
	for _, a := range append(append([]string{}, p.opts.Flags...), args...) {
		if a == "-args" || a == "--args" {
			break
		}
		if name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "="); strings.HasPrefix(a, "-") && name == "vet" && value != "off" {
			return nil, fmt.Errorf("%s: before Go 1.24 vet sees no file that is added by an overlay, and would end the build: leave it out, and run it without hookdemo", a)
		}
	}
	return []string{"-vet=off"}, nil
}

// NewRun returns an id for a run, by which a log tells its records from those of
// other runs.
func NewRun() string {
	return time.Now().UTC().Format("20060102T150405.000") + "-" + strconv.Itoa(os.Getpid())
}

// Run runs a program that Build built, with its deletes in log under the run's
// id, and returns its exit code. Signals meant for it are handed on.
func Run(program string, args []string, log, run string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	log, err := filepath.Abs(log)
	if err != nil {
		return 1, err
	}
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), "HOOKDEMO_LOG="+log, "HOOKDEMO_RUN="+run)
	c.Stdin, c.Stdout, c.Stderr = stdin, stdout, stderr
	return runChild(c)
}

func runChild(c *exec.Cmd) (int, error) {
	sigs := make(chan os.Signal, 1)
	signal.Notify(sigs, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(sigs)
	if err := c.Start(); err != nil {
		return 1, err
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case s := <-sigs:
				if s != os.Interrupt { // the terminal tells it itself
					_ = c.Process.Signal(s)
				}
			case <-done:
				return
			}
		}
	}()
	err := c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return 128 + int(ws.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
