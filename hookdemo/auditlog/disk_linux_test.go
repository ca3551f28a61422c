package auditlog

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A disk that is full for real, and is given room while the deletes wait.
func TestFullDiskForReal(t *testing.T) {
	o, room, file := fullDisk(t)
	o.Queue = 8
	l := open(t, o)
	use(t, l)
	go func() {
		for l.Stats().Failures == 0 {
			time.Sleep(time.Millisecond)
		}
		room()
	}()
	want := churn(t, 2, 50)
	shut(t, l)
	text, err := os.ReadFile(file)
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

// fullDisk is a file system of 64 KB with 40 KB of ballast; where none may be
// mounted it is /dev/full, which becomes a file when room is called.
func fullDisk(t *testing.T) (o Options, room func(), file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "audit.jsonl")
	err := syscall.Mount("deltui", dir, "tmpfs", 0, "size=64k")
	if err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		ballast := filepath.Join(dir, "ballast")
		if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		return Options{File: file}, func() { _ = os.Remove(ballast) }, file
	}
	t.Logf("no tmpfs (%v), taking /dev/full", err)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(full.Fd())
	return Options{Writer: struct{ *os.File }{full}}, func() {
		if err := syscall.Dup3(int(disk.Fd()), fd, 0); err != nil {
			t.Error(err)
		}
	}, file
}
