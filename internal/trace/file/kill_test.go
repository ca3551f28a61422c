//go:build unix

package file_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/moment"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// A writer that is killed leaves a file that opens with all that was flushed.
func TestKilled(t *testing.T) {
	const env = "TRACE_TEST_KILLED"
	if path := os.Getenv(env); path != "" {
		writeAndDie(t, path)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/x.deltui"
	cmd := exec.Command(exe, "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), env+"="+path)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the writer was to be killed: %v\n%s", err, out)
	}
	f, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Len() < 600 || len(f.Pending()) == 0 {
		t.Errorf("%d ops and %d in progress are left of 600 and 1", f.Len(), len(f.Pending()))
	}
	if d := strings.Join(f.Damage(), "\n"); !strings.Contains(d, "was not finished") {
		t.Errorf("the damage told is %q", d)
	}
	op, err := f.Seq(600)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := moment.Of(f, op); err != nil || d.Before.Map == nil || d.After.Map == nil {
		t.Errorf("the last op decodes to %+v, %v", d, err)
	}
	if f.Info().Target == "" || f.Fate().Ended {
		t.Errorf("facts are %+v, %+v", f.Info(), f.Fate())
	}
}

// writeAndDie kills itself as soon as what it wrote is in the file.
func writeAndDie(t *testing.T, path string) {
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := tracetest.Fill(f.Sink(), tracetest.Options{Ops: 600, Pending: true, Running: true}); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if g, err := file.Open(path); err == nil && g.Len() == 600 && len(g.Pending()) == 1 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the ops do not come to the file")
}
