package doctor

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

func find(t *testing.T, fs []Finding, name string) Finding {
	t.Helper()
	for _, f := range fs {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("nothing about %s in %v", name, fs)
	return Finding{}
}

func TestPtrace(t *testing.T) {
	testenv.NeedPtrace(t)
	if f := find(t, ptrace(), "ptrace"); f.Status != OK {
		t.Errorf("%+v", f)
	}
}

func TestMachineWithoutGo(t *testing.T) {
	c := Config{Delve: "v1", Env: []string{"PATH=/nowhere", "TERM=xterm"}}
	fs := Machine(t.Context(), c)
	if f := find(t, fs, "go"); f.Status != Warn || f.Mend == "" {
		t.Errorf("%+v", f)
	}
	if f := find(t, fs, "terminal"); f.Status != Warn {
		t.Errorf("%+v", f)
	}
	for _, f := range fs {
		if f.Status != OK && f.Mend == "" {
			t.Errorf("it does not say what mends this: %+v", f)
		}
	}
}

func TestGoCommand(t *testing.T) {
	env := append(os.Environ(), "GOFLAGS='-ldflags=-s -w' -tags=x", "GOPROXY=off")
	fs := goCommand(t.Context(), Config{Env: env})
	if f := find(t, fs, "go"); f.Status != OK || !strings.Contains(f.Text, runtime.Version()) {
		t.Errorf("%+v", f)
	}
	if f := find(t, fs, "GOFLAGS"); f.Status != Warn {
		t.Errorf("%+v", f)
	}
	if f := find(t, fs, "toolchains"); f.Status != Warn || !strings.Contains(f.Text, "GOPROXY is off") {
		t.Errorf("%+v", f)
	}
}

func TestStrips(t *testing.T) {
	for flags, want := range map[string]bool{
		"": false, "-tags=s": false, "-ldflags=-s": true, "'-ldflags=-X a=b -w'": true, "-ldflags=-X=main.s=1": false, "-s": false,
	} {
		if got := strips(flags); got != want {
			t.Errorf("strips(%q) = %v", flags, got)
		}
	}
}

func TestClipboard(t *testing.T) {
	for _, tt := range []struct {
		env  []string
		want Status
	}{
		{[]string{"TERM=xterm-kitty"}, OK},
		{[]string{"TERM=tmux-256color", "TMUX=/tmp/x"}, Warn},
		{[]string{"TERM=screen"}, Warn},
		{[]string{"TERM=linux"}, Warn},
		{[]string{"TERM=xterm-256color", "VTE_VERSION=7000"}, Warn},
	} {
		if got := clipboard(tt.env); got.Status != tt.want {
			t.Errorf("%v: %+v", tt.env, got)
		}
	}
}

func TestBinary(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module prog\n\ngo 1.18\n",
		"main.go": "package main\n\nimport \"os\"\n\nvar m = map[string]int{}\n\nfunc main() { delete(m, os.Args[0]) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			fs := Binary(tc.Build(t, dir), "prog")
			if !Well(fs) {
				t.Errorf("not well: %v", fs)
			}
			if f := find(t, fs, "delete"); f.Status != OK || !strings.HasPrefix(f.Text, "mapdelete_faststr") {
				t.Errorf("%+v", f)
			}
			if f := find(t, fs, "call sites"); f.Status != OK || !strings.Contains(f.Text, "main.main") {
				t.Errorf("%+v", f)
			}
			want := "swiss"
			if v := tc.Version; v < testenv.Go124 && v != testenv.Local.Version || tc.Experiment == "noswissmap" {
				want = "classic"
			}
			if f := find(t, fs, "maps"); !strings.HasPrefix(f.Text, want) {
				t.Errorf("%+v, want %s", f, want)
			}
		})
	}
	fs := Binary(testenv.Local.Build(t, dir, "-ldflags=-w"), "prog")
	if f := find(t, fs, "binary"); Well(fs) || f.Status != Fail || f.Mend == "" {
		t.Errorf("%v", fs)
	}
}

func TestPrint(t *testing.T) {
	fs := []Finding{ok("one", "fine\x1b[31m"), warn("second", "mend it", "so so"), fail("third", "", "bad")}
	var b strings.Builder
	if err := Print(&b, fs, Style{}); err != nil {
		t.Fatal(err)
	}
	const want = "ok    one     fine\\x1b[31m\n" +
		"warn  second  so so\n" +
		"              → mend it\n" +
		"fail  third   bad\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	if err := Print(&b, fs, Style{Color: true}); err != nil || !strings.Contains(b.String(), "\x1b[1;31mfail\x1b[0m") {
		t.Errorf("%v: %q", err, b.String())
	}
}

// TestPage: what it comes to stands first, and no line is longer than the page.
func TestPage(t *testing.T) {
	long := strings.Repeat("word ", 30)
	fs := []Finding{ok("one", "fine"), warn("second", long, "%s", long), fail("third", "mend it", "bad")}
	for _, tc := range []struct {
		fs   []Finding
		want string
	}{
		{fs[:1], "# All is well: programs can be watched here\n\nok    one  fine\n"},
		{fs[:2], "# Programs can be watched here; one thing could be better\n\nok    one     fine\nwarn  second  word word"},
		{fs, "# one thing in the way of watching: → says what mends it\n\n"},
	} {
		got := Page(tc.fs, 76)
		if !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s\nwant\n%s", got, tc.want)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if n := len([]rune(line)); n > 76 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		if words := strings.Count(got, "word"); len(tc.fs) > 1 && words != 60 {
			t.Errorf("%d words of 60", words)
		}
	}
}
