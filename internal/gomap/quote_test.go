package gomap

import (
	"strconv"
	"testing"
	"unicode"

	"deltui/internal/visible"
)

// TestQuoteAll: of all code points, a quoted key shows as they are those that
// are safe to show, and escapes the others without losing one.
func TestQuoteAll(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r < 0xe000 { // no characters: a string cannot hold them
			continue
		}
		q := quote(string(r))
		asIs := q == `"`+string(r)+`"`
		if safe := visible.Safe(r); asIs != (safe && r != '"' && r != '\\') {
			t.Errorf("%U: safe %v, quoted %s", r, safe, q)
		}
		if back, err := strconv.Unquote(q); err != nil || back != string(r) {
			t.Errorf("%U: %s reads back as %q, %v", r, q, back, err)
		}
	}
}
