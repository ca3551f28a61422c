package trace

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a query. An error is a [*QueryError].
func Parse(text string) (Query, error) {
	q := Query{text: text}
	for at := 0; ; {
		for at < len(text) {
			r, n := utf8.DecodeRuneInString(text[at:])
			if !unicode.IsSpace(r) {
				break
			}
			at += n
		}
		if at == len(text) {
			return q, nil
		}
		word := scanWord(text[at:])
		t, err := parseTerm(word)
		if err != nil {
			return Query{}, &QueryError{text, word.raw, utf8.RuneCountInString(text[:at]) + 1, err.Error()}
		}
		q.terms = append(q.terms, t)
		at += len(word.raw)
	}
}

// word is a term as scanned: its text with the quotes taken away, and where in
// that text the first character was that stood in quotes.
type word struct {
	raw, text string
	quoted    int // -1: nothing was
	open      bool
}

func scanWord(s string) word {
	var b strings.Builder
	w := word{quoted: -1}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '"' || c == '\'':
			if w.quoted < 0 {
				w.quoted = b.Len()
			}
			i++
			for i < len(s) && s[i] != c {
				if c == '"' && s[i] == '\\' {
					if r, multi, tail, err := strconv.UnquoteChar(s[i:], '"'); err == nil {
						if multi || r < utf8.RuneSelf {
							b.WriteRune(r)
						} else {
							b.WriteByte(byte(r))
						}
						i = len(s) - len(tail)
						continue
					}
				}
				b.WriteByte(s[i])
				i++
			}
			if i == len(s) {
				w.open = true
			} else {
				i++
			}
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if unicode.IsSpace(r) {
				w.raw, w.text = s[:i], b.String()
				return w
			}
			b.WriteString(s[i : i+n])
			i += n
		}
	}
	w.raw, w.text = s, b.String()
	return w
}

var operators = []string{"==", "!=", ">=", "<=", "=", "~", ">", "<"}

func parseTerm(w word) (term, error) {
	if w.open {
		return term{}, fmt.Errorf("a quote is not closed")
	}
	plain := w.text
	if w.quoted >= 0 {
		plain = w.text[:w.quoted]
	}
	at := strings.IndexAny(plain, "=!~<>")
	if at < 0 {
		return term{value: w.text, op: "~", kind: kindBare}, nil
	}
	t := term{field: w.text[:at]}
	for _, op := range operators {
		if strings.HasPrefix(plain[at:], op) {
			t.op = op
			break
		}
	}
	if t.op == "" {
		return t, fmt.Errorf("no operator begins with !, but !=")
	}
	t.value = w.text[at+len(t.op):]
	if t.op == "==" {
		t.op = "="
	}
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == t.field })
	if i < 0 {
		return t, fmt.Errorf("there is no field %q; fields are %s; a word that holds %q must stand in quotes", t.field, fieldNames(), t.op)
	}
	f := &fields[i]
	t.kind = f.kind
	if !slices.Contains(strings.Fields(f.Ops), t.op) {
		return t, fmt.Errorf("%s does not understand %s, only %s", f.Name, t.op, f.Ops)
	}
	if t.value == "" && w.quoted < 0 {
		return t, fmt.Errorf("%s%s needs a value: %s", f.Name, t.op, f.Values)
	}
	return t, t.check(f, w.quoted >= 0)
}

// check holds a term's value against what its field allows.
func (t *term) check(f *Field, quoted bool) (err error) {
	switch f.kind {
	case kindNumber:
		if t.num, err = strconv.ParseInt(t.value, 0, 64); err != nil {
			return fmt.Errorf("%s is compared with a number, not %q", f.Name, t.value)
		}
	case kindWord:
		if !slices.Contains(f.words, t.value) {
			return fmt.Errorf("%s is one of %s, not %q", f.Name, strings.Join(f.words, ", "), t.value)
		}
	case kindMap:
		if strings.HasPrefix(t.value, "map[") {
			return nil
		}
		digits, base := strings.TrimPrefix(t.value, "#"), 10
		if hex, ok := strings.CutPrefix(t.value, "0x"); ok {
			digits, base = hex, 16
		}
		n, err := strconv.ParseUint(digits, base, 64)
		if err != nil {
			return fmt.Errorf("map is one of %s, not %q", f.Values, t.value)
		}
		t.num = int64(n)
	case kindText:
		if n := len(t.value); t.op == "~" && !quoted && n > 2 && t.value[0] == '/' && t.value[n-1] == '/' {
			if t.re, err = regexp.Compile(t.value[1 : n-1]); err != nil {
				return fmt.Errorf("a bad regular expression: %w", err)
			}
		}
	}
	return nil
}

func fieldNames() string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
