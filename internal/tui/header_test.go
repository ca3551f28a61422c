package tui

import (
	"strings"
	"testing"
)

// TestHeader: one line tells what matters of the map and all that the op changed;
// the rest comes with raw bytes.
func TestHeader(t *testing.T) {
	for _, size := range [][2]int{{200, 60}, {160, 48}, {80, 24}} {
		d := shotReplay(t, Options{}, size[0], size[1]).Press("t")
		var line string
		for _, l := range strings.Split(d.Screen(), "\n") {
			if strings.Contains(l, "used 59→58") {
				line = l
			}
		}
		for _, want := range []string{"used 59→58", "tombstones 0→1", "growthLeft 53", "tombstonePossible false→true"} {
			if !strings.Contains(line, want) {
				t.Errorf("%v: no %q in %q", size, want, line)
			}
		}
		d.See("mapdelete_fast64").Miss("globalShift", "dirPtr", "clearSeq")
		if d.Press("x"); size[1] > 24 {
			d.See("globalShift", "dirPtr", "clearSeq")
		}
	}
}
