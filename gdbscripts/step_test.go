package gdbscripts_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// stepped is one line that `gomap step` ran, with what it changed.
type stepped struct {
	file, source string
	changes      []string
}

// steps returns the lines run in each of a session's `gomap step all`, and the
// line that ended it.
func steps(t *testing.T, out string) (ops [][]stepped, ends []string) {
	t.Helper()
	ran := regexp.MustCompile(`^(\w+\.go):\d+  (.*)$`)
	var op []stepped
	for text := range strings.SplitSeq(out, "\n") {
		if m := ran.FindStringSubmatch(text); m != nil {
			op = append(op, stepped{file: m[1], source: m[2]})
		} else if change, ok := strings.CutPrefix(text, "      "); ok && len(op) > 0 {
			op[len(op)-1].changes = append(op[len(op)-1].changes, change)
		} else if end, ok := strings.CutPrefix(text, "returned: "); ok {
			ops, ends = append(ops, op), append(ends, end)
			op = nil
		}
	}
	return ops, ends
}

// source is what the line must say that a change is shown under.
var source = map[string]*regexp.Regexp{
	"full->deleted":       regexp.MustCompile(`ctrls\(\)\.set\(i, ctrlDeleted\)`),
	"full->empty":         regexp.MustCompile(`ctrls\(\)\.set\(i, ctrlEmpty\)|m\.Clear\(typ\)|clearSmall|\.Clear\(typ, m\)|setEmpty|typedmemclr`),
	"full->emptyOne":      regexp.MustCompile(`tophash\[i\] = emptyOne`),
	"emptyOne->emptyRest": regexp.MustCompile(`tophash\[i\] = emptyRest|markBucketsEmpty|makeBucketArray`),
	"full->emptyRest":     regexp.MustCompile(`tophash\[i\] = emptyRest|markBucketsEmpty|makeBucketArray`),
	"used":                regexp.MustCompile(`used--|used = 0|count--|count = 0`),
	// A clear zeroes whole groups first: for a moment their cells read as full, of hash 0.
	"full->full":     regexp.MustCompile(`typedmemclr`),
	"empty->full":    regexp.MustCompile(`typedmemclr`),
	"deleted->full":  regexp.MustCompile(`typedmemclr`),
	"deleted->empty": regexp.MustCompile(`setEmpty|typedmemclr|\.Clear\(`),
}

// stepBuilds are ways to build besides the plain one, which change how the code
// lies, what it calls, or where it is loaded.
var stepBuilds = map[string][]string{"plain": nil, "race": {"-race"}, "pie": {"-buildmode=pie"}}

// eachBuild runs test for the program of an archive built with each toolchain of
// the matrix, and with one of each layout in each way: a way is a standard library
// to compile.
func eachBuild(t *testing.T, archive string, test func(t *testing.T, tc testenv.Toolchain, way, prog string)) {
	needGdb(t)
	each := []string{testenv.Local.Version, testenv.Go123, testenv.Go127}
	for _, tc := range matrix() {
		for way, args := range stepBuilds {
			if way != "plain" && !slices.Contains(each, tc.Version) {
				continue
			}
			t.Run(tc.String()+"/"+way, func(t *testing.T) {
				t.Parallel()
				if way != "plain" {
					testenv.More(t)
				}
				if way == "race" {
					testenv.NeedTool(t, "gcc")
				}
				test(t, tc, way, build(t, tc, archive, args...))
			})
		}
	}
}

// TestStep goes through the program's ops line by line. Every change must be shown
// under the source line that makes it, and the changes, one after the other, must
// come to what the op as a whole changed.
func TestStep(t *testing.T) {
	t.Parallel()
	eachBuild(t, "evict.txtar", func(t *testing.T, tc testenv.Toolchain, way, prog string) {
		results := []string{"found", "absent", "found", "found", "cleared"}
		if way == "race" { // a loop that deletes every key stays a loop
			results = append(results[:4], slices.Repeat([]string{"found"}, 12)...)
		}
		commands := []string{"gomap break", "run"}
		for range results {
			commands = append(commands, "gomap step", "gomap step 2", "gomap step all", "continue")
		}
		out := gdb(t, []string{prog}, commands...)
		ops, ends := steps(t, out)
		if len(ops) != len(results) {
			t.Fatalf("%d ops of %d were stepped through:\n%s", len(ops), len(results), out)
		}
		for i, lines := range ops {
			end := traced(t, "1  "+ends[i])
			if len(end) != 1 {
				t.Fatalf("op %d ends with %q", i+1, ends[i])
			}
			checkSteps(t, lines, end[0])
		}
		first := traced(t, "1  "+ends[0])[0]
		want := map[string]string{
			"classic": "bucket 0 cell 2 full->emptyOne", "swiss": "table 0 group 0 cell 2 full->deleted", "swiss-split": "table 0 group 0 cell 2 full->deleted",
		}[flavour(tc)]
		if len(first.changes) != 1 || first.changes[0].where+" "+first.changes[0].states != want {
			t.Errorf("key 42 lies in cell 2 of a full group: want %s, got %s", want, first.text)
		}
		for i, result := range results {
			if !strings.Contains(ends[i], "  "+result+"  ") {
				t.Errorf("op %d: want %s: %s", i+1, result, ends[i])
			}
		}
	})
}

