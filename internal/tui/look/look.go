// Package look knows what styles and glyphs look like on the terminal at hand.
//
// There are five ways to colour: true colour (which Bubble Tea brings down to
// 256 where need be) and the 16 colours, chosen one by one, since the nearest of
// 16 is often the wrong one, each for dark and for light backgrounds; and none. The hues
// are Okabe and Ito's, which people with any kind of colour vision tell apart.
// Whatever a colour says, a glyph or a word says too.
package look

import (
	imagecolor "image/color"
	"strings"

	"deltui/internal/tui/canvas"

	"charm.land/lipgloss/v2"
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
	Gone                          // the key of a deleted entry
	Changed                       // what the op changed
	Born                          // what became full
	Drift                         // written by something not watched
	Unread                        // not read
	Warn                          // worth a look: RUNNING, partial reads
	Bad                           // a panic, an unexplained change
	Good                          // all read, found
	Key                           // a key in the footer and in help
	Comment                       // a comment in source
	Keyword                       // a keyword in source
	Literal                       // a literal in source
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
		return sixteen(light)
	case light:
		return rich(lightHues)
	}
	return rich(darkHues)
}

// hues are the true colours of a background.
type hues struct {
	accent, onAccent, tomb, born, drift, bad, warn, good, dim, faint, comment, keyword, literal, bar, barText uint32
}

// Okabe and Ito's eight, as they are on dark; darker ones of the same hues on
// light, where the originals are too pale for text.
var (
	darkHues = hues{
		accent: 0x56b4e9, onAccent: 0x10202c, tomb: 0xe69f00, born: 0x2fc79a, drift: 0xdf8fbc, bad: 0xf0713c,
		warn: 0xd8cc5a, good: 0x2fc79a, dim: 0x9aa3ad, faint: 0x5b6570, comment: 0x7f8c98, keyword: 0xa3b8d9, literal: 0xb3c79d, bar: 0x1d2a35, barText: 0xe4eaf0,
	}
	lightHues = hues{
		accent: 0x0060a0, onAccent: 0xffffff, tomb: 0x9a5b00, born: 0x00734f, drift: 0x9c3f75, bad: 0xb23f00,
		warn: 0x7a6a00, good: 0x00734f, dim: 0x5a6570, faint: 0xa4adb6, comment: 0x66727d, keyword: 0x3b5488, literal: 0x46662c, bar: 0xdde6ee, barText: 0x16222c,
	}
)

func color(rgb uint32) lipgloss.Style {
	return lipgloss.NewStyle().Foreground(hue(rgb))
}

func hue(rgb uint32) imagecolor.Color {
	return imagecolor.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}

var (
	plain = lipgloss.NewStyle()
	bold  = plain.Bold(true)
	faint = plain.Faint(true)
)

func rich(h hues) []string {
	bar := plain.Background(hue(h.bar))
	return table([numStyles]lipgloss.Style{
		Dim: color(h.dim), Faint: color(h.faint), Strong: bold, Accent: color(h.accent).Bold(true),
		AccentInv: color(h.onAccent).Bold(true).Background(hue(h.accent)),
		Empty:     color(h.faint), Tombstone: color(h.tomb).Bold(true), Gone: color(h.tomb).Strikethrough(true), Changed: color(h.accent).Bold(true), Born: color(h.born).Bold(true),
		Drift: color(h.drift).Bold(true), Unread: color(h.faint), Warn: color(h.warn), Bad: color(h.bad).Bold(true), Good: color(h.good),
		Key: color(h.accent), Comment: color(h.comment), Keyword: color(h.keyword), Literal: color(h.literal), Current: bar.Foreground(hue(h.barText)),
		Bar: bar.Foreground(hue(h.barText)), BarDim: bar.Foreground(hue(h.dim)), BarState: bar.Foreground(hue(h.accent)).Bold(true),
	})
}

// sixteen are the 16 colours. None of them may be the ground of a whole line: in
// many palettes white is glaring on dark.
func sixteen(light bool) []string {
	fg := plain.Foreground
	dim, faintly := fg(lipgloss.White), fg(lipgloss.BrightBlack)
	accent, inverse := fg(lipgloss.BrightCyan), fg(lipgloss.Black).Background(lipgloss.BrightCyan)
	tomb, born, drift, bad, literal := lipgloss.BrightYellow, lipgloss.BrightGreen, lipgloss.BrightMagenta, lipgloss.BrightRed, lipgloss.Green
	keyword, gone := lipgloss.Cyan, lipgloss.Yellow
	current := fg(lipgloss.Black).Background(lipgloss.Cyan)
	if light {
		// The bright ones are too pale on light.
		dim, faintly = fg(lipgloss.BrightBlack), fg(lipgloss.BrightBlack).Faint(true)
		accent, inverse = fg(lipgloss.Blue), fg(lipgloss.BrightWhite).Background(lipgloss.Blue)
		tomb, born, drift, bad = lipgloss.Yellow, lipgloss.Green, lipgloss.Magenta, lipgloss.Red
		keyword = lipgloss.Blue
		current = inverse
	}
	strong := accent.Bold(true)
	return table([numStyles]lipgloss.Style{
		Dim: dim, Faint: faintly, Strong: bold, Accent: strong, AccentInv: inverse,
		Empty: faintly, Tombstone: fg(tomb).Bold(true), Gone: fg(gone).Strikethrough(true), Changed: strong,
		Born: fg(born).Bold(true), Drift: fg(drift).Bold(true), Unread: faintly,
		Warn: fg(tomb), Bad: fg(bad).Bold(true), Good: fg(born),
		Key: accent, Comment: faintly, Keyword: fg(keyword), Literal: fg(literal), Current: current,
		Bar: bold, BarDim: dim, BarState: strong,
	})
}

func mono() []string {
	reverse := plain.Reverse(true)
	underlined := bold.Underline(true)
	return table([numStyles]lipgloss.Style{
		Faint: faint, Strong: bold, Accent: bold, AccentInv: reverse,
		Empty: faint, Tombstone: bold, Gone: faint.Strikethrough(true), Changed: bold, Born: bold, Drift: underlined, Unread: faint,
		Warn: bold, Bad: underlined, Key: bold, Comment: faint, Keyword: plain, Literal: plain, Current: reverse,
		Bar: reverse, BarDim: reverse, BarState: reverse.Bold(true),
	})
}

// table is what begins each style, made once: the canvas writes thousands of
// cells a frame, and rendering each with Lip Gloss would take longer than the
// frame may.
func table(styles [numStyles]lipgloss.Style) []string {
	t := make([]string, numStyles)
	for i, s := range styles {
		const mark = "x"
		t[i], _, _ = strings.Cut(s.Render(mark), mark)
	}
	return t
}
