package canvas

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"deltui/internal/visible"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ in, want, ascii string }{
		{"plain", "plain", "plain"},
		{"tab\tand\nline", `tab\tand\nline`, `tab\tand\nline`},
		{"\x1b[31mred", `\x1b[31mred`, `\x1b[31mred`},
		{"\u009b31m", `\u009b31m`, `\u009b31m`},
		{"a\u202eb", `a\u202eb`, `a\u202eb`},
		{"zero\u200bwidth", `zero\u200bwidth`, `zero\u200bwidth`},
		{"bad\xff", `bad\xff`, `bad\xff`},
		{"\uFFFD", "\uFFFD", `\ufffd`},
		{"é e\u0301", "é e\u0301", `\u00e9 e\u0301`},
		{"世界", "世界", `\u4e16\u754c`},
		{"x▶y", "x▶y", `x\u25b6y`},
		{"\U000e0041", `\U000e0041`, `\U000e0041`},
		{"z" + strings.Repeat("\u0301", 20), "z" + strings.Repeat(`\u0301`, 20), "z" + strings.Repeat(`\u0301`, 20)},
	} {
		for _, ascii := range []bool{false, true} {
			c := New(200, 1, ascii)
			c.Area().Text(0, 0, 0, tt.in)
			want := tt.want
			if ascii {
				want = tt.ascii
			}
			if got := strings.TrimSuffix(c.Plain(Rect{0, 0, 200, 1}), "\n"); got != want {
				t.Errorf("Text(%q), ascii %v: %q, want %q", tt.in, ascii, got, want)
			}
			if w := c.Width(tt.in); w != ansi.StringWidth(want) {
				t.Errorf("Width(%q), ascii %v = %d, but it takes %d", tt.in, ascii, w, ansi.StringWidth(want))
			}
		}
	}
}

// TestWide: what is put over one half of a wide character leaves no half.
func TestWide(t *testing.T) {
	c := New(6, 1, false)
	a := c.Area()
	a.Text(0, 0, 0, "世界世")
	a.Text(1, 0, 0, "x")
	if got := c.Plain(Rect{0, 0, 6, 1}); got != " x界世\n" {
		t.Errorf("%q", got)
	}
	a.Text(4, 0, 0, "y")
	if got := c.Plain(Rect{0, 0, 6, 1}); got != " x界y\n" {
		t.Errorf("%q", got)
	}
	c.Clear()
	a.Sub(0, 0, 3, 1).Text(0, 0, 0, "世界") // the second does not fit
	if got := c.Plain(Rect{0, 0, 6, 1}); got != "世\n" {
		t.Errorf("%q", got)
	}
}

func TestRender(t *testing.T) {
	c := New(8, 2, false)
	a := c.Area()
	a.Text(0, 0, 0, "ab")
	a.Text(2, 0, 1, "cd")
	a.Text(4, 0, 2, "ef")
	a.Text(1, 1, 1, "x")
	got := c.Render([]string{"", "<1>", "<2>"})
	if want := "ab<1>cd\x1b[m<2>ef\x1b[m\n <1>x\x1b[m"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCut(t *testing.T) {
	c, plain := New(1, 1, false), New(1, 1, true)
	for _, tt := range []struct {
		in   string
		w    int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 4, "abc…"}, {"世界世", 4, "世…"}, {"a\x1bb", 3, "a…"}, {"abc", 1, "…"}, {"abc", 0, ""}} {
		if got := c.Cut(tt.in, tt.w); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.want)
		}
	}
	if got := plain.Cut("abcdef", 4); got != "abc~" {
		t.Errorf("Cut on an ASCII canvas: %q", got)
	}
}

func TestWrap(t *testing.T) {
	c := New(1, 1, false)
	got := strings.Join(c.Wrap("one two  three\nfour abcdefghijkl", 7), "|")
	if want := "one two|three|four|abcdefg|hijkl"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzText: whatever is put on a canvas, what comes off it is visible text that
// is as wide as the canvas says, and no panic.
func FuzzText(f *testing.F) {
	for _, s := range []string{"a\x1b[2Jb", "世\u200d界", "👨‍👩‍👧", "e\u0301\u0301", "\xff\xfe", "\u115f\u1160", "🇩🇪", "☁️", "\r\n"} {
		f.Add(s, 0, 10)
	}
	f.Fuzz(func(t *testing.T, s string, x, w int) {
		w = w & 63
		c := New(40, 1, false)
		a := c.Area().Sub(x&31, 0, w, 1)
		a.Text(x%7, 0, 1, s)
		a.TextMax(0, 0, w, 2, s)
		c.Wrap(s, w)
		out := c.Render([]string{"", "\x1b[1m", "\x1b[2m"})
		bare := ansi.Strip(out)
		for _, r := range bare {
			if r == unicode.ReplacementChar && !strings.ContainsRune(s, r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%q came through: %q from %q", r, out, s)
			}
		}
		if got := ansi.StringWidth(bare); got > 40 {
			t.Fatalf("%d columns on a canvas of 40: %q from %q", got, bare, s)
		}
		if cut := c.Cut(s, w); c.Width(cut) > max(w, 0) {
			t.Fatalf("Cut(%q, %d) is %d wide", s, w, c.Width(cut))
		}
	})
}

// TestShownAll: of all code points, a cell shows as they are those that are safe
// to show and that all terminals give one width; the others come out as ASCII.
func TestShownAll(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		if s == "\ufffd" && r != '\ufffd' { // no character
			continue
		}
		w := ansi.StringWidth(s)
		text, ok := inCells(s, w, false)
		if want := visible.Safe(r) && (w == 1 || w == 2) && ansi.StringWidthWc(s) == w; ok != want || ok && text != s || !ok && !isPlain(text) {
			t.Errorf("%U, %d columns, safe %v: shown %v, %q", r, w, visible.Safe(r), ok, text)
		}
	}
}
