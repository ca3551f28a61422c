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
	bin := filepath.Join(t.TempDir(), "deltui")
	cmd := exec.Command("go", "build", "-o", bin, "deltui/cmd/deltui")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
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
	deltui := deltuiBinary(t)
	t.Run("foreign", func(t *testing.T) {
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

// TestFilter: what is recorded of a module whose test makes sync.Map delete.
func TestFilter(t *testing.T) {
	dir := testenv.Unpack(t, []byte(`
-- go.mod --
module example.com/f

go 1.20
-- f_test.go --
package f_test

import (
	"sync"
	"testing"

	"example.com/f/dep"
)

func TestF(t *testing.T) {
	var m sync.Map
	for i := 0; i < 20; i++ {
		m.Store(i, i)
		m.Range(func(k, v interface{}) bool { return true })
		m.Store(-i-1, i)
		m.Delete(-i-1)
	}
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
	tc := testenv.Toolchain{Version: testenv.Go123} // whose sync.Map is made of maps
	tc.Need(t)
	for _, c := range []struct {
		name   string
		std    bool
		pkgs   []string
		want   map[string]int
		hidden bool
		err    string
	}{
		{"default", false, nil, map[string]int{"example.com/f_test": 1, "example.com/f/dep": 2}, true, ""},
		{"std", true, nil, map[string]int{"example.com/f_test": 1, "example.com/f/dep": 2, "sync": -1}, false, ""},
		{"pkg", false, []string{"./dep"}, map[string]int{"example.com/f/dep": 2}, true, ""},
		{"pkg and its tests", false, []string{"."}, map[string]int{"example.com/f_test": 1}, true, ""},
		{"pkg std", false, []string{"sync", "example.com/f/d..."}, map[string]int{"example.com/f/dep": 2, "sync": -1}, true, ""},
		{"no such pkg", false, []string{"example.com/nothing"}, nil, false, "finding the packages example.com/nothing"},
		{"no match", false, []string{"example.com/f/nothing/..."}, nil, false, "no package matches example.com/f/nothing/..."},
	} {
		t.Run(c.name, func(t *testing.T) {
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
				if c.want[p.Package] < 0 && p.Totals.Deletes > 0 {
					got[p.Package] = -1 // some
				}
			}
			if !reflect.DeepEqual(got, c.want) || (runs[0].Totals.Hidden > 0) != c.hidden {
				t.Errorf("recorded %v, %d hidden, want %v", got, runs[0].Totals.Hidden, c.want)
			}
		})
	}
}
