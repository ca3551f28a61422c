package intercept

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
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

// logTotals counts a log's records, but for those made by the standard library,
// which deltui leaves out too.
func logTotals(recs []Record) (total Totals) {
	for _, r := range recs {
		first := strings.SplitN(r.Caller.Func, "/", 2)[0]
		if r.Op != "early" && (strings.Contains(first, ".") && strings.Contains(r.Caller.Func, "/") || strings.HasPrefix(first, "main.")) {
			total.add(r)
		}
	}
	return total
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
		recs, all := read(t, o.Log)
		ours := logTotals(recs)
		theirs, said := deltuiTotals(t, deltui, pkg, "--test", ".", "--", "-test.run", tracedTests)
		if ours != theirs || ours.Deletes < 100 || all.Early != 0 {
			t.Errorf("the log has %+v (%d before the hook was in place),\ndeltui saw %+v\n%s", ours, all.Early, theirs, said)
		}
		t.Logf("%+v in both", ours)
	})
	t.Run("each kind", func(t *testing.T) {
		dir, _ := prog(t)
		bin, log := filepath.Join(t.TempDir(), "prog"), filepath.Join(t.TempDir(), "log")
		var out bytes.Buffer
		if _, err := Build(options(testenv.Local, dir), []string{"."}, bin, &out); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		if code, err := Run(bin, nil, log, nil, &out, &out); err != nil || code != 3 {
			t.Fatalf("%d, %v\n%s", code, err, &out)
		}
		recs, all := read(t, log)
		ours := logTotals(recs)
		theirs, said := deltuiTotals(t, deltui, dir, ".")
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
