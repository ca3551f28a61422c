package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"deltui/internal/testenv"

	"github.com/creack/pty"
)

// The target deletes from a map of a hundred entries, as often as it is told.
const target = `
-- go.mod --
module churn

go 1.18
-- main.go --
package main

import (
	"fmt"
	"os"
	"strconv"
)

//go:noinline
func evict(m map[uint64]int, k uint64) { delete(m, k) }

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	m := make(map[uint64]int)
	for i := 0; i < 100; i++ {
		m[uint64(i)] = i
	}
	for i := 0; i < n; i++ {
		evict(m, uint64(i))
		m[uint64(i+100)] = i
	}
	fmt.Println("left", len(m))
}
`

// tools builds deltui, dlv (the version that deltui embeds) and the target.
func tools(b *testing.B) (deltui, dlv, prog string) {
	b.Helper()
	testenv.NeedPtrace(b)
	return testenv.Command(b, "deltui/cmd/deltui"), testenv.Command(b, "github.com/go-delve/delve/cmd/dlv"), testenv.Local.Build(b, testenv.Unpack(b, []byte(target)))
}

const rounds = 5

// BenchmarkTrace compares deletes per second with dlv's: both print entry and
// return with eight frames of stack; deltui also reads the whole map before and
// after, and says what changed and why. Starting is taken out: each tool is
// timed at two lengths, and the difference counts.
func BenchmarkTrace(b *testing.B) {
	deltui, dlv, prog := tools(b)
	run := func(n int, tool string, args ...string) time.Duration {
		cmd := exec.Command(tool, args...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		t := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatalf("%s: %v\n%s", tool, err, out.Bytes())
		}
		d := time.Since(t)
		if got := strings.Count(out.String(), "main.evict"); got < n {
			b.Fatalf("%s told of %d deletes, not %d", filepath.Base(tool), got, n)
		}
		return d
	}
	rate := func(few, many int, f func(n int) time.Duration) float64 {
		short := f(few)
		return float64(many-few) / (f(many) - short).Seconds()
	}
	var ours, theirs, ratios []float64
	for range rounds {
		us := rate(200, 4200, func(n int) time.Duration {
			return run(n, deltui, "trace", "--json", "--stack", "8", prog, "--", strconv.Itoa(n))
		})
		them := rate(50, 550, func(n int) time.Duration {
			return run(n, dlv, "trace", "--stack", "8", "--exec", prog, "runtime.mapdelete_fast64", "--", strconv.Itoa(n))
		})
		ours, theirs, ratios = append(ours, us), append(theirs, them), append(ratios, us/them)
	}
	table("deletes per second, stack of 8", "min", "median", "max")
	row("deltui trace --json --stack 8", "%.0f", ours)
	row("dlv trace --stack 8", "%.0f", theirs)
	row("ratio, pair by pair (goal: 2 or more)", "%.1f", ratios)
	b.ReportMetric(median(ratios), "×dlv")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFirstScreen compares the time to the first screen of a built binary
// with what `dlv exec` takes to its prompt; of a small program and of a large
// one, dlv itself.
func BenchmarkFirstScreen(b *testing.B) {
	deltui, dlv, prog := tools(b)
	table("seconds to the first screen", "min", "median", "max")
	for _, p := range []struct {
		name, path string
		args       []string
	}{
		{"small program", prog, []string{"100"}},
		{"large program", dlv, []string{"version"}},
	} {
		var ours, theirs, ratios []float64
		for range rounds {
			// The small program's first op is there; the large one deletes late, so
			// its first screen is the one that says what is awaited.
			us := untilShown(b, []string{"1 map", "delete", "wait"}, deltui, append([]string{p.path, "--"}, p.args...)...)
			them := untilShown(b, []string{"(dlv)"}, dlv, append([]string{"exec", p.path, "--"}, p.args...)...)
			ours, theirs, ratios = append(ours, us), append(theirs, them), append(ratios, us/them)
		}
		row(p.name+": deltui", "%.3f", ours)
		row(p.name+": dlv exec", "%.3f", theirs)
		row(p.name+": ratio (limit: 1.5)", "%.2f", ratios)
		b.ReportMetric(median(ratios), strings.ReplaceAll(p.name, " ", "-")+"-×dlv")
	}
	b.ReportMetric(0, "ns/op")
}

// untilShown runs a command on a terminal until one of the texts is on it.
func untilShown(b *testing.B, texts []string, name string, args ...string) float64 {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	t := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 160, Rows: 48})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		tty.Close()
		_ = cmd.Wait()
	}()
	_ = tty.SetReadDeadline(time.Now().Add(30 * time.Second))
	var seen []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := tty.Read(buf)
		seen = append(seen, buf[:n]...)
		for _, text := range texts {
			if bytes.Contains(seen, []byte(text)) {
				return time.Since(t).Seconds()
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) || len(seen) > 0 {
				b.Fatalf("%s ended with none of %q shown:\n%q", filepath.Base(name), texts, seen)
			}
			b.Fatal(err)
		}
	}
}

func table(title string, cols ...string) {
	fmt.Printf("\n%-46s", title)
	for _, c := range cols {
		fmt.Printf("%10s", c)
	}
	fmt.Println()
}

func row(name, format string, v []float64) {
	s := sorted(v)
	fmt.Printf("%-46s", name)
	for _, x := range []float64{s[0], s[len(s)/2], s[len(s)-1]} {
		fmt.Printf("%10s", fmt.Sprintf(format, x))
	}
	fmt.Println()
}

func sorted(v []float64) []float64 { return slices.Sorted(slices.Values(v)) }

func median(v []float64) float64 { return sorted(v)[len(v)/2] }
