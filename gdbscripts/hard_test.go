package gdbscripts_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// TestHard reads what is hard to read: a map bigger than the window, headers that
// no runtime made, an op that never returns.
func TestHard(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "hard.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		out := gdb(t, []string{prog}, "gomap trace", "run")
		ls := traced(t, out)
		if len(ls) != 4 {
			t.Fatalf("%d lines, want 4:\n%s", len(ls), out)
		}
		for _, l := range ls[:3] {
			if l.result != "found" || !regexp.MustCompile(`^  NOTE 4096 of \d+ groups read$`).MatchString(l.notes) {
				t.Errorf("no note of what was not read: %s", l.text)
			}
			if len(l.changes) == 0 && l.changesText != "no byte changed of those read" {
				t.Errorf("says more than was read: %s", l.text)
			}
		}
		if l := ls[3]; l.result != "fatal" || l.key != "1" || l.before != "1" || l.after != "1" {
			t.Errorf("a delete that ends in a fatal error: %s", l.text)
		}
		if !strings.Contains(out, "fatal error: concurrent map writes") {
			t.Errorf("the program did not end as it should:\n%s", out)
		}
		for _, l := range traced(t, gdb(t, []string{prog}, "gomap trace -window 20000", "run"))[:3] {
			if l.notes != "" || len(l.changes) != 1 {
				t.Errorf("with a window for all of it: %s", l.text)
			}
		}
	})
}

// TestBroken wants made-up headers shown for what they are, and soon.
func TestBroken(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "hard.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		started := time.Now()
		out := gdb(t, []string{prog}, "break main.stopHere", "run",
			"echo === loop\\n", "gomap show main.loop", "echo === huge\\n", "gomap show main.huge",
			"echo === wild\\n", "gomap show main.wild", "echo === end\\n")
		notes := map[string]string{"loop": "its overflow buckets go round in a loop", "huge": "B=200", "wild": "groups cannot be read"}
		if flavour(tc) != "classic" {
			notes = map[string]string{"loop": "dirLen=1099511627776", "huge": "claims 1152921504606846976 groups", "wild": "groups cannot be read"}
		}
		for name, note := range notes {
			if text := section(out, name); !strings.Contains(text, "NOTE    ") || !strings.Contains(text, note) {
				t.Errorf("%s: no note of %q:\n%s", name, note, text)
			}
		}
		if d := time.Since(started); d > 2*time.Minute {
			t.Errorf("took %v", d)
		}
	})
}

// TestDlvHard is TestHard for gomap.star.
func TestDlvHard(t *testing.T) {
	t.Parallel()
	needDlv(t)
	prog := build(t, testenv.Local, "hard.txtar")
	ls := traced(t, dlv(t, []string{prog}, "gomap_trace"))
	if len(ls) != 4 || ls[3].result != "fatal" || !strings.Contains(ls[0].notes, "NOTE 4096 of ") {
		t.Errorf("want three lines with a note and one of a fatal error: %v", ls)
	}
}

// TestShowCore shows maps of a core file, where nothing runs.
func TestShowCore(t *testing.T) {
	t.Parallel()
	needGdb(t)
	prog := build(t, testenv.Local, "oracle.txtar")
	core := filepath.Join(t.TempDir(), "core")
	shows := []string{"echo === three\\n", "gomap show main.three", "echo === many\\n", "gomap show main.many", "echo === end\\n"}
	commands := append([]string{"break main.stopHere", "run"}, append(shows, "generate-core-file "+core)...)
	out := gdb(t, []string{prog, filepath.Join(t.TempDir(), "oracle")}, commands...)
	from := gdb(t, []string{prog}, append([]string{"core-file " + core}, shows...)...)
	for _, name := range []string{"three", "many"} {
		if a, b := section(out, name), section(from, name); a == "" || a != b {
			t.Errorf("%s of the core file:\n%s\nof the process:\n%s", name, b, a)
		}
	}
}
