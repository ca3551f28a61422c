package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestPulse: the step that finishes an op lights what it changed once; the words
// stay; nothing is lit where there are no colours, on a way back, or after a jump.
func TestPulse(t *testing.T) {
	start := func(o Options) *driver {
		d := shotReplay(t, o, 120, 40).Press("t", "left")
		d.m.pulses = time.Hour
		return d
	}
	// step gives the key and the scene that it loads, and not the tick.
	step := func(d *driver, k rune) {
		_, cmd := d.m.Update(tea.KeyPressMsg{Code: k})
		if msg, ok := cmd().(sceneMsg); ok {
			d.m.Update(msg)
		}
		d.m.pulses = 0
		d.Send(nil)
	}
	d := start(Options{})
	step(d, tea.KeyRight)
	on, text := d.ANSI(), d.Screen()
	if !d.m.lit {
		t.Fatalf("nothing is lit:\n%s", text)
	}
	d.Send(pulseMsg{d.m.pulseID - 1})
	if !d.m.lit {
		t.Error("the end of an earlier pulse ended this one")
	}
	d.Send(pulseMsg{d.m.pulseID})
	if off := d.ANSI(); d.m.lit || off == on || d.Screen() != text {
		t.Errorf("lit %v; the same colours: %v", d.m.lit, off == on)
	}
	if !strings.Contains(text, "20▶xx") {
		t.Errorf("no change:\n%s", text)
	}
	for _, tt := range []struct {
		name string
		o    Options
		key  rune
	}{{"no colour", Options{NoColor: true}, tea.KeyRight}, {"back", Options{}, tea.KeyLeft}} {
		d := start(tt.o)
		step(d, tt.key)
		if d.m.lit {
			t.Errorf("%s: lit", tt.name)
		}
	}
}
