package look

import (
	"encoding/hex"
	"testing"

	"deltui/internal/gomap"
)

// TestCells: every state has a glyph of its own, two columns wide, that cannot
// be taken for a full cell's hex.
func TestCells(t *testing.T) {
	for _, g := range []*Glyphs{&Rich, &ASCII} {
		// Empty and emptyRest belong to different layouts and share theirs.
		seen := map[string]gomap.State{}
		for s := gomap.Unknown; s < gomap.Full; s++ {
			if s == gomap.Empty {
				continue
			}
			text := g.Cell(s, 0)
			if other, ok := seen[text]; ok {
				t.Errorf("%v and %v are both %q", s, other, text)
			}
			seen[text] = s
			if n := len([]rune(text)); n != 2 {
				t.Errorf("%v: %q is %d columns", s, text, n)
			}
			if _, err := hex.DecodeString(text); err == nil {
				t.Errorf("%v: %q is hex", s, text)
			}
			for _, r := range text {
				if g == &ASCII && r >= 0x80 {
					t.Errorf("%v: %q is not ASCII", s, text)
				}
			}
		}
		if got := g.Cell(gomap.Full, 0x7c); got != "7c" {
			t.Errorf("a full cell: %q", got)
		}
	}
}

// TestStyles: every style is in every table, and without colours none sets one.
func TestStyles(t *testing.T) {
	for _, d := range []Depth{NoColor, Colors16, TrueColor} {
		for _, light := range []bool{false, true} {
			if n := len(Styles(d, light)); n != int(numStyles) {
				t.Errorf("depth %d: %d styles, want %d", d, n, numStyles)
			}
		}
	}
	for i, s := range Styles(NoColor, false) {
		for _, c := range []string{"", "\x1b[1m", "\x1b[2m", "\x1b[7m", "\x1b[1;4;4m", "\x1b[1;7m"} { // Lip Gloss says underline twice
			if s == c {
				s = ""
			}
		}
		if s != "" {
			t.Errorf("style %d without colours: %q", i, s)
		}
	}
}