func checkSteps(t *testing.T, lines []stepped, end line) {
	t.Helper()
	type bytes struct{ from, to string }
	total := map[string]bytes{} // address → what all steps together did to it
	used := 0
	for _, l := range lines {
		for _, text := range l.changes {
			kind := ""
			if m := changeShape.FindStringSubmatch(text); m != nil {
				kind = m[5]
				b, ok := total[m[2]]
				if !ok {
					b.from = m[3]
				} else if b.to != m[3] {
					t.Errorf("%s goes from %s to %s, and then from %s", m[2], b.from, b.to, m[3])
				}
				b.to = m[4]
				total[m[2]] = b
			} else if regexp.MustCompile(`^header\.(used|count) `).MatchString(text) {
				kind, used = "used", used+1
			} else {
				continue
			}
			if re := source[kind]; re == nil || !re.MatchString(l.source) {
				t.Errorf("%q is shown under %s: %s", text, l.file, l.source)
			}
		}
	}
	for _, c := range end.changes {
		if b := total[c.addr]; b.from != c.from || b.to != c.to {
			t.Errorf("%s: %s->%s step by step, %s->%s as a whole", c.addr, b.from, b.to, c.from, c.to)
		}
	}
	for addr, b := range total {
		if b.from != b.to && !strings.Contains(end.changesText, addr+" ") {
			t.Errorf("%s %s->%s step by step, not in %s", addr, b.from, b.to, end.text)
		}
	}
	if want := end.before != end.after; want != (used == 1) {
		t.Errorf("the count changes in %d steps: %s", used, end.text)
	}
}

// TestBreak stops at every entry point that there is.
func TestBreak(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "oracle.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		file := filepath.Join(t.TempDir(), "oracle")
		// Of each function the first op, by ignoring those that were seen.
		out := gdb(t, []string{prog, file}, "gomap break", "python "+
			`seen = set()
def stopped(event):
    seen.add(gdb.newest_frame().name())
gdb.events.stop.connect(stopped)
gdb.execute("run")
while gdb.selected_inferior().pid:
    gdb.execute("continue")
print("STOPPED", " ".join(sorted(seen)))`)
		want := "STOPPED reflect.mapdelete runtime.mapclear runtime.mapdelete runtime.mapdelete_fast32 runtime.mapdelete_fast64 runtime.mapdelete_faststr\n"
		if !strings.Contains(out, want) {
			t.Errorf("want %sgot %s", want, out[max(0, len(out)-300):])
		}
		deletes, _, deep := oracle(t, file)
		if n := strings.Count(out, "about to run "); n != len(deletes)+onStack {
			t.Errorf("%d stops, the oracle saw %d deletes and %d from stacks", n, len(deletes), onStack)
		}
		if deep != "0" {
			t.Errorf("deep left %s entries", deep)
		}
		if !strings.Contains(out, `about to run delete(map[uint64]uint64@`) || !strings.Contains(out, ", 17)  used 88  from main.structures.func1 main.go:") {
			t.Error("no stop says: delete(…, 17)  used 88  from main.structures.func1")
		}
	})
}

// TestHelp wants help for each command.
func TestHelp(t *testing.T) {
	t.Parallel()
	needGdb(t)
	script, err := filepath.Abs("gomap.py")
	if err != nil {
		t.Fatal(err)
	}
	out := bareGdb(t, nil, "source "+script, "source "+script, "gomap",
		"echo === show\\n", "help gomap show", "echo === break\\n", "help gomap break",
		"echo === trace\\n", "help gomap trace", "echo === step\\n", "help gomap step", "echo === end\\n",
		"gomap trace", "gomap break", "gomap step", "gomap show 0x10")
	for name, want := range map[string]string{
		"show": "gomap show [-groups N] ADDR [TYPE]", "break": "gomap break [-std]", "trace": "gomap trace [-std] [-changes N] [-window N]", "step": "gomap step all",
	} {
		if !strings.Contains(section(out, name), want) {
			t.Errorf("help gomap %s does not say %q: %s", name, want, section(out, name))
		}
	}
	if !strings.Contains(out, "no program is loaded") {
		t.Errorf("without a program: %s", out)
	}
}
