//go:build linux

package cli_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
	"deltui/internal/trace/file"
)

// A recording that its disk has no room for, that was interrupted or whose writer
// was killed opens with what was seen before; where there is somebody left to say
// so, a line does.
func TestRecordEnds(t *testing.T) {
	testenv.NeedPtrace(t)
	opens := func(t *testing.T, rec string, least int) {
		t.Helper()
		tl, err := file.Open(rec)
		if err != nil {
			t.Fatal(err)
		}
		defer tl.Close()
		if tl.Len() < least {
			t.Errorf("%d ops are in it", tl.Len())
		}
		for seq := 1; seq <= tl.Len(); seq++ {
			if _, err := tl.Seq(uint64(seq)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("disk full", func(t *testing.T) {
		rec := filepath.Join(t.TempDir(), "x.deltui")
		_, said, err := fullDisk(t, 64, "record", "-o", rec, program(t, many), "--", "5000")
		if err == nil || !strings.Contains(said, "file too large; what was seen before is kept") {
			t.Errorf("%v: said %q", err, said)
		}
		opens(t, rec, 500)
	})
	prog := program(t, endless)
	for _, tt := range []struct {
		sig  syscall.Signal
		says string
	}{
		{syscall.SIGINT, `(?m)^deltui: the target was killed \(interrupt\)$(.|\n)*^deltui: recorded \d+ ops to \S+ \(\d+ (bytes|KB)\)`},
		{syscall.SIGKILL, ``},
	} {
		t.Run(tt.sig.String(), func(t *testing.T) {
			rec := filepath.Join(t.TempDir(), "x.deltui")
			cmd, said := deltui(t, "record", "-o", rec, prog)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for range 600 { // until ops are in the file
				time.Sleep(50 * time.Millisecond)
				if tl, err := file.Open(rec); err == nil {
					n := tl.Len()
					tl.Close()
					if n > 0 {
						break
					}
				}
			}
			if err := cmd.Process.Signal(tt.sig); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil && tt.sig == syscall.SIGINT {
				t.Errorf("exit: %v", err)
			}
			if !regexp.MustCompile(tt.says).MatchString(said.String()) {
				t.Errorf("said %s", said)
			}
			opens(t, rec, 1)
		})
	}
}
