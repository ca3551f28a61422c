package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"deltui/internal/export"
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace/tracetest"
)

// What the profile adds up to is what the timeline says op by op, and the go
// command's pprof reads it.
func TestProfile(t *testing.T) {
	const ops = 400
	tl := tracetest.New(t, tracetest.Options{Ops: ops})
	var buf bytes.Buffer
	if _, err := export.Write(t.Context(), &buf, tl, export.Profile, export.At{Seq: 1}); err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var want [4]int64
	byCaller := map[string]int64{} // tombstones
	for seq := uint64(1); seq <= ops; seq++ {
		op, err := tl.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		want[0]++
		a, err := moment.Of(tl, op)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Changes() {
			if c.State[1] == gomap.Deleted {
				want[1]++
				want[2] += 17 // of a group of 136 bytes
				byCaller[op.Caller.Func]++
			}
		}
		if more := len(a.After.Map.Rows) - len(a.Before.Map.Rows); more > 0 {
			want[3] += int64(more) * int64(a.After.Map.Layout.Row.Size)
		}
	}
	var got [4]int64
	tombstones := map[string]int64{}
	for _, s := range p.Sample {
		for i, v := range s.Value {
			got[i] += v
		}
		if s.Value[1] > 0 {
			tombstones[s.Location[1].Line[0].Function.Name] += s.Value[1]
		}
		if len(s.Label["op"]) != 1 || len(s.Label["map"]) != 1 || !strings.HasPrefix(s.Label["map"][0], "#") {
			t.Errorf("labels %v", s.Label)
		}
	}
	if got != want || want[1] == 0 || want[3] == 0 {
		t.Errorf("ops, tombstones, tombstone_space, grown_space: %v, want %v", got, want)
	}
	for fn, n := range byCaller {
		if tombstones[fn] != n {
			t.Errorf("%s left %d tombstones, the profile says %d", fn, n, tombstones[fn])
		}
	}

	name := filepath.Join(t.TempDir(), "x.pb.gz")
	if err := os.WriteFile(name, buf.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "pprof", "-top", "-cum", "-sample_index=tombstones", name).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	if !regexp.MustCompile(`(?m)100%\s+main\.main`).Match(out) || !bytes.Contains(out, []byte("Type: tombstones")) {
		t.Errorf("go tool pprof -top -cum:\n%s", out)
	}
}
