package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/target"
	"deltui/internal/trace"
)

// watchFlags are the flags that the microscope and trace have in common.
type watchFlags struct {
	ops       string
	filter    probe.Filter
	max       int
	stack     int
	std       bool
	stats     bool
	until     string
	test      bool
	goVersion string
	debug     bool
	build     string
	plain     bool
	noColor   bool
	ascii     bool
	killAll   bool
}

func (w *watchFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&w.ops, "ops", "delete,clear", "the kinds of `op`s to watch: delete, clear, assign")
	f.StringVar(&w.filter.Map, "map", "", "only ops on this `map`: #3, 0xc000012345 or map[string]int")
	f.StringVar(&w.filter.Key, "key", "", "only ops on this `key`, in Go syntax; a string also without quotes")
	f.StringVar(&w.filter.Func, "func", "", "only ops whose caller or entry point matches this `regexp`")
	f.Int64Var(&w.filter.Goroutine, "goroutine", 0, "only ops of this goroutine, by its `number`")
	f.IntVar(&w.max, "max", 0, "kill the target after so many `ops`")
	f.IntVar(&w.stack, "stack", 64, "`frames` of the call stack to read")
	f.BoolVar(&w.std, "std", false, "also ops made by the standard library")
	f.StringVar(&w.until, "until", "", "stop at the first op for which this `query` holds: 'tombstones>3', 'key=42 func~evict'")
	f.BoolVar(&w.test, "test", false, "build the package's tests, as go test -c does, and run them")
	f.StringVar(&w.goVersion, "go", "", "build with this Go `version` (1.23, 1.23.12), or the go command of this Go tree")
	f.BoolVar(&w.debug, "debug", false, "build the user's packages with -N -l")
	f.StringVar(&w.build, "build-flags", "", "more `flags` for go build, quoted as in GOFLAGS")
	f.BoolVar(&w.stats, "stats", false, "end with a line of statistics on stderr")
	f.BoolVar(&w.killAll, "kill-children", false, "at the end, kill what the target has started and left")
	f.BoolVar(&w.plain, "plain", false, "text without a screen and without colours")
	f.BoolVar(&w.noColor, "no-color", false, "no colours (so does NO_COLOR)")
	f.BoolVar(&w.ascii, "ascii", false, "no glyphs outside ASCII")
	completeFlags(cmd)
}

// plan checks the flags that say what to watch.
func (w *watchFlags) plan() (probe.Plan, trace.Query, error) {
	p := probe.Plan{Filter: w.filter, Max: w.max, Stack: w.stack, Std: w.std}
	var err error
	if p.Ops, err = parseOps(w.ops); err != nil {
		return p, trace.Query{}, err
	}
	for flag, n := range map[string]int64{"--max": int64(w.max), "--stack": int64(w.stack), "--goroutine": w.filter.Goroutine} {
		if n < 0 {
			return p, trace.Query{}, usage(fmt.Sprintf("%s %d: it cannot be negative", flag, n))
		}
	}
	if _, err := probe.ParseMap(w.filter.Map); err != nil {
		return p, trace.Query{}, usage("--map " + w.filter.Map + ": " + err.Error())
	}
	if _, err := regexp.Compile(w.filter.Func); err != nil {
		return p, trace.Query{}, usage(fmt.Sprintf("--func %s: %v", w.filter.Func, err))
	}
	q, err := trace.Parse(w.until)
	if err != nil {
		return p, q, &usageError{fmt.Errorf("--until: %w", err)}
	}
	return p, q, nil
}

var opKinds = []gomap.OpKind{gomap.Delete, gomap.Clear, gomap.Assign}

func parseOps(s string) ([]gomap.OpKind, error) {
	var kinds []gomap.OpKind
	for word := range strings.SplitSeq(s, ",") {
		word = strings.TrimSpace(word)
		found := false
		for _, k := range opKinds {
			if k.String() != word {
				continue
			}
			found = true
			for _, have := range kinds {
				if have == k {
					return nil, usage("--ops " + s + ": " + word + " is there twice")
				}
			}
			kinds = append(kinds, k)
		}
		if !found {
			return nil, usage(fmt.Sprintf("--ops %s: no op is called %q; there are delete, clear and assign", s, word))
		}
	}
	return kinds, nil
}

// targetSpec parts a command's arguments into the target and its own.
func (w *watchFlags) targetSpec(cmd *cobra.Command, args []string, env []string) (target.Spec, []string, error) {
	names, rest := args, []string(nil)
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		names, rest = args[:n], args[n:]
	}
	if len(names) == 0 {
		return target.Spec{}, nil, &usageError{errors.New("no target; name a package directory, a .go file, a built binary or a sample such as @evict: " + cmd.CommandPath() + " ./prog")}
	}
	return target.Spec{Target: names, Test: w.test, Go: w.goVersion, Debug: w.debug, Flags: w.build, Env: env}, rest, nil
}
