package intercept

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// The module that nobody here wrote: caches that evict from maps, in Go 1.12,
// whose tests do not depend on time (those of its v2 do).
const (
	foreign        = "github.com/hashicorp/golang-lru"
	foreignVersion = "v1.0.2"
)

// foreignDir copies the module out of the module cache, where nothing may be
// added to it.
func foreignDir(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", foreign+"@"+foreignVersion)
	cmd.Dir, cmd.Env = t.TempDir(), testenv.Local.Env()
	out, err := cmd.Output()
	var m struct{ Dir, Error string }
	if jerr := json.Unmarshal(out, &m); err != nil || jerr != nil || m.Dir == "" {
		testenv.Missing(t, "%s cannot be had: %v %s", foreign, err, m.Error)
	}
	dir := filepath.Join(t.TempDir(), "lru")
	if err := os.CopyFS(dir, os.DirFS(m.Dir)); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o777)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestForeign: the intercepted build of the module passes its own tests with
// each toolchain, with its deletes in the log.
func TestForeign(t *testing.T) {
	t.Parallel()
	dir := foreignDir(t)
	for _, tc := range testenv.Toolchains() {
		if !supported(tc) {
			continue
		}
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			o := options(tc, dir)
			o.Log = filepath.Join(t.TempDir(), "log")
			var out bytes.Buffer
			rep, code, err := Test(o, []string{"./..."}, nil, &out, &out)
			if err != nil || code != 0 {
				t.Fatalf("%d, %v\n%s", code, err, &out)
			}
			if n := strings.Count("\n"+out.String(), "\nok "); n != 2 {
				t.Errorf("%d packages passed:\n%s", n, &out)
			}
			recs, total := read(t, o.Log)
			callers := map[string]int{}
			for _, r := range recs {
				if r.Op == "delete" && r.Found {
					callers[r.Caller.Func]++
				}
			}
			if callers[foreign+"/simplelru.(*LRU).removeElement"] < 1000 {
				t.Errorf("the module's deletes are not in the log: %v", callers)
			}
			t.Log(rep, total, callers)
		})
	}
}

// tracedTests are those whose deletes are the same in each run, and few enough
// for a debugger.
const (
	tracedPackage = "simplelru"
	tracedTests   = "^(TestLRU|TestLRU_GetOldest_RemoveOldest|TestLRU_Add|TestLRU_Contains|TestLRU_Peek|TestLRU_Resize)$"
)

// deltuiBinary builds deltui.
func deltuiBinary(t *testing.T) string {
	t.Helper()
	testenv.NeedPtrace(t)
	return testenv.Command(t, "deltui/cmd/deltui")
}

// op is what this test reads of deltui's JSON lines.
type op struct {
	Op, Func, Outcome string
	Used              [2]int
}

// deltuiTotals runs deltui trace in dir and counts as the log is counted.
func deltuiTotals(t *testing.T, deltui, dir string, args ...string) (total Totals, stderr string) {
	t.Helper()
	cmd := exec.Command(deltui, append([]string{"trace", "--json", "--ops", "delete,clear"}, args...)...)
	cmd.Dir, cmd.Env = dir, testenv.Local.Env()
	var stdout, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	dec := json.NewDecoder(&stdout)
	for dec.More() {
		var x op
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		switch {
		case x.Op == "clear":
			total.Clears++
		case x.Used[0] == 0 && strings.HasPrefix(x.Func, "runtime.mapdelete_fast"):
			total.FastEmpty++
		default:
			total.Deletes++
			if x.Used[1] < x.Used[0] {
				total.Found++
			}
			if x.Outcome == "panicked" {
				total.Panicked++
			}
		}
	}
	return total, errs.String()
}

// counts are a log's totals without what only it knows.
func (t Totals) counts() Totals {
	t.Early, t.Hidden, t.Processes = 0, 0, 0
	return t
}

