//go:build unix

package file_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// child runs the test in a process of its own, with files of at most so many
// bytes, as on a disk that is full.
func child(t *testing.T, most uint64, env string) string {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "DISK_TEST="+env, fmt.Sprint("DISK_TEST_MOST=", most))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func inChild(t *testing.T) (env string, is bool) {
	env = os.Getenv("DISK_TEST")
	if env == "" {
		return "", false
	}
	var most uint64
	fmt.Sscan(os.Getenv("DISK_TEST_MOST"), &most)
	signal.Ignore(syscall.SIGXFSZ)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}))
	return env, true
}

// TestDiskFull: a recording whose disk is full opens to its last whole block; what
// was seen after that cannot be there, and the writer is told why.
func TestDiskFull(t *testing.T) {
	o := tracetest.Options{Ops: 4000, Keys: 60}
	if path, is := inChild(t); is {
		f, err := file.Create(path)
		must(t, err)
		err = tracetest.Fill(f.Sink(), o)
		if err == nil || !strings.Contains(err.Error(), "file too large") || !strings.Contains(err.Error(), "what was seen before is kept") {
			t.Fatalf("writing to a full disk: %v", err)
		}
		n := f.Len()
		if op, err := f.Seq(uint64(n)); err != nil || op.Seq != uint64(n) { // it can still be looked at
			t.Fatalf("op %d: %+v, %v", n, op, err)
		}
		if err := f.Close(); err == nil {
			t.Fatal("closing does not say that ops are missing")
		}
		return
	}
	path := filepath.Join(t.TempDir(), "x.deltui")
	child(t, 100_000, path)
	st, err := os.Stat(path)
	must(t, err)
	f, err := file.Open(path)
	must(t, err)
	defer f.Close()
	whole := tracetest.New(t, o)
	if f.Len() < 500 || f.Len() >= 4000 || st.Size() > 100_000 || st.Size() < 50_000 {
		t.Errorf("%d ops in %d bytes", f.Len(), st.Size())
	}
	if d := strings.Join(f.Damage(), "\n"); d != "was not finished: it has no index, and may lack the last second" {
		t.Errorf("the damage told is %q", d)
	}
	for seq := uint64(1); seq <= uint64(f.Len()); seq++ {
		same(t, f, whole, seq)
	}
}

// TestDiskFullBounded: a full disk bounds a bounded timeline further, and ends
// nothing.
func TestDiskFullBounded(t *testing.T) {
	o := tracetest.Options{Ops: 4000, Keys: 60}
	if env, is := inChild(t); is {
		f, err := file.Create("", file.Limit(1<<30))
		must(t, err)
		must(t, tracetest.Fill(f.Sink(), o))
		if f.Len() != 4000 {
			t.Fatalf("%d ops", f.Len())
		}
		first := f.First()
		for seq := first; seq <= 4000; seq++ {
			if op, err := f.Seq(seq); err != nil || op.Seq != seq {
				t.Fatalf("op %d: %+v, %v", seq, op, err)
			}
		}
		notes := strings.Join(f.Info().Notes, "\n")
		t.Logf("ops %d to 4000 are held; it says %q", first, notes)
		if first == 1 || env == "some" && first > 3700 || strings.Count(notes, "let go") != 1 || !strings.Contains(notes, "cannot grow beyond") || !strings.Contains(notes, "file too large") {
			t.Fatalf("ops from %d on are held; it says %q", first, notes)
		}
		must(t, f.Close())
		return
	}
	t.Log(child(t, 100_000, "some"))
	t.Log(child(t, 3000, "none"))
}

// A disk that is full at once refuses a recording.
func TestDiskFullAtOnce(t *testing.T) {
	full := "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("skipped: no %s on this system", full)
	}
	if f, err := file.Create(full, file.Force); err == nil {
		f.Close()
		t.Fatal("created a file on a full disk")
	} else if !strings.Contains(err.Error(), "no space left") {
		t.Errorf("the error does not say why: %v", err)
	}
}
