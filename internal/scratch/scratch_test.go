package scratch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"deltui/internal/procfs"
)

func TestSweep(t *testing.T) {
	self, err := procfs.ReadStat(os.Getpid())
	if err != nil {
		t.Skip("skipped: no /proc on this system")
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip("skipped: no true on this system")
	}
	parent := t.TempDir()
	mine, err := Dir(parent)
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{filepath.Base(mine)}
	var swept []string
	make := func(list *[]string, name string) {
		if err := os.MkdirAll(filepath.Join(parent, name, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
		*list = append(*list, name)
	}
	pid, dead := os.Getpid(), gone.Process.Pid
	make(&swept, fmt.Sprintf("deltui-%d-5-%s-1", dead, here()))
	make(&swept, fmt.Sprintf("deltui-%d-%d-%s-1", pid, self.Started+1, here())) // another one had this id
	make(&kept, fmt.Sprintf("deltui-%d-%d-%s-1", pid, self.Started, here()))
	make(&kept, fmt.Sprintf("deltui-%d-5-%s-1", dead, "00000000")) // another machine's
	make(&kept, fmt.Sprintf("deltui-%d-5-%s-x", dead, here()))     // not our form
	make(&kept, "deltui-notes")
	link := fmt.Sprintf("deltui-%d-5-%s-2", dead, here())
	if err := os.Symlink(t.TempDir(), filepath.Join(parent, link)); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, link)
	if os.Geteuid() == 0 { // another user's
		make(&kept, fmt.Sprintf("deltui-%d-5-%s-3", dead, here()))
		if err := os.Chown(filepath.Join(parent, kept[len(kept)-1]), 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(parent)
	var left []string
	ents, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range ents {
		left = append(left, e.Name())
	}
	slices.Sort(kept)
	if !slices.Equal(left, kept) {
		t.Errorf("left %q, want %q (and not %q)", left, kept, swept)
	}
}
