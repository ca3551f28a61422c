package panel

import "testing"

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

func TestSplitComment(t *testing.T) {
	for _, tt := range []struct{ in, code, comment string }{
		{`x := 1 // one`, `x := 1 `, `// one`},
		{`s := "//" // it`, `s := "//" `, `// it`},
		{`r := '"' // quote`, `r := '"' `, `// quote`},
		{"u := `//`", "u := `//`", ""},
		{`e := "\"//"`, `e := "\"//"`, ""},
	} {
		if code, comment := splitComment(tt.in); code != tt.code || comment != tt.comment {
			t.Errorf("splitComment(%q) = %q, %q", tt.in, code, comment)
		}
	}
}

func TestExpand(t *testing.T) {
	if got := expand("\ta\tb", 4); got != "    a   b" {
		t.Errorf("%q", got)
	}
}
