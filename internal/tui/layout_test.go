package tui

import (
	"testing"

	"deltui/internal/tui/panel"
)

// TestLayoutNeeds: what a panel does not need goes to its neighbours; the output,
// which is the target's terminal, keeps its size.
func TestLayoutNeeds(t *testing.T) {
	few := needs{why: 3, bytes: 8, stack: 3}
	for _, size := range [][2]int{{120, 52}, {160, 48}, {200, 60}} {
		w, h := size[0], size[1]
		was, now := layout(w, h, panel.Map, false, needs{}), layout(w, h, panel.Map, false, few)
		if a, b := was.panels[panel.Map].H, now.panels[panel.Map].H; b <= a {
			t.Errorf("%v: the map has %d lines, and had %d", size, b, a)
		}
		if a, b := was.panels[panel.Source].H, now.panels[panel.Source].H; b <= a {
			t.Errorf("%v: the source has %d lines, and had %d", size, b, a)
		}
		many := layout(w, h, panel.Map, false, needs{why: 90, bytes: 90, stack: 90})
		for id, r := range was.panels {
			if many.panels[id] != r {
				t.Errorf("%v: %v is at %v where all need much, want %v", size, id, many.panels[id], r)
			}
		}
		for _, focus := range []panel.ID{panel.Map, panel.Output} {
			a, b := layout(w, h, focus, false, needs{}), layout(w, h, focus, false, few)
			if a.panels[panel.Output] != b.panels[panel.Output] {
				t.Errorf("%v: the output moves from %v to %v", size, a.panels[panel.Output], b.panels[panel.Output])
			}
		}
	}
}
