package intercept

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead: each line of a log, whatever it is, counts once.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"op":"delete","found":true,"pid":1}` + "\n" + `{"op":"early","deletes":3}` + "\n{\"op\":\"del"))
	f.Add([]byte(`{"op":"clear","map":{"addr":"0x1"}}` + "\n\n[]\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		records, early := 0, 0
		total, err := Read(bytes.NewReader(log), func(r Record) {
			records++
			if r.Op == "early" {
				early++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(log, []byte("\n"))
		if len(log) > 0 && log[len(log)-1] != '\n' {
			lines++
		}
		if records+total.Torn != lines || total.Deletes+total.FastEmpty+total.Clears+early != records {
			t.Errorf("%d lines: %d records, %+v", lines, records, total)
		}
	})
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
