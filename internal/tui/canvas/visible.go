package canvas

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"deltui/internal/visible"
)

// maxCluster bounds the runes of a cluster: a letter may carry a few marks, and
// a tower of them is an attack on the lines above.
const maxCluster = 5

// inCells returns a cluster as it may be shown. ok is true where that is the
// cluster itself, w columns wide; otherwise what is returned is ASCII that tells
// what stood there.
func inCells(cluster string, w int, ascii bool) (safe string, ok bool) {
	// Where terminals disagree about a width (emoji made of several runes), one
	// cluster would push a whole row out of line.
	good := (w == 1 || w == 2) && ansi.StringWidthWc(cluster) == w && utf8.ValidString(cluster)
	good = good && utf8.RuneCountInString(cluster) <= maxCluster && !strings.ContainsFunc(cluster, func(r rune) bool {
		return ascii && r >= utf8.RuneSelf || !visible.Safe(r)
	})
	if good {
		return cluster, true
	}
	return visible.ASCII(cluster), false
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
