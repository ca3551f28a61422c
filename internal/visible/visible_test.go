package visible_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"deltui/internal/visible"
)

func TestString(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain text, (*cache).evict", "plain text, (*cache).evict"},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"bell\a nul\x00 del\x7f", `bell\x07 nul\x00 del\x7f`},
		{"C1 \u009b31m, raw \x9b", `C1 \u009b31m, raw \x9b`},
		{"a\tb\nc\rd", `a\tb\nc\rd`},
		{"user\u202egnp.exe", `user\u202egnp.exe`},
		{"\u2066x\u2069 \u200e\u061c", `\u2066x\u2069 \u200e\u061c`},
		{"zero\u200bwidth\u200d\ufeff\u00ad", `zero\u200bwidth\u200d\ufeff\u00ad`},
		{"❤\ufe0f", `❤\ufe0f`},
		{"a\U000e0041\U000e0100", `a\U000e0041\U000e0100`},
		{"line\u2028para\u2029", `line\u2028para\u2029`},
		{"hangul\u3164filler\u115f", `hangul\u3164filler\u115f`},
		{"private\ue000", `private\ue000`},
		{"bad \xc3( \xff", `bad \xc3( \xff`},
		{"日本語 한국어 עברית العربية é e\u0301 😀", "日本語 한국어 עברית العربية é e\u0301 😀"},
		{`already \x1b seen`, `already \x1b seen`},
	} {
		got := visible.String(tt.in)
		if got != tt.want {
			t.Errorf("String(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := visible.String(got); again != got {
			t.Errorf("String applied twice to %q: %q, then %q", tt.in, got, again)
		}
		if b := visible.Bytes([]byte(tt.in)); b != got {
			t.Errorf("Bytes(%q) = %q, String gives %q", tt.in, b, got)
		}
	}
}

func TestLineTabs(t *testing.T) {
	for _, tt := range []struct {
		in   string
		tab  int
		want string
	}{
		{"\tx", 0, "\tx"},
		{"\tx", 4, "    x"},
		{"ab\tx\ty", 4, "ab  x   y"},
		{"abcd\tx", 4, "abcd    x"},
		{"日\tx", 4, "日   x"},
		{"\x1b\tx", 0, "\\x1b\tx"},
	} {
		if got := visible.Line(tt.in, tt.tab); got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.tab, got, tt.want)
		}
	}
}

func TestLines(t *testing.T) {
	for _, tt := range []struct {
		name    string
		writes  []string
		want    []string
		partial string
	}{
		{"whole lines", []string{"a\nb\n"}, []string{"a", "b"}, ""},
		{"split anywhere", []string{"a", "b\r", "\nc\n"}, []string{"ab", "c"}, ""},
		{"lone CR", []string{"10%\r20%\rdone\n"}, []string{"10%", "20%", "done"}, ""},
		{"empty lines", []string{"\n\r\n\n"}, []string{"", "", ""}, ""},
		{"prompt", []string{"name? "}, nil, "name? "},
		{"half a character", []string{"日\xe6\x9c"}, nil, "日"},
		{"its other half", []string{"日\xe6\x9c", "\xac\n"}, []string{"日本"}, ""},
		{"long line", []string{strings.Repeat("x", 20), "\n"}, []string{"xxxxxxxx … (12 bytes more)"}, ""},
		{"cut in a character", []string{"1234567日本\n"}, []string{"1234567 … (6 bytes more)"}, ""},
		{"escapes", []string{"\x1b]0;title\a\n"}, []string{`\x1b]0;titl … (2 bytes more)`}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			l := visible.Lines{Max: 8, Emit: func(s string) { got = append(got, s) }}
			for _, w := range tt.writes {
				if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", w, n, err)
				}
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") || len(got) != len(tt.want) {
				t.Errorf("lines %q, want %q", got, tt.want)
			}
			if p := l.Partial(); p != tt.partial {
				t.Errorf("partial %q, want %q", p, tt.partial)
			}
		})
	}
}

func TestLinesFlood(t *testing.T) {
	l := visible.Lines{Max: 100}
	chunk := []byte(strings.Repeat("y", 1<<16))
	for range 64 {
		l.Write(chunk)
	}
	if want := uint64(64<<16 - 100); l.Dropped() != want {
		t.Errorf("dropped %d bytes, want %d", l.Dropped(), want)
	}
	if n := len(l.Partial()); n > 200 {
		t.Errorf("a partial line of %d bytes is kept", n)
	}
}

// check fails where s holds anything that a terminal may obey.
func check(t *testing.T, s, allowed string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
	for _, r := range s {
		if strings.ContainsRune(allowed, r) {
			continue
		}
		if r < 0x20 || r >= 0x7f && r <= 0x9f || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs, unicode.Variation_Selector) {
			t.Fatalf("%q holds %U", s, r)
		}
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"", "a\tb\nc", "\x1b[2J\x9b", "\u202e\ufe0f\U000e0041", "\xe6\x9c", "日本語😀"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, split int) {
		s := visible.Bytes(b)
		check(t, s, "")
		if again := visible.String(s); again != s {
			t.Fatalf("twice: %q, then %q", s, again)
		}
		check(t, visible.Line(string(b), 0), "\t")
		check(t, visible.Line(string(b), 8), "")

		// However the stream is split, the lines are the same.
		lines := func(parts ...[]byte) (out []string) {
			l := visible.Lines{Max: 16, Tab: 8, Emit: func(s string) { check(t, s, ""); out = append(out, s) }}
			for _, p := range parts {
				l.Write(p)
				check(t, l.Partial(), "")
			}
			l.Flush()
			return out
		}
		split = max(0, min(split, len(b)))
		whole, parts := lines(b), lines(b[:split], b[split:])
		if strings.Join(whole, "\n") != strings.Join(parts, "\n") {
			t.Fatalf("whole %q, split at %d %q", whole, split, parts)
		}
	})
}

// TestSafe goes over all code points: none that is safe steers, hides or cannot
// be told from a space, and everything that has ink and a meaning is safe.
func TestSafe(t *testing.T) {
	safe := 0
	for r := rune(-1); r <= unicode.MaxRune+1; r++ {
		hidden := r < 0x20 || r > unicode.MaxRune || r == 0x7f ||
			unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
			unicode.Is(unicode.Zs, r) && r != ' ' || r == 0x2800 || r == 0x1d159
		inked := unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) || r == ' '
		if got := visible.Safe(r); got != (inked && !hidden) {
			t.Errorf("Safe(%U) = %v: inked %v, hidden %v", r, got, inked, hidden)
		} else if got {
			safe++
		}
	}
	if safe < 140_000 {
		t.Errorf("only %d code points are safe", safe)
	}
}

func TestASCII(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "é": `\u00e9`, "e\u0301": `e\u0301`, "😀\x1b": `\U0001f600\x1b`, "\xff\t": `\xff\t`,
	} {
		if got := visible.ASCII(in); got != want {
			t.Errorf("ASCII(%q) = %q, want %q", in, got, want)
		}
	}
}