// TestCountIsDeltuis: the log of an intercepted build has as many deletes as
// deltui trace sees in the same run of the unchanged build. Apart are counted
// fast deletes on nil or empty maps, which return before they reach the hook's
// place, and range loops that the compiler made clears.
func TestCountIsDeltuis(t *testing.T) {
	t.Parallel()
	deltui := deltuiBinary(t)
	t.Run("foreign", func(t *testing.T) {
		t.Parallel()
		pkg := filepath.Join(foreignDir(t), tracedPackage)
		o := options(testenv.Local, pkg)
		o.Log = filepath.Join(t.TempDir(), "log")
		var out bytes.Buffer
		if _, code, err := Test(o, []string{"."}, []string{"-run", tracedTests}, &out, &out); err != nil || code != 0 {
			t.Fatalf("%d, %v\n%s", code, err, &out)
		}
		_, all := read(t, o.Log)
		ours := all.counts()
		theirs, said := deltuiTotals(t, deltui, pkg, "--test", ".", "--", "-test.run", tracedTests)
		if ours != theirs || ours.Deletes < 100 || all.Early != 0 {
			t.Errorf("the log has %+v (%d before the hook was in place),\ndeltui saw %+v\n%s", ours, all.Early, theirs, said)
		}
		t.Logf("%+v in both", ours)
	})
	for _, std := range []bool{false, true} {
		t.Run(fmt.Sprint("each kind, std ", std), func(t *testing.T) {
			if !std {
				testenv.More(t)
			}
			dir, _ := prog(t)
			bin, log := filepath.Join(t.TempDir(), "prog"), filepath.Join(t.TempDir(), "log")
			var out bytes.Buffer
			o := options(testenv.Local, dir)
			o.Std = std
			if _, err := Build(o, []string{"."}, bin, &out); err != nil {
				t.Fatalf("%v\n%s", err, &out)
			}
			if code, err := Run(bin, nil, log, NewRun(), nil, &out, &out); err != nil || code != 3 {
				t.Fatalf("%d, %v\n%s", code, err, &out)
			}
			_, all := read(t, log)
			ours := all.counts()
			args := []string{"."}
			if std {
				args = []string{"--std", "."}
			}
			theirs, said := deltuiTotals(t, deltui, dir, args...)
			if all.Early != 1 {
				t.Errorf("%d deletes before the hook was in place, want that of dep", all.Early)
			}
			ours.Deletes++ // it, which found its key
			ours.Found++
			if ours != theirs || ours.FastEmpty != 2 || ours.Clears != 1 || ours.Panicked != 1 {
				t.Errorf("the log has %+v,\ndeltui saw %+v\n%s", ours, theirs, said)
			}
			t.Logf("%+v in both", ours)
		})
	}
}

// TestFilter: what is recorded of a module whose test makes the standard library
// delete.
func TestFilter(t *testing.T) {
	t.Parallel()
	dir := testenv.Unpack(t, []byte(`
-- go.mod --
module example.com/f

go 1.20
-- f_test.go --
package f_test

import (
	"net/url"
	"testing"

	"example.com/f/dep"
)

func TestF(t *testing.T) {
	v := url.Values{"a": nil, "b": nil, "c": nil}
	v.Del("a")
	v.Del("b")
	v.Del("c")
	dep.Forget()
	own := map[int]int{1: 1}
	delete(own, 1)
}
-- dep/dep.go --
package dep

func Forget() {
	m := map[int]int{1: 1, 2: 2}
	delete(m, 1)
	delete(m, 2)
}
`))
	const self, dep, std = "example.com/f_test", "example.com/f/dep", "net/url"
	for _, tc := range testenv.Toolchains() {
		if !supported(tc) {
			continue
		}
		for _, c := range []struct {
			name string
			std  bool
			pkgs []string
			want map[string]int
			err  string
		}{
			{"default", false, nil, map[string]int{self: 1, dep: 2}, ""},
			{"std", true, nil, map[string]int{self: 1, dep: 2, std: 3}, ""},
			{"pkg", false, []string{"./dep"}, map[string]int{dep: 2}, ""},
			{"pkg and its tests", false, []string{"."}, map[string]int{self: 1}, ""},
			{"pkg std", false, []string{std, "example.com/f/d..."}, map[string]int{dep: 2, std: 3}, ""},
			{"no such pkg", false, []string{"example.com/nothing"}, nil, "finding the packages example.com/nothing"},
			{"no match", false, []string{"example.com/f/nothing/..."}, nil, "no package matches example.com/f/nothing/..."},
		} {
			t.Run(tc.String()+"/"+c.name, func(t *testing.T) {
				tc.Need(t)
				o := options(tc, dir)
				o.Log, o.Std, o.Packages = filepath.Join(t.TempDir(), "log"), c.std, c.pkgs
				var out bytes.Buffer
				rep, code, err := Test(o, []string{"."}, nil, &out, &out)
				if c.err != "" {
					if err == nil || !strings.Contains(err.Error(), c.err) {
						t.Errorf("%v, want %q", err, c.err)
					}
					return
				}
				if err != nil || code != 0 {
					t.Fatalf("%d, %v\n%s", code, err, &out)
				}
				f, err := os.Open(o.Log)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				runs, _, err := Runs(f, rep.Run)
				if err != nil || len(runs) != 1 {
					t.Fatalf("%v, %+v", err, runs)
				}
				got := map[string]int{}
				for _, p := range runs[0].ByPackage {
					got[p.Package] = p.Totals.Deletes
					if _, ok := c.want[p.Package]; !ok && c.std {
						delete(got, p.Package) // the standard library's others, which depend on the version
					}
				}
				left := runs[0].Totals.Hidden
				if !reflect.DeepEqual(got, c.want) || c.std && left != 0 || !c.std && c.pkgs == nil && left < 3 {
					t.Errorf("recorded %v, %d left out, want %v", got, left, c.want)
				}
			})
		}
	}
}
