package gomap

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quote is strconv.Quote, which escapes all that is not printable, bidi and
// zero-width characters among them; and it escapes as well what Unicode counts
// as letters or marks and nobody can see.
func quote(s string) string {
	q := strconv.Quote(s)
	if ascii(q) || strings.IndexFunc(q, invisible) < 0 {
		return q
	}
	var b strings.Builder
	for _, r := range q {
		escape(&b, r, invisible(r))
	}
	return b.String()
}

// clean makes a name from debug information fit to be shown.
func clean(s string) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if r == utf8.RuneError && s[i] != 0xef { // not the character U+FFFD itself
			b.WriteString(`\ufffd`)
			continue
		}
		escape(&b, r, invisible(r) || !strconv.IsPrint(r))
	}
	return b.String()
}

func escape(b *strings.Builder, r rune, escaped bool) {
	if !escaped {
		b.WriteRune(r)
		return
	}
	q := strconv.QuoteRuneToASCII(r)
	b.WriteString(q[1 : len(q)-1])
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// invisible lists printable characters without a glyph or a width: fillers,
// variation selectors, joiners.
func invisible(r rune) bool { return r > '~' && unicode.Is(blank, r) }

var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034f, 0x034f, 1},
		{0x115f, 0x1160, 1},
		{0x17b4, 0x17b5, 1},
		{0x180b, 0x180f, 1},
		{0x2800, 0x2800, 1},
		{0x3164, 0x3164, 1},
		{0xfe00, 0xfe0f, 1},
		{0xffa0, 0xffa0, 1},
	},
	R32: []unicode.Range32{
		{0x1d159, 0x1d159, 1},
		{0xe0100, 0xe01ef, 1},
	},
}
