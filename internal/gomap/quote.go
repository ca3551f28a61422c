package gomap

import (
	"strconv"
	"strings"

	"deltui/internal/visible"
)

// quote is strconv.Quote, but for what is printable and nobody can see: that is
// escaped, too.
func quote(s string) string {
	q := strconv.Quote(s)
	if strings.IndexFunc(q, hidden) < 0 {
		return q
	}
	var b strings.Builder
	for _, r := range q {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		e := strconv.QuoteRuneToASCII(r)
		b.WriteString(e[1 : len(e)-1])
	}
	return b.String()
}

func hidden(r rune) bool { return !visible.Safe(r) }
