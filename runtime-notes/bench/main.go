// Command bench measures what deletes cost, with one Go after the other, and
// prints the tables of RESULTS.md. Nothing tests its figures: they belong to a
// day and a machine, and only ratios within one run mean anything.
//
//	go run ./runtime-notes/bench > runtime-notes/bench/RESULTS.md
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"deltui/internal/testenv"
)

var versions = []string{
	testenv.Go118, testenv.Go119, testenv.Go120, testenv.Go121, testenv.Go122,
	testenv.Go123, testenv.Go124, testenv.Go125, testenv.Go126, testenv.Go127,
}

// A table is one table of RESULTS.md: its columns' heads, and the names under
// which the probe reports them.
type table struct {
	about string
	heads []string
	names []string
}

var tables = []table{
	{
		"One million entries, deleted in random order: ns for one delete of a `map[uint64]int`, and how many times that the others take.",
		[]string{"ns", "absent", "uint64→any", "string→int"},
		[]string{"1M ns", "1M absent", "1M uint64→any", "1M string→int"},
	},
	{
		"512 entries, so that the processor's caches hold them:",
		[]string{"ns", "absent", "uint64→any (512)", "string→int (512)", "int16→int", "24 B→int", "any→int"},
		[]string{"512 ns", "512 absent", "512 uint64→any", "512 string→int", "512 int16→int", "512 24 B→int", "512 any→int"},
	},
	{
		"Hooks. `hooked`: a hook that counts, in an `atomic.Value`, one goroutine, against the same deletes without. The rest: 512 goroutines that delete 1 024 000 keys of one map under a mutex, against the same without hook or batch; " +
			"`batched` takes the mutex once for 64 deletes and has no hook. `GC cycles` is how many collections all those runs started.",
		[]string{"hooked", "512: hooked", "512: hooked, P99", "batched", "512: batched, P99", "GC cycles"},
		[]string{"hooked", "crowd hooked", "crowd hooked P99", "crowd batched", "crowd batched P99", "cycles"},
	},
}

func main() {
	log.SetFlags(0)
	results := map[string]map[string]float64{}
	for _, v := range versions {
		r, err := measure(v)
		if err != nil {
			log.Fatalf("go%s: %v", v, err)
		}
		results[v] = r
	}
	fmt.Printf("# What deletes cost\n\nMeasured on %s, %s/%s, %d processors of a shared virtual machine, by\n`go run ./runtime-notes/bench > runtime-notes/bench/RESULTS.md`. "+
		"Every figure is the least of several rounds.\n", time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, t := range tables {
		fmt.Printf("\n%s\n\n| Go | %s |\n|---%s|\n", t.about, strings.Join(t.heads, " | "), strings.Repeat("|---", len(t.heads)))
		for _, v := range versions {
			cells := []string{v}
			for _, n := range t.names {
				f := "%.2f"
				switch {
				case n == "cycles", strings.HasSuffix(n, " ns"):
					f = "%.0f"
				case strings.HasSuffix(n, "P99"):
					f = "%.2g" // spread over orders of magnitude
				}
				cells = append(cells, fmt.Sprintf(f, results[v][n]))
			}
			fmt.Printf("| %s |\n", strings.Join(cells, " | "))
		}
	}
}

// measure builds the probe with one Go and runs it.
func measure(version string) (map[string]float64, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "bench")
	build := exec.Command("go", "build", "-o", bin, "./bench")
	build.Dir = filepath.Join("runtime-notes", "probes")
	build.Env = append(testenv.Toolchain{Version: version}.Env(), "GODEBUG=goindex=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the probe (run this from the top of the tree): %w\n%s", err, out)
	}
	out, err := exec.Command(bin).Output()
	if err != nil {
		return nil, fmt.Errorf("running the probe: %w", err)
	}
	r := map[string]float64{}
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, err
	}
	for _, t := range tables {
		for _, n := range t.names {
			if _, ok := r[n]; !ok {
				return nil, fmt.Errorf("the probe says nothing of %q", n)
			}
		}
	}
	return r, nil
}
