package gdbscripts_test

import (
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// TestNothingToFind: where no map can be found, each command says why, and the
// remedy that it names is one.
func TestNothingToFind(t *testing.T) {
	t.Parallel()
	needGdb(t)
	whole := build(t, testenv.Local, "evict.txtar")
	for _, tt := range []struct {
		name     string
		prog     []string
		want     string
		remedied bool // by symbol-file
	}{
		{"no program", nil, "gomap: no program is loaded; start gdb with one", false},
		{"not Go", []string{"/bin/true"}, "/bin/true is not a Go program", false},
		{"-s -w", []string{build(t, testenv.Local, "evict.txtar", "-ldflags=-s -w")}, "is stripped: it is a Go program without debug information", true},
		{"-w", []string{build(t, testenv.Local, "evict.txtar", "-ldflags=-w")}, "without -ldflags=-s or -w", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			commands := []string{"gomap show", "gomap show main.x", "gomap show 0x1234 map[uint64]int", "gomap break", "gomap trace", "gomap step"}
			out := gdb(t, tt.prog, commands...)
			if n := strings.Count(out, tt.want); n != len(commands) {
				t.Errorf("%q is said %d times by %d commands:\n%s", tt.want, n, len(commands), out)
			}
			if !tt.remedied {
				return
			}
			out = gdb(t, tt.prog, "symbol-file "+whole, "gomap trace", "run")
			if n := len(traced(t, out)); n != 5 {
				t.Errorf("with the symbols of another build %d lines, want 5:\n%s", n, out)
			}
		})
	}
}
