package visible

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// String returns s as one line of printable text: tabs and line ends are
// escaped too.
func String(s string) string {
	if clean(s) {
		return s
	}
	return escape(s, escapeTabs, Safe)
}

// Bytes is String for bytes.
func Bytes(b []byte) string { return String(string(b)) }

// Line is String, but for tabs: with tab 0 they stay, otherwise they become
// spaces up to the next multiple of tab characters.
func Line(s string, tab int) string {
	if clean(s) {
		return s
	}
	return escape(s, tab, Safe)
}

// ASCII is String for terminals and fonts that draw nothing but ASCII: all else
// is escaped.
func ASCII(s string) string {
	if clean(s) {
		return s
	}
	return escape(s, escapeTabs, func(r rune) bool { return r < utf8.RuneSelf && Safe(r) })
}

// Safe reports whether r may be shown as it is. It is the one table of what is
// safe: quoted keys, JSON lines, text and cells of the screen all ask it.
//
// Not safe are, beside what is not printable (controls, format and bidi
// characters, separators, private use, what Unicode has not assigned), all
// spaces but U+0020, which nobody can tell from it, and what draws nothing
// although its category is that of a letter, a mark or a symbol.
func Safe(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0x20 && r != 0x7f
	}
	return unicode.IsPrint(r) &&
		r != blankBraille && r != nullNotehead &&
		!unicode.Is(unicode.Variation_Selector, r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// Symbols without ink.
const (
	blankBraille = 0x2800
	nullNotehead = 0x1d159
)

// clean reports whether s has nothing but printable ASCII, as most text has.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// escapeTabs stands for no tab width: a tab becomes \t.
const escapeTabs = -1

func escape(s string, tab int, safe func(rune) bool) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	column := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			hex(&b, 'x', uint32(s[i]), 2)
		case r == '\t' && tab == 0:
			b.WriteByte('\t')
		case r == '\t' && tab > 0:
			for {
				b.WriteByte(' ')
				column++
				if column%tab == 0 {
					break
				}
			}
			i += n
			continue
		case safe(r):
			b.WriteRune(r)
		default:
			escapeRune(&b, r)
		}
		column++
		i += n
	}
	return b.String()
}

func escapeRune(b *strings.Builder, r rune) {
	switch {
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < utf8.RuneSelf:
		hex(b, 'x', uint32(r), 2)
	case r <= 0xffff:
		hex(b, 'u', uint32(r), 4)
	default:
		hex(b, 'U', uint32(r), 8)
	}
}

func hex(b *strings.Builder, kind byte, v uint32, digits int) {
	b.WriteByte('\\')
	b.WriteByte(kind)
	for digits--; digits >= 0; digits-- {
		b.WriteByte("0123456789abcdef"[v>>(4*digits)&0xf])
	}
}
