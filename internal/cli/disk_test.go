//go:build linux

package cli_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/testenv"
	"deltui/internal/trace/file"
)

// many deletes as often as it is told.
const many = `package main

import (
	"os"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	m := map[int]string{}
	for i := 0; i < n; i++ {
		m[i%50] = strconv.Itoa(i * 1234567)
		delete(m, i%50)
	}
}
`

// fullDisk runs deltui where no file may have more than so many KiB, which is
// what a full disk is to it: what is written beyond fails.
func fullDisk(t *testing.T, kib int, args ...string) (stdout []byte, stderr string, err error) {
	t.Helper()
	cmd, said := deltui(t, args...)
	sh := exec.Command("bash", append([]string{"-c", "ulimit -f " + strconv.Itoa(kib) + `; exec "$0" "$@"`}, cmd.Args...)...)
	sh.Env, sh.Stderr = cmd.Env, said
	stdout, err = sh.Output()
	return stdout, said.String(), err
}

// A trace that nobody asked to record goes on when its temporary disk is full, and
// says what it dropped: every op is printed.
func TestFullTemporaryDisk(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	const ops = 1000
	prog := program(t, many)
	for _, kib := range []int{0, 8} {
		stdout, stderr, err := fullDisk(t, kib, "trace", "--json", prog, "--", strconv.Itoa(ops))
		if err != nil {
			t.Errorf("%d KiB: %v", kib, err)
		}
		n := 0
		for line := range bytes.Lines(stdout) {
			n++
			var op struct {
				Seq     int
				Found   bool
				Changes []any
			}
			if err := json.Unmarshal(line, &op); err != nil || op.Seq != n || !op.Found || len(op.Changes) != 1 {
				t.Fatalf("%d KiB: op %d: %v: %s", kib, n, err, line)
			}
		}
		if n != ops {
			t.Errorf("%d KiB: %d ops of %d were printed", kib, n, ops)
		}
		if !strings.Contains(stderr, "(file too large): its oldest ops are let go") {
			t.Errorf("%d KiB: said %q", kib, stderr)
		}
	}
}

// A recording that its disk has no room for ends the trace, and opens to its last
// whole block.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	rec := filepath.Join(t.TempDir(), "x.deltui")
	stdout, stderr, err := fullDisk(t, 64, "trace", "--json", "-o", rec, program(t, many), "--", "5000")
	if err == nil || !strings.Contains(stderr, "file too large; what was seen before is kept") || !strings.Contains(stderr, rec) {
		t.Errorf("%v: said %q", err, stderr)
	}
	tl, err := file.Open(rec)
	if err != nil {
		t.Fatal(err)
	}
	defer tl.Close()
	printed := bytes.Count(stdout, []byte("\n"))
	if n := tl.Len(); n < 500 || n > printed {
		t.Errorf("%d ops are in it, %d were printed", n, printed)
	}
	for seq := 1; seq <= tl.Len(); seq++ {
		if op, err := tl.Seq(uint64(seq)); err != nil || op.KeyText != strconv.Itoa((seq-1)%50) {
			t.Fatalf("op %d: %v: %v", seq, op, err)
		}
	}
}
