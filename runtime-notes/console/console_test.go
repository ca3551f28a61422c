package console

import (
	"strings"
	"testing"
)

const line = `{"seq":1,"op":"delete","used":[9,8],"changes":[{"addr":"0xc0","from":"0x7c","to":"0xfe"},{"addr":"0xc1","from":"0x01","to":"0x80"}],"found":true,"map":{"id":1,"layout":"swiss"}}`

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		ok   bool
	}{
		{`{"op":"delete",…}`, true},
		{`{"op":"delete"}`, false},
		{`{"op":"clear",…}`, false},
		{`{"used":[9,8],"op":"delete",…}`, true},
		{`{"used":[9],…}`, false},
		{`{"used":[9,…],…}`, true},
		{`{"found":true,…}`, true},
		{`{"found":false,…}`, false},
		{`{"absent":1,…}`, false},
		{`{"changes":[],…}`, false},
		{`{"changes":[{"to":"0xfe",…},…],…}`, true},
		{`{"changes":[{"to":"0x80",…},…],…}`, true},
		{`{"changes":[{"to":"0x80",…}],…}`, false},
		{`{"changes":[{"to":"0x80",…},{"to":"0xfe",…},…],…}`, false},
		{`{"changes":[{"from":"0x…","to":"0xfe",…},…],…}`, true},
		{`{"map":{"layout":"swiss",…},…}`, true},
		{`{"map":{"layout":"swiss"},…}`, false},
		{`{…}`, true},
		{"3 … left", true},
		{"3 … right", false},
	} {
		s := Session{Page: "page", Want: []string{tt.want}}
		if err := s.Match("first\n" + line + "\n3 entries left\n"); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.want, err)
		}
	}
	s := Session{Want: []string{"b", "a"}}
	if s.Match("a\nb\n") == nil {
		t.Error("lines in the wrong order match")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	page := strings.Join([]string{"text", "```console", "$ cd a/b", "$ deltui trace --json ./x.go", `{"op":"delete",…}`, "…", "done", "$ deltui doctor", "```", "```go", "$ deltui no", "```"}, "\n")
	ss, err := Parse("page", page)
	if err != nil || len(ss) != 2 {
		t.Fatalf("%v %v", ss, err)
	}
	if s := ss[0]; s.Dir != "a/b" || s.Line != 4 || strings.Join(s.Args, " ") != "trace --json ./x.go" || len(s.Want) != 2 {
		t.Errorf("%+v", s)
	}
	for _, bad := range []string{"$ rm -r x", "lost output", "$ deltui x\n{not json}"} {
		if _, err := Parse("page", "```console\n"+bad+"\n```"); err == nil {
			t.Errorf("%q is taken for a session", bad)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`{"op":"delete",…}`, line)
	f.Fuzz(func(t *testing.T, want, output string) {
		_ = Session{Want: []string{want}}.Match(output)
	})
}
