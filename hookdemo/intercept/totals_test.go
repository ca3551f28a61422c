package intercept

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzRead: each line of a log, whatever it is, counts once.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"op":"delete","found":true,"pid":1}` + "\n" + `{"op":"early","deletes":3}` + "\n{\"op\":\"del"))
	f.Add([]byte(`{"op":"start","run":"r","pid":1,"package":"p"}` + "\n" + `{"op":"delete","run":"r","pid":1,"hidden":7}` + "\n"))
	f.Add([]byte(`{"op":"clear","map":{"addr":"0x1"}}` + "\n\n[]\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		records, apart := 0, 0
		total, err := Read(bytes.NewReader(log), func(r Record) {
			records++
			if r.Op == "early" || r.Op == "start" {
				apart++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(log, []byte("\n"))
		if len(log) > 0 && log[len(log)-1] != '\n' {
			lines++
		}
		if records+total.Torn != lines || total.Deletes+total.FastEmpty+total.Clears+apart != records {
			t.Errorf("%d lines: %d records, %+v", lines, records, total)
		}
	})
}

// TestRuns: two runs in one log, mixed, one of them of two processes.
func TestRuns(t *testing.T) {
	log := strings.Join([]string{
		`{"run":"a","pid":1,"op":"start","package":"example.com/p","time":"t1"}`,
		`{"run":"b","pid":1,"op":"start","package":"example.com/q","time":"t2"}`,
		`{"run":"a","pid":1,"op":"early","deletes":2}`,
		`{"run":"a","pid":1,"op":"delete","found":true,"caller":{"func":"main.main"}}`,
		`{"run":"b","pid":1,"op":"delete","found":true,"caller":{"func":"example.com/q.F"},"hidden":3}`,
		`{"run":"a","pid":2,"op":"start","package":"example.com/p/r","time":"t3"}`,
		`{"run":"a","pid":1,"op":"delete","caller":{"func":"gopkg.in/x%2ev1.(*T).F"},"hidden":4}`,
		`torn`,
		`{"run":"a","pid":2,"op":"delete","found":true,"caller":{"func":"gopkg.in/x%2ev1.G"},"hidden":5}`,
		`{"run":"a","pid":1,"op":"clear","caller":{"func":"main.main"},"hidden":6}`,
		`{"run":"a","pid":1,"op":"delete","fast_empty":true,"caller":{"func":"main.main"},"hidden":6}`,
	}, "\n")
	a := RunSummary{
		ID: "a", Began: "t1", Started: []string{"example.com/p", "example.com/p/r"},
		Totals: Totals{Deletes: 3, Found: 2, FastEmpty: 1, Clears: 1, Early: 2, Hidden: 11, Processes: 2},
		ByPackage: []PackageTotals{
			{"gopkg.in/x.v1", Totals{Deletes: 2, Found: 1}},
			{"example.com/p", Totals{Deletes: 1, Found: 1, FastEmpty: 1, Clears: 1}},
		},
	}
	b := RunSummary{
		ID: "b", Began: "t2", Started: []string{"example.com/q"},
		Totals:    Totals{Deletes: 1, Found: 1, Hidden: 3, Processes: 1},
		ByPackage: []PackageTotals{{"example.com/q", Totals{Deletes: 1, Found: 1}}},
	}
	for id, want := range map[string][]RunSummary{"": {a, b}, "b": {b}, "c": nil} {
		got, torn, err := Runs(strings.NewReader(log), id)
		if err != nil || torn != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("run %q: %v, %d torn\n%+v\nwant\n%+v", id, err, torn, got, want)
		}
	}
	var out bytes.Buffer
	if err := a.WritePackages(&out, 1); err != nil {
		t.Fatal(err)
	}
	if want := "deletes found nil or empty clears package 2 1 0 0 gopkg.in/x.v1 and 1 more packages"; strings.Join(strings.Fields(out.String()), " ") != want {
		t.Errorf("the table is\n%s", &out)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, os.ErrClosed }

func TestReadFails(t *testing.T) {
	t.Parallel()
	if _, err := Read(io.MultiReader(strings.NewReader("{}\n"), brokenReader{}), nil); err == nil || !strings.Contains(err.Error(), "reading the log") {
		t.Errorf("%v", err)
	}
}

// TestSwap: only the compiler, for the package, has its files replaced, and all
// of them.
func TestSwap(t *testing.T) {
	t.Parallel()
	s := swap{Pkg: "runtime", Files: map[string]string{"map.go": "/new/1_map.go", "map_fast64.go": "/new/2_map_fast64.go"}}
	for _, c := range []struct{ args, want string }{
		{"-o x -p runtime a.go ./map.go /goroot/src/runtime/map_fast64.go", "-o x -p runtime a.go /new/1_map.go /new/2_map_fast64.go"},
		{"-o x -p main ./map.go", "-o x -p main ./map.go"},
		{"-o x -p runtime a.go ./map.go", ""},
		{"-V=full", "-V=full"},
	} {
		got, err := s.apply(strings.Fields(c.args))
		if text := strings.Join(got, " "); text != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s\nbecame %s, %v\nwant   %s", c.args, text, err, c.want)
		}
	}

	var out bytes.Buffer
	for _, args := range [][]string{nil, {filepath.Join(t.TempDir(), "nothing"), "compile"}} {
		if _, err := RunTool(args, nil, &out, &out); err == nil || !strings.Contains(err.Error(), "toolexec") {
			t.Errorf("RunTool(%q): %v", args, err)
		}
	}
}
