package tally_test

import (
	"bytes"
	_ "embed"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/tally"
	"deltui/internal/testenv"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

//go:embed testdata/program.txtar
var program []byte

// figures are what the program's record and the tally are compared by.
type figures struct{ deletes, made, left, drained int }

// record is what the program says of itself, by function.
func record(t *testing.T, said string) map[string]figures {
	t.Helper()
	want := make(map[string]figures)
	for _, line := range strings.Split(said, "\n") {
		var by string
		var f figures
		if n, _ := fmt.Sscanf(line, "record %s deletes=%d made=%d left=%d drained=%d", &by, &f.deletes, &f.made, &f.left, &f.drained); n == 5 {
			want[by] = f
		}
	}
	if len(want) != 3 {
		t.Fatalf("the program says:\n%s", said)
	}
	return want
}

// byCaller sums a report's calls by their callers.
func byCaller(r *tally.Report) map[string]figures {
	got := make(map[string]figures)
	for i := range r.Calls {
		c := &r.Calls[i]
		f := got[c.Stack[0].Func]
		got[c.Stack[0].Func] = figures{f.deletes + int(c.Deletes), f.made + int(c.Made), f.left + c.Left, f.drained + c.Drained}
	}
	return got
}

// byMap sums a report's maps.
func byMap(r *tally.Report) (f figures) {
	for i := range r.Maps {
		m := &r.Maps[i]
		f = figures{f.deletes + int(m.Deletes), f.made + int(m.Made), f.left + m.Left, f.drained + m.Drained}
	}
	return f
}

// TestRecord compares the tally of a recording with what the program itself has
// counted in its own memory, where assigns are watched and where they are not.
func TestRecord(t *testing.T) {
	testenv.NeedPtrace(t)
	tool := testenv.Command(t, "deltui/cmd/deltui")
	for _, tc := range testenv.Among(testenv.Local, testenv.Toolchain{Version: testenv.Go123}) {
		bin := tc.Build(t, testenv.Unpack(t, program))
		for _, ops := range []string{"delete,clear", "delete,clear,assign"} {
			t.Run(tc.String()+" "+ops, func(t *testing.T) {
				recording := filepath.Join(t.TempDir(), "recording")
				var said bytes.Buffer
				cmd := exec.Command(tool, "trace", "--json", "--who", "--ops", ops, "-o", recording, bin)
				cmd.Stderr = &said
				if err := cmd.Run(); err != nil {
					t.Fatalf("%v\n%s", err, said.Bytes())
				}
				want := record(t, said.String())
				tl, err := file.Open(recording)
				if err != nil {
					t.Fatal(err)
				}
				defer tl.Close()
				r := count(t, tl)
				var all figures
				for by, f := range want {
					all = figures{all.deletes + f.deletes, all.made + f.made, all.left + f.left, all.drained + f.drained}
					if got := byCaller(&r)[by]; got != f {
						t.Errorf("%s: %+v, the program says %+v", by, got, f)
					}
				}
				if got := byMap(&r); got != all {
					t.Errorf("all maps: %+v, the program says %+v", got, all)
				}
				swiss := tl.Info().Layout != "classic"
				if all.drained == 0 || swiss && (all.made == all.left || all.left == 0) {
					t.Errorf("the program leaves too little to compare: %+v", all)
				}
				for i := range r.Maps {
					if m := &r.Maps[i]; m.Known && m.Tombstones != m.Left {
						t.Errorf("map %d: %d tombstones by its header, %d left by calls", m.ID, m.Tombstones, m.Left)
					}
				}
				// The table at the end of trace is the same report.
				var table bytes.Buffer
				if err := r.Write(&table, tally.Style{Top: 40}); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(said.String(), table.String()) {
					t.Errorf("--who says\n%s\nwant\n%s", said.String(), table.String())
				}
				t.Logf("%+v", all)
			})
		}
	}
}

// count tallies a whole timeline.
func count(t *testing.T, tl trace.Timeline) tally.Report {
	t.Helper()
	c := tally.New()
	for seq := uint64(1); seq <= uint64(tl.Len()); seq++ {
		op, err := tl.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Add(tl, op); err != nil {
			t.Fatal(err)
		}
	}
	return c.Report()
}
