package intercept

import (
	"bytes"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// TestMain is also the command that stands between go and the compiler.
func TestMain(m *testing.M) {
	if os.Getenv("INTERCEPT_TOOLEXEC") != "" {
		code, err := RunTool(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func options(tc testenv.Toolchain, dir string) Options {
	return Options{Dir: dir, Env: append(tc.Env(), "INTERCEPT_TOOLEXEC=1"), Self: []string{os.Args[0]}}
}

func prog(t *testing.T) (dir string, lines map[string]int) {
	t.Helper()
	archive, err := os.ReadFile("testdata/prog.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir = testenv.Unpack(t, archive)
	lines = map[string]int{}
	for _, file := range []string{"main.go", "only/x_test.go"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range strings.Split(string(text), "\n") {
			if _, name, ok := strings.Cut(l, " // "); ok {
				lines[name] = i + 1
			}
		}
	}
	return dir, lines
}

func read(t *testing.T, log string) ([]Record, Totals) {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var recs []Record
	total, err := Read(f, func(r Record) { recs = append(recs, r) })
	if err != nil {
		t.Fatal(err)
	}
	return recs, total
}

// wantWork is what the log has to say of prog's work, by the lines' names.
var wantWork = []struct{ line, text string }{
	{"fast64", `delete runtime.mapdelete_fast64 map[uint64]int uint64 7 0 true [20 19] false returned main.work`},
	{"fast64 absent", `delete runtime.mapdelete_fast64 map[uint64]int uint64 7 0 false [19 19] false returned main.work`},
	{"faststr", `delete runtime.mapdelete_faststr map[string]bool string "a" 0 true [2 1] false returned main.work`},
	{"reflect", `delete runtime.mapdelete_faststr map[string]bool string "b" 0 true [1 0] false returned main.work`},
	{"fast32", `delete runtime.mapdelete_fast32 map[int32]int int32 1 0 true [2 1] false returned main.work`},
	{"nil fast", `delete runtime.mapdelete_faststr map[string]int string "x" 0 false [0 0] true returned main.work`},
	{"empty fast", `delete runtime.mapdelete_faststr map[string]bool string "b" 0 false [0 0] true returned main.work`},
	{"nil any", `delete runtime.mapdelete map[interface {}]int interface {} int(3) 0 false [0 0] false returned main.work`},
	{"struct", `delete runtime.mapdelete_fast64 map[main.pair]int main.pair main.pair{A:1, B:2} 0 true [1 0] false returned main.work`},
	{"any", `delete runtime.mapdelete map[interface {}]int interface {} int(3) 0 true [2 1] false returned main.work`},
	{"indirect", `delete runtime.mapdelete map[main.big]int main.big main.big{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} 0 true [1 0] false returned main.work`},
	{"mapclear", `clear runtime.mapclear map[uint64]int   0 true [19 0] false returned main.work`},
	{"panics", `delete runtime.mapdelete map[interface {}]int interface {} []int([]int) 0 false [1 1] false panicked main.work.func1`},
	{"deep", `delete runtime.mapdelete_faststr map[string]int string "` + strings.Repeat("k", 255) + `… 300 true [1 0] false returned main.deep`},
}

func checkWork(t *testing.T, recs []Record, lines map[string]int) {
	t.Helper()
	var got, want []string
	for _, r := range recs {
		if r.Op == "early" || r.Op == "start" || r.Caller.Line == lines["many"] || r.Caller.Line == lines["external test"] {
			continue
		}
		fn := strings.Replace(r.Caller.Func, "example.com/prog.", "main.", 1) // as a test names it
		mt, kt, k := r.Map.Type, r.KeyType, r.Key
		got = append(got, fmt.Sprintf("%s %s %s %s %s %d %v %v %v %s %s:%d", r.Op, r.Func, mt, kt, k, r.KeyLen, r.Found, r.Len, r.FastEmpty, r.Outcome, fn, r.Caller.Line))
		if r.Goroutine == 0 || r.Depth == 0 || !strings.HasSuffix(r.Caller.File, "main.go") {
			t.Errorf("record %+v", r)
		}
		if fn == "main.deep" && r.Depth < 400 {
			t.Errorf("depth %d of a call 400 deep", r.Depth)
		}
	}
	for _, w := range wantWork {
		want = append(want, fmt.Sprintf("%s:%d", w.text, lines[w.line]))
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("the log says\n%s\nwant\n%s", g, w)
	}
}

func supported(tc testenv.Toolchain) bool {
	return tc.Experiment != "noswissmap" && (tc == testenv.Local || version.Compare("go"+tc.Version, "go1.22") >= 0)
}

// TestMatrix builds and runs the program with each toolchain, by the means that
// is right for it, and reads the log.
func TestMatrix(t *testing.T) {
	t.Parallel()
	dir, lines := prog(t)
	type run struct {
		tc  testenv.Toolchain
		how How
	}
	runs := []run{{testenv.Local, Toolexec}}
	for _, tc := range testenv.Toolchains() {
		runs = append(runs, run{tc, Auto})
	}
	for _, r := range runs {
		t.Run(r.tc.String()+"-"+string(r.how), func(t *testing.T) {
			t.Parallel()
			r.tc.Need(t)
			o := options(r.tc, dir)
			o.How = r.how
			bin, log := filepath.Join(t.TempDir(), "prog"), filepath.Join(t.TempDir(), "log")
			var stderr bytes.Buffer
			rep, err := Build(o, []string{"."}, bin, &stderr)
			if !supported(r.tc) {
				if err == nil || !strings.Contains(err.Error(), "deletes can be intercepted in Go 1.22") {
					t.Errorf("not refused: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			t.Log(rep)
			var out bytes.Buffer
			code, err := Run(bin, []string{"x"}, log, NewRun(), nil, &out, &out)
			if err != nil || code != 3 || out.String() != "done 0 2\n" {
				t.Errorf("the program ended with %d, %v, and said %q", code, err, out.String())
			}
			recs, total := read(t, log)
			checkWork(t, recs, lines)
			want := Totals{Deletes: 11 + 800, Found: 8 + 800, Panicked: 1, FastEmpty: 2, Clears: 1, Early: 1, Processes: 1}
			if total != want {
				t.Errorf("totals %+v, want %+v", total, want)
			}
		})
	}
}

// TestTest runs the program's tests with each toolchain, one of them in a
// package of nothing else.
func TestTest(t *testing.T) {
	t.Parallel()
	for _, tc := range testenv.Toolchains() {
		if !supported(tc) {
			continue
		}
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			dir, lines := prog(t)
			o := options(tc, dir)
			o.Log = filepath.Join(t.TempDir(), "log")
			var out bytes.Buffer
			rep, code, err := Test(o, []string{"./..."}, []string{"-v"}, &out, &out)
			if err != nil || code != 0 || !strings.Contains(out.String(), "--- PASS: TestWork") || !strings.Contains(out.String(), "--- PASS: TestOnly") {
				t.Fatalf("%d, %v\n%s", code, err, &out)
			}
			checkTests(t, o.Log, lines)
			_, code, err = Test(o, []string{"./..."}, []string{"-vet=all"}, &out, &out)
			if rep.NoVet && (err == nil || !strings.Contains(err.Error(), "-vet=all: before Go 1.24")) || !rep.NoVet && (err != nil || code != 0) {
				t.Errorf("asked for vet: %d, %v\n%s", code, err, &out)
			}
			if classic := rep.Maps == "classic"; rep.NoVet != classic {
				t.Errorf("%s, without vet: %v", rep, rep.NoVet)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "0_*")); len(left) > 0 {
				t.Errorf("the program's directory has %v", left)
			}
		})
	}
}

func checkTests(t *testing.T, log string, lines map[string]int) {
	t.Helper()
	recs, total := read(t, log)
	var work []Record
	ext := 0
	for _, r := range recs {
		switch {
		case strings.HasSuffix(r.Caller.File, "x_test.go"):
			ext++
		case strings.HasSuffix(r.Caller.File, "main.go"):
			work = append(work, r)
		}
	}
	for i := range work { // a test's package has its import path for a name
		work[i].Map.Type = strings.ReplaceAll(work[i].Map.Type, "prog.", "main.")
	}
	checkWork(t, work, lines)
	if ext != 1 || total.Processes != 2 {
		t.Errorf("%d deletes of the external test, totals %+v", ext, total)
	}
}

// TestHook: a function of the user's is told map type, typed key and caller; its
// own deletes do not come back to it.
func TestHook(t *testing.T) {
	t.Parallel()
	dir, lines := prog(t)
	o := options(testenv.Local, dir)
	o.Hook = filepath.Join(dir, "hook.go.txt")
	bin, log := filepath.Join(t.TempDir(), "prog"), filepath.Join(t.TempDir(), "log")
	var out bytes.Buffer
	if _, err := Build(o, []string{filepath.Join(dir, "main.go")}, bin, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if code, err := Run(bin, nil, log, NewRun(), nil, &out, &out); err != nil || code != 3 {
		t.Fatalf("%d, %v\n%s", code, err, &out)
	}
	for _, want := range []string{
		fmt.Sprintf("map[uint64]int uint64 7 %d\n", lines["fast64"]),
		fmt.Sprintf("map[main.pair]int main.pair {1 2} %d\n", lines["struct"]),
		fmt.Sprintf("map[interface {}]int int 3 %d\n", lines["any"]),
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the hook did not say %q but\n%s", want, &out)
		}
	}
	_, total := read(t, log)
	if total.Deletes <= 811 { // with those of the hook
		t.Errorf("totals %+v", total)
	}
}

func TestRace(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("gcc"); err != nil {
		testenv.Missing(t, "no gcc, which -race needs")
	}
	dir, _ := prog(t)
	o := options(testenv.Local, dir)
	o.Flags = []string{"-race"}
	bin, log := filepath.Join(t.TempDir(), "prog"), filepath.Join(t.TempDir(), "log")
	var out bytes.Buffer
	if _, err := Build(o, []string{"."}, bin, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if code, err := Run(bin, nil, log, NewRun(), nil, &out, &out); err != nil || code != 3 || strings.Contains(out.String(), "DATA RACE") {
		t.Errorf("%d, %v\n%s", code, err, &out)
	}
	if _, total := read(t, log); total.Deletes != 811+19 { // under -race no range loop is made a clear
		t.Errorf("totals %+v", total)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir, _ := prog(t)
	out := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct {
		name string
		do   func(o *Options) []string
		want string
	}{
		{"no main", func(o *Options) []string { return []string{"./dep"} }, "want one main package"},
		{"no package", func(o *Options) []string { return []string{"./nowhere"} }, "finding ./nowhere"},
		{"how", func(o *Options) []string { o.How = "magic"; return []string{"."} }, `no way of interception is called "magic"`},
		{"hook's file", func(o *Options) []string { o.Hook = filepath.Join(dir, "main_test.go"); return []string{"."} }, "has no func(mapType"},
		{"no such go", func(o *Options) []string { o.Go = "1.0"; return []string{"."} }, "asking for the Go toolchain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(testenv.Local, dir)
			args := c.do(&o)
			if _, err := Build(o, args, out, os.Stderr); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	for _, c := range []struct{ v, x, want string }{
		{"go1.21.13", "", "go1.21.13 is not among those"},
		{"go1.28", "", "go1.28 is not among those"},
		{"go1.24.9 X:noswissmap", "noswissmap", "maps that are not handled"},
		{"devel go1.28-abcdef", "", "is no release"},
	} {
		if _, err := layoutOf(c.v, c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.v, err, c.want)
		}
	}
}

// TestPatchRefuses: a source that is not as expected is not patched.
func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	tc, err := findToolchain(gocmd{path: "go", env: testenv.Local.Env()})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(tc.Root, "src", filepath.FromSlash(tc.layout.pkg))
	var names []string
	for _, f := range tc.layout.files {
		names = append(names, f.name)
		src, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.apply(f.name, src)
		if err != nil {
			t.Fatal(err)
		}
		// All lines that were there are where they were.
		was, is := strings.Split(string(src), "\n"), strings.Split(string(out), "\n")
		changed := 0
		for i := range was[:len(was)-1] {
			if was[i] != is[i] {
				changed++
			}
		}
		if changed != len(f.edits) {
			t.Errorf("%s: %d lines are changed, want %d", f.name, changed, len(f.edits))
		}
		for _, e := range f.edits {
			for _, mangled := range []string{
				strings.Replace(string(src), " "+e.fn+"(", " other(", 1),
				strings.Replace(string(src), e.fn+"("+e.params, e.fn+"(x int, "+e.params, 1),
				strings.Replace(string(src), e.fn+"("+e.params+")", e.fn+"("+e.params+") bool", 1),
				strings.Replace(string(src), "package ", "pakcage ", 1),
			} {
				if _, err := f.apply(f.name, []byte(mangled)); err == nil {
					t.Errorf("%s: a source that is not as expected was patched", e.fn)
				}
			}
			if e.empty != "" {
				mangled := strings.ReplaceAll(string(src), "m == nil || m.Used() == 0", "m.Empty()")
				if _, err := f.apply(f.name, []byte(mangled)); err == nil {
					t.Errorf("%s: no early return, and it was patched", e.fn)
				}
			}
		}
	}
	sort.Strings(names)
	t.Log(names)
}
