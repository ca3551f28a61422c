package tui

import (
	"strings"
	"testing"
)

// TestSmallBefore: the smallest screen shows the changed cell's byte before, too.
func TestSmallBefore(t *testing.T) {
	if s := shotReplay(t, Options{}, 40, 12).Press("t").Screen(); !strings.Contains(s, "[20▶xx]") {
		t.Errorf("no byte before:\n%s", s)
	}
}
