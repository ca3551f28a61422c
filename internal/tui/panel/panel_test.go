package panel

import (
	"maps"
	"strings"
	"testing"
)

func TestBare(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"42", "42"},
		{`"a{b"`, `"a{b"`},
		{`main.T{X:1}`, `{X:1}`},
		{`int(3)`, `(3)`},
		{`[2]int{1, 2}`, `{1, 2}`},
		{``, ``},
	} {
		if got := bare(tt.in); got != tt.want {
			t.Errorf("bare(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestComments(t *testing.T) {
	const none = -1
	for _, tt := range []struct {
		in string
		at []int // by line
	}{
		{"x := 1 // one", []int{7}},
		{`s := "//" // it`, []int{10}},
		{`r := '"' // quote`, []int{9}},
		{"u := `//`", []int{none}},
		{`e := "\"//"`, []int{none}},
		{"a\n\t// all\nb", []int{none, 1, none}},
		{"s := `one\n// no comment\n` // one", []int{none, none, 2}},
		{"/* one\n   two */\nx", []int{0, 0, none}},
		{"f(a /* in */, b) /* end */", []int{17}},
		{"one */ two // it", []int{11}},
		{"é := 'é' // é", []int{11}},
		{"//line other.go:70\nx // y", []int{0, 2}},
		{"TEXT ·f(SB),NOSPLIT,$0-8 // asm", []int{26}},
		{"s := \"open", []int{none}},
	} {
		lines := map[int]string{}
		for i, l := range strings.Split(tt.in, "\n") {
			lines[10+i] = l
		}
		found := scan(lines).comments
		for i, want := range tt.at {
			got, ok := found[10+i]
			if !ok {
				got = none
			}
			if got != want {
				t.Errorf("%q: line %d: a comment at %d, want %d", tt.in, i, got, want)
			}
		}
	}
	// Across a gap nothing goes on.
	if got := scan(map[int]string{1: "/* open", 3: "x // y"}).comments; !maps.Equal(got, map[int]int{1: 0, 3: 2}) {
		t.Errorf("with a gap: %v", got)
	}
}

func TestSplit(t *testing.T) {
	v := &SourceView{syntax: syntax{comments: map[int]int{1: 8}}}
	if code, comment := v.split(1, "\t\tx := 1// one", 4, 4); code != "    x := 1" || comment != "// one" {
		t.Errorf("%q, %q", code, comment)
	}
	if code, comment := v.split(2, "\tx", 4, 4); code != "x" || comment != "" {
		t.Errorf("%q, %q", code, comment)
	}
}

func TestExpand(t *testing.T) {
	if got := expand("\ta\tb", 4); got != "    a   b" {
		t.Errorf("%q", got)
	}
}
