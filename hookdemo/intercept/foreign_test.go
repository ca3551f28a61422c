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

// The module that nobody here wrote: caches that evict from maps.
const (
	foreign        = "github.com/hashicorp/golang-lru/v2"
	foreignVersion = "v2.0.7"
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

// TestForeign: the intercepted build of the module passes its own tests, with
// its deletes in the log.
func TestForeign(t *testing.T) {
	dir := foreignDir(t)
	o := options(testenv.Local, dir)
	o.Log = filepath.Join(t.TempDir(), "log")
	var out bytes.Buffer
	rep, code, err := Test(o, []string{"./..."}, nil, &out, &out)
	if err != nil || code != 0 {
		t.Fatalf("%d, %v\n%s", code, err, &out)
	}
	if n := strings.Count("\n"+out.String(), "\nok "); n < 3 {
		t.Errorf("%d packages passed:\n%s", n, &out)
	}
	recs, total := read(t, o.Log)
	callers := map[string]int{}
	for _, r := range recs {
		if r.Op == "delete" && r.Found {
			callers[r.Caller.Func]++
		}
	}
	if callers[foreign+"/simplelru.(*LRU[...]).removeElement"] < 1000 {
		t.Errorf("the module's deletes are not in the log: %v", callers)
	}
	t.Log(rep, total, callers)
}

// tracedTests are those whose deletes are the same in each run, and few enough
// for a debugger.
const (
	tracedPackage = "simplelru"
	tracedTests   = "^(TestLRU|TestLRU_GetOldest_RemoveOldest|TestLRU_Add|TestLRU_Contains|TestLRU_Peek|TestLRU_Resize)$"
)

// deltuiBinary builds cmd/deltui, or skips while there is none.
func deltuiBinary(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("../../cmd/deltui"); err != nil {
		t.Skip("skipped: cmd/deltui is not in this tree yet")
	}
	testenv.NeedPtrace(t)
	bin := filepath.Join(t.TempDir(), "deltui")
	cmd := exec.Command("go", "build", "-o", bin, "../../cmd/deltui")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// op is what this test reads of deltui's JSON lines.
type op struct {
	Op, Func string
	Used     [2]int
	Map      struct{ Addr, Type string }
	Stack    []struct{ Func, File string }
}

// TestCountIsDeltuis: the log of an intercepted build has as many deletes as
// deltui trace sees in the same tests of the unchanged build. Apart are counted
// fast deletes on nil or empty maps, which return before they reach the hook's
// place, and range loops that the compiler made clears.
func TestCountIsDeltuis(t *testing.T) {
	deltui := deltuiBinary(t)
	dir := foreignDir(t)
	pkg := filepath.Join(dir, tracedPackage)

	o := options(testenv.Local, pkg)
	o.Log = filepath.Join(t.TempDir(), "log")
	var out bytes.Buffer
	if _, code, err := Test(o, []string{"."}, []string{"-run", tracedTests}, &out, &out); err != nil || code != 0 {
		t.Fatalf("%d, %v\n%s", code, err, &out)
	}
	recs, total := read(t, o.Log)
	var ours Totals
	for _, r := range recs {
		if !strings.Contains(strings.SplitN(r.Caller.Func, "/", 2)[0], ".") {
			continue // made by the standard library, which deltui leaves out too
		}
		ours.add(r)
	}

	cmd := exec.Command(deltui, "trace", "--json", "--ops", "delete,clear", "--test", ".", "--", "-test.run", tracedTests)
	cmd.Dir = pkg
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var theirs Totals
	dec := json.NewDecoder(&stdout)
	for dec.More() {
		var x op
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		switch {
		case x.Op == "clear":
			theirs.Clears++
		case x.Used[0] == 0 && strings.HasPrefix(x.Func, "runtime.mapdelete_fast"):
			theirs.FastEmpty++
		default:
			theirs.Deletes++
			if x.Used[1] < x.Used[0] {
				theirs.Found++
			}
		}
	}
	ours.Early, ours.Processes = 0, 0
	if ours != theirs || ours.Deletes < 100 || total.Early != 0 {
		t.Errorf("the log has %+v (%d before the hook was in place),\ndeltui saw %+v\n%s", ours, total.Early, theirs, &stderr)
	}
	t.Logf("%+v in both", ours)
}
