package canvas

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxCluster bounds the runes of a cluster: a letter may carry a few marks, and
// a tower of them is an attack on the lines above.
const maxCluster = 5

// visible returns a cluster as it may be shown. ok is true where that is the
// cluster itself, w columns wide; otherwise what is returned is ASCII that tells
// what stood there: control, format (bidi, zero-width), line and paragraph
// separators, private use, and bytes that are not UTF-8.
func visible(cluster string, w int, ascii bool) (safe string, ok bool) {
	// Where terminals disagree about a width (emoji made of several runes), one
	// cluster would push a whole row out of line.
	good := (w == 1 || w == 2) && ansi.StringWidthWc(cluster) == w
	n := 0
	for i, r := range cluster {
		n++
		if r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(cluster[i:])
			good = good && size > 1
		}
		if ascii && r >= 0x80 || hidden(r) {
			good = false
		}
	}
	if good && n <= maxCluster {
		return cluster, true
	}
	var b strings.Builder
	for i, r := range cluster {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(cluster[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, cluster[i])
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x7f:
			b.WriteByte(byte(r))
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String(), false
}

// hidden reports whether a rune steers or hides instead of showing.
func hidden(r rune) bool {
	if r < 0x80 {
		return r < 0x20 || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
		r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || // fillers: letters that show nothing
		r == 0x2800 || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
