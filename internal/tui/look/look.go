// Package look knows what styles and glyphs look like on the terminal at hand.
//
// There are four ways to colour: true colour (which Bubble Tea brings down to
// 256 where need be), for dark and for light backgrounds; the 16 colours, chosen
// one by one, since the nearest of 16 is often the wrong one; and none. The hues
// are Okabe and Ito's, which people with any kind of colour vision tell apart.
// Whatever a colour says, a glyph or a word says too.
package look

import (
	"fmt"

	"deltui/internal/tui/canvas"
)

// The styles, by what they are for.
const (
	Text      canvas.Style = iota // the terminal's own
	Dim                           // labels, borders' titles at rest, what is not looked at
	Faint                         // quieter still: borders, rulers
	Strong                        // figures, names
	Accent                        // the one accent: focus, where one is
	AccentInv                     // the accent as a background: the selected cell, the current tab
	Full                          // a full cell
	Empty                         // an empty cell, of any kind
	Tombstone                     // a tombstone
	Changed                       // what the op changed
	Born                          // what became full
	Drift                         // written by something not watched
	Unread                        // not read
	Warn                          // worth a look: RUNNING, partial reads
	Bad                           // a panic, an unexplained change
	Good                          // all read, found
	Key                           // a key in the footer and in help
	Comment                       // a comment in source
	Current                       // the current line of source
	Bar                           // the header
	BarDim
	BarState // PAUSED, RUNNING, ENDED in the header
	numStyles
)

// Depth is how many colours there are.
type Depth uint8

// The depths.
const (
	NoColor Depth = iota
	Colors16
	TrueColor
)

// Styles returns the table that canvas.Render wants.
func Styles(d Depth, light bool) []string {
	switch {
	case d == NoColor:
		return mono()
	case d == Colors16:
		return sixteen()
	case light:
		return rich(lightHues)
	}
	return rich(darkHues)
}

// hues are the true colours of a background.
type hues struct {
	accent, onAccent, tomb, born, drift, bad, warn, good, dim, faint, comment, bar, barText uint32
}

// Okabe and Ito's eight, as they are on dark; darker ones of the same hues on
// light, where the originals are too pale for text.
var (
	darkHues = hues{
		accent: 0x56b4e9, onAccent: 0x10202c, tomb: 0xe69f00, born: 0x2fc79a, drift: 0xdf8fbc, bad: 0xf0713c,
		warn: 0xd8cc5a, good: 0x2fc79a, dim: 0x9aa3ad, faint: 0x5b6570, comment: 0x7f8c98, bar: 0x1d2a35, barText: 0xe4eaf0,
	}
	lightHues = hues{
		accent: 0x0060a0, onAccent: 0xffffff, tomb: 0x9a5b00, born: 0x00734f, drift: 0x9c3f75, bad: 0xb23f00,
		warn: 0x7a6a00, good: 0x00734f, dim: 0x5a6570, faint: 0xa4adb6, comment: 0x66727d, bar: 0xdde6ee, barText: 0x16222c,
	}
)

func fg(rgb uint32) string {
	return fmt.Sprintf("38;2;%d;%d;%d", rgb>>16, rgb>>8&0xff, rgb&0xff)
}

func bg(rgb uint32) string {
	return fmt.Sprintf("48;2;%d;%d;%d", rgb>>16, rgb>>8&0xff, rgb&0xff)
}

func rich(h hues) []string {
	return table([numStyles]string{
		Dim: fg(h.dim), Faint: fg(h.faint), Strong: "1", Accent: "1;" + fg(h.accent),
		AccentInv: "1;" + fg(h.onAccent) + ";" + bg(h.accent),
		Empty:     fg(h.faint), Tombstone: "1;" + fg(h.tomb), Changed: "1;" + fg(h.accent), Born: "1;" + fg(h.born),
		Drift: "1;" + fg(h.drift), Unread: fg(h.faint), Warn: fg(h.warn), Bad: "1;" + fg(h.bad), Good: fg(h.good),
		Key: fg(h.accent), Comment: fg(h.comment), Current: fg(h.barText) + ";" + bg(h.bar),
		Bar: fg(h.barText) + ";" + bg(h.bar), BarDim: fg(h.dim) + ";" + bg(h.bar), BarState: "1;" + fg(h.accent) + ";" + bg(h.bar),
	})
}

func sixteen() []string {
	return table([numStyles]string{
		Dim: "37", Faint: "90", Strong: "1", Accent: "1;96", AccentInv: "30;106",
		Empty: "90", Tombstone: "1;93", Changed: "1;96", Born: "1;92", Drift: "1;95", Unread: "90",
		Warn: "93", Bad: "1;91", Good: "92", Key: "96", Comment: "90", Current: "30;46",
		Bar: "30;47", BarDim: "30;47", BarState: "1;34;47",
	})
}

func mono() []string {
	return table([numStyles]string{
		Dim: "", Faint: "2", Strong: "1", Accent: "1", AccentInv: "7",
		Empty: "2", Tombstone: "1", Changed: "1", Born: "1", Drift: "1;4", Unread: "2",
		Warn: "1", Bad: "1;4", Key: "1", Comment: "2", Current: "7",
		Bar: "7", BarDim: "7", BarState: "1;7",
	})
}

func table(sgr [numStyles]string) []string {
	t := make([]string, numStyles)
	for i, s := range sgr {
		if s != "" {
			t[i] = "\x1b[" + s + "m"
		}
	}
	return t
}
