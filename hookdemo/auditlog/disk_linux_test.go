package auditlog

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// A real file system of 64 KB, which is given room while the deletes wait.
func TestFullDiskForReal(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("deltui", dir, "tmpfs", 0, "size=64k"); err != nil {
		testenv.Missing(t, "no file system to fill: mounting a tmpfs: %v (needs root)", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, Options{File: filepath.Join(dir, "audit.jsonl"), Queue: 8})
	use(t, l)
	go func() {
		for l.Stats().Failures == 0 {
			time.Sleep(time.Millisecond)
		}
		_ = os.Remove(ballast)
	}()
	want := churn(t, 2, 50)
	shut(t, l)
	text, err := os.ReadFile(filepath.Join(dir, "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	recs, _ := parse(t, text)
	if got := distinct(t, only(recs, "delete")); got != want || want != 100 {
		t.Errorf("%d records of %d deletes", got, want)
	}
	if l.Stats().Failures == 0 {
		t.Error("the disk was never full")
	}
}
