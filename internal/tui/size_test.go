package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/probe"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/panel"
	"deltui/internal/tui/tuitest"
)

// TestTargetSize: the target's terminal is told its size at the start, and it is
// the room that the output panel has for text.
func TestTargetSize(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {160, 60}, {200, 50}} {
		d := driveLive(t, tracetest.Options{Ops: 10, Layouts: tuitest.Swiss}, size[0], size[1])
		all := d.src.Commands()
		if len(all) == 0 {
			t.Fatalf("%v: no command was given", size)
		}
		first, ok := all[0].(probe.Resize)
		if !ok {
			t.Fatalf("%v: the first command is %#v", size, all[0])
		}
		d.Press("6")
		r := d.m.frame.inner(d.m.frame.panels[panel.Output])
		if first.Cols != r.W-panel.OutputMargin || first.Rows != r.H {
			t.Errorf("%v: told %+v, the panel has %+v", size, first, r)
		}
		d.Send(tea.WindowSizeMsg{Width: size[0] + 7, Height: size[1]})
		all = d.src.Commands()
		if got := all[len(all)-1]; got != outputSize(size[0]+7, size[1]) {
			t.Errorf("%v: after a resize the last command is %#v", size, got)
		}
	}
}
