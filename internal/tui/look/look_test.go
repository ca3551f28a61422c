package look

import (
	"encoding/hex"
	"fmt"
	imagecolor "image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/tui/canvas"
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

// plainly are the styles that are the terminal's own, by depth: all others say
// something, so a table that lacks one says too little.
var plainly = map[Depth][]canvas.Style{
	NoColor:   {Text, Dim, Full, Good, Keyword, Literal},
	Colors16:  {Text, Full},
	TrueColor: {Text, Full},
}

// apart are styles that stand beside each other and mean different things:
// where there are colours, no two of a row are the same.
var apart = [][]canvas.Style{
	{Full, Empty, Tombstone, Changed, Born, Drift}, // cells
	{Text, Warn, Bad, Good, Dim},                   // words
	{Text, Strong, Dim, Faint},                     // how loud
	{Text, Accent, AccentInv},                      // focus
	{Text, Comment, Keyword, Literal, Current},     // source
	{Text, Bar, BarState},                          // the header
	{Text, Key},                                    // the footer
}

// TestStyles: every style is in every table, those that mean different things
// differ, and each table has only what the terminal can show.
func TestStyles(t *testing.T) {
	for _, d := range []Depth{NoColor, Colors16, TrueColor} {
		for _, light := range []bool{false, true} {
			name := fmt.Sprintf("depth %d, light %v", d, light)
			table := Styles(d, light)
			for i, s := range table {
				if is := slices.Contains(plainly[d], canvas.Style(i)); (s == "") != is {
					t.Errorf("%s: style %d is %q; the terminal's own: %v", name, i, s, is)
				}
				for _, p := range parameters(t, s) {
					if !shows(d, p) {
						t.Errorf("%s: style %d, %q, sets %v", name, i, s, p)
					}
				}
			}
			for _, row := range apart {
				for i, a := range row {
					for _, b := range row[:i] {
						if d != NoColor && table[a] == table[b] {
							t.Errorf("%s: styles %d and %d are both %q", name, a, b, table[a])
						}
					}
				}
			}
		}
	}
	if slices.Equal(Styles(TrueColor, false), Styles(TrueColor, true)) {
		t.Error("light and dark are the same")
	}
}

// parameters are those of a style's SGR sequences; the three numbers of a true
// colour stay with what they belong to.
func parameters(t *testing.T, s string) (ps [][]int) {
	t.Helper()
	if s == "" {
		return nil
	}
	body, ok := strings.CutPrefix(s, "\x1b[")
	body, ok2 := strings.CutSuffix(body, "m")
	if !ok || !ok2 || strings.Contains(body, "\x1b") {
		t.Fatalf("%q is not one SGR sequence", s)
	}
	var all []int
	for f := range strings.FieldsFuncSeq(body, func(r rune) bool { return r == ';' || r == ':' }) {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		all = append(all, n)
	}
	for i := 0; i < len(all); {
		n := 1
		if all[i] == 38 || all[i] == 48 {
			n = min(5, len(all)-i)
		}
		ps = append(ps, all[i:i+n])
		i += n
	}
	return ps
}

// shows reports whether a terminal of that depth shows a parameter.
func shows(d Depth, p []int) bool {
	switch n := p[0]; {
	case n == 1, n == 2, n == 4, n == 7, n == 9: // bold, faint, underlined, reversed, struck through
		return true
	case n >= 30 && n <= 37, n >= 40 && n <= 47, n >= 90 && n <= 97, n >= 100 && n <= 107:
		return d == Colors16
	case n == 38, n == 48:
		return d == TrueColor && len(p) == 5 && p[1] == 2
	}
	return false
}

// TestContrast: what is there to be read can be, by the measure of WCAG 2: 4.5
// for text, less for what is kept quiet on purpose. Terminals are not quite black
// and not quite white.
func TestContrast(t *testing.T) {
	for _, light := range []bool{false, true} {
		ground := imagecolor.RGBA{0x1e, 0x1e, 0x1e, 0xff}
		if light {
			ground = imagecolor.RGBA{0xfa, 0xfa, 0xfa, 0xff}
		}
		for i, s := range Styles(TrueColor, light) {
			fg, bg := imagecolor.RGBA{}, ground
			for _, p := range parameters(t, s) {
				if len(p) < 5 {
					continue
				}
				c := imagecolor.RGBA{uint8(p[2]), uint8(p[3]), uint8(p[4]), 0xff}
				if p[0] == 38 {
					fg = c
				} else {
					bg = c
				}
			}
			want := 4.5
			switch canvas.Style(i) {
			case Faint, Empty, Unread:
				want = 2
			}
			if got := contrast(fg, bg); fg.A != 0 && got < want {
				t.Errorf("light %v: style %d, %v on %v, has a contrast of %.2f, want %v", light, i, fg, bg, got, want)
			}
		}
	}
}

// contrast is WCAG 2's ratio of two colours' luminances: 1 to 21.
func contrast(a, b imagecolor.RGBA) float64 {
	luminance := func(c imagecolor.RGBA) float64 {
		linear := func(v uint8) float64 {
			if f := float64(v) / 255; f > 0.04045 {
				return math.Pow((f+0.055)/1.055, 2.4)
			} else {
				return f / 12.92
			}
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// TestBar: with 16 colours the header has no ground of its own, which would be a
// white bar across the top.
func TestBar(t *testing.T) {
	for _, light := range []bool{false, true} {
		for _, st := range []canvas.Style{Bar, BarDim, BarState} {
			for _, p := range parameters(t, Styles(Colors16, light)[st]) {
				if n := p[0]; n == 7 || n >= 40 && n <= 47 || n >= 100 {
					t.Errorf("light %v: style %d has a ground: %v", light, st, p)
				}
			}
		}
	}
	if slices.Equal(Styles(Colors16, true), Styles(Colors16, false)) {
		t.Error("16 colours are the same on light and on dark")
	}
}
