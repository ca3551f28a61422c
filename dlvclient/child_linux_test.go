package dlvclient

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"deltui/internal/procfs"
	"deltui/internal/testenv"
)

// A process that its tracer has given up is killed before it is woken, and has
// done nothing.
func TestFreed(t *testing.T) {
	testenv.NeedPtrace(t)
	dir := testenv.Unpack(t, []byte("-- go.mod --\nmodule touch\n\ngo 1.18\n-- main.go --\npackage main\n\nimport \"os\"\n\nfunc main() { os.WriteFile(os.Args[1], nil, 0o666) }\n"))
	made := filepath.Join(t.TempDir(), "made")
	c, err := start(Config{Args: []string{made}}, testenv.Local.Build(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go c.killIfFreed(ctx)

	runtime.LockOSThread() // the tracer
	defer runtime.UnlockOSThread()
	if err := unix.PtraceAttach(c.pid); err != nil {
		t.Fatal(err)
	}
	if ws, err := wait4(c.pid, 0); err != nil || !ws.Stopped() {
		t.Fatal(ws, err)
	}
	for n := 0; n == 0; time.Sleep(20 * time.Millisecond) { // until the watcher has seen it
		if n, err = procfs.Tracer(c.pid); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.PtraceDetach(c.pid); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if s, err := procfs.ReadStat(c.pid); err != nil || s.Dead() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	_ = unix.Kill(c.pid, unix.SIGCONT)
	if ws, err := wait4(c.pid, 0); err != nil || !ws.Signaled() || ws.Signal() != unix.SIGKILL {
		t.Errorf("it ended with wait status %#x, %v", uint32(ws), err)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("it has run")
	}
}
