package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"deltui/dlvclient"
	"deltui/internal/trace"
)

func TestProgram(t *testing.T) {
	for command, want := range map[string]string{
		"/bin/echo":                     "/bin/echo",
		"/bin/echo hello \"to you\"":    "/bin/echo",
		`"/opt/a program" -x`:           "/opt/a program",
		`"/opt/a program"`:              "/opt/a program",
		"":                              "",
		`"`:                             "",
		"git commit -m \"it's \\\"it\"": "git",
	} {
		if got := program(command); got != want {
			t.Errorf("%q runs %q, want %q", command, got, want)
		}
	}
}

// infoSink takes what is told of the target, and nothing else.
type infoSink struct{ trace.Sink }

func (infoSink) Info(trace.Info) error { return nil }

// Each program is told of once, and not without end.
func TestTellSpawned(t *testing.T) {
	l := &Loop{sink: &lockedSink{Sink: infoSink{}}}
	for range 2 {
		for i := range 2 * maxPrograms {
			l.tellSpawned([]dlvclient.Spawned{{Pid: i, Command: fmt.Sprintf("prog%d -x", i)}, {Pid: i, Command: fmt.Sprintf("prog%d -y", i)}})
		}
	}
	if n := len(l.info.Notes); n != maxPrograms+1 || !slices.Contains(l.info.Notes, "the target started prog7, which is not watched") || !strings.Contains(l.info.Notes[n-1], "more") {
		t.Errorf("%d notes: %q", n, l.info.Notes)
	}
}
