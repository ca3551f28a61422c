package cite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree makes a Go tree of one file.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	file := filepath.Join(root, "src", "runtime", "map.go")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("package runtime\n\nfunc  f() {\n\tpanic(\"no\")\n}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return root
}

const link = "https://github.com/golang/go/blob/go1.26.8/src/runtime/map.go"

func TestCheck(t *testing.T) {
	t.Parallel()
	root := tree(t)
	for _, tt := range []struct{ name, page, want string }{
		{"good", "x [1.26 map.go:3].\n\n[1.26 map.go:3]: " + link + "#L3 \"func f() {\"\n", ""},
		{"part of a line", "x [1.26 runtime/map.go:3-5].\n\n[1.26 runtime/map.go:3-5]: " + link + "#L3-L5 \"f()\"\n", ""},
		{"quotes in it", "x [1.26 map.go:4].\n\n[1.26 map.go:4]: " + link + "#L4 \"panic(\\\"no\\\")\"\n", ""},
		{"another line", "x [1.26 map.go:1].\n\n[1.26 map.go:1]: " + link + "#L1 \"func f()\"\n", "that line of go1.26.8 says"},
		{"no such line", "x [1.26 map.go:99].\n\n[1.26 map.go:99]: " + link + "#L99 \"func f()\"\n", "lines"},
		{"no quote", "x [1.26 map.go:3].\n\n[1.26 map.go:3]: " + link + "#L3 \"\"\n", "quotes nothing"},
		{"not defined", "x [1.26 map.go:3].\n", "used and not defined"},
		{"not used", "x.\n\n[1.26 map.go:3]: " + link + "#L3 \"func f()\"\n", "never used"},
		{"twice", "x [1.26 map.go:3].\n\n" + strings.Repeat("[1.26 map.go:3]: "+link+"#L3 \"func f()\"\n", 2), "defined twice"},
		{"other version", "x [1.25 map.go:3].\n\n[1.25 map.go:3]: " + link + "#L3 \"func f()\"\n", "links to go1.26.8"},
		{"other file", "x [1.26 table.go:3].\n\n[1.26 table.go:3]: " + link + "#L3 \"func f()\"\n", "links to src/runtime/map.go"},
		{"end of a name only", "x [1.26 ap.go:3].\n\n[1.26 ap.go:3]: " + link + "#L3 \"func f()\"\n", "links to src/runtime/map.go"},
		{"other lines", "x [1.26 map.go:3-4].\n\n[1.26 map.go:3-4]: " + link + "#L3 \"func f()\"\n", "links to lines"},
		{"other link", "x [1.26 map.go:3].\n\n[1.26 map.go:3]: https://go.dev \"func f()\"\n", "not a citation's definition"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cs, errs := Parse("page", tt.page)
			for _, c := range cs {
				if err := c.Check(root); err != nil {
					errs = append(errs, err)
				}
			}
			var all strings.Builder
			for _, err := range errs {
				all.WriteString(err.Error() + "\n")
			}
			if tt.want == "" && len(errs) > 0 || !strings.Contains(all.String(), tt.want) {
				t.Errorf("got %q, want %q", all.String(), tt.want)
			}
		})
	}
}

func TestDefine(t *testing.T) {
	t.Parallel()
	root := tree(t)
	at := func(string) (string, error) { return root, nil }
	patch := func(string) string { return "1.26.8" }
	in := "x [1.26 map.go:4] and [1.26 map.go:3].\n\n[1.26 map.go:9]: " + link + "#L9 \"stale\"\n"
	want := "x [1.26 map.go:4] and [1.26 map.go:3].\n\n" +
		"[1.26 map.go:3]: " + link + "#L3 \"func f() {\"\n" +
		"[1.26 map.go:4]: " + link + "#L4 \"panic(\\\"no\\\")\"\n"
	got, err := Define(in, patch, at)
	if err != nil || got != want {
		t.Errorf("got  %s\nwant %s\n%v", got, want, err)
	}
	if again, err := Define(got, patch, at); err != nil || again != got {
		t.Errorf("a second time: %s\n%v", again, err)
	}
	text := "so it is\n[1.26 map.go:3]:\n"
	if got, err := Define(text, patch, at); err != nil || !strings.HasPrefix(got, text) {
		t.Errorf("a line of text was taken for a definition: %s\n%v", got, err)
	}
	if _, err := Define("x [1.26 map.go:2].\n", patch, at); err == nil {
		t.Error("an empty line was cited")
	}
	if _, err := Define("x [1.26 nomap.go:2].\n", patch, at); err == nil {
		t.Error("a file that is not there was cited")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("x [1.26 map.go:3].\n\n[1.26 map.go:3]: " + link + "#L3 \"func f()\"\n")
	f.Fuzz(func(t *testing.T, text string) { Parse("page", text) })
}
