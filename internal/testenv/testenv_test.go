package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWish(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "false []",
		"local":                            "false []",
		"all":                              "true []",
		"1.23":                             "false [1.23.12]",
		"go1.23.12, 1.27-mapsplitgroup":    "false [1.23.12 1.27.3-mapsplitgroup]",
		"1.24.9-noswissmap,1.18,all":       "true [1.24.9-noswissmap 1.18.10]",
		"al":                               `"al" is no toolchain`,
		"1.2":                              `"1.2" is no toolchain`,
		"1.23.11":                          `"1.23.11" is no toolchain`,
		"1.23,1.26-noswissmap":             `"1.26-noswissmap" is no toolchain`,
		"1.23.12 1.24.9-noswissmap (both)": "is no toolchain",
	} {
		w, err := parseWish(in)
		got := fmt.Sprint(w.all, " ", w.named)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestAsked(t *testing.T) {
	defer func(w wish) { asked = w }(asked)
	none, one, all := wish{}, wish{named: []Toolchain{{Go124, "noswissmap"}}}, wish{all: true}
	for _, tt := range []struct {
		wish wish
		want int
		also Toolchain
	}{
		{none, 1, Local}, {one, 2, Toolchain{Go124, "noswissmap"}}, {all, len(matrix()), Toolchain{Go118, ""}},
	} {
		asked = tt.wish
		got := Toolchains()
		if len(got) != tt.want || !Local.Asked() || !tt.also.Asked() {
			t.Errorf("%+v: %v", tt.wish, got)
		}
	}
}

const tiny = `
-- go.mod --
module tiny

go 1.18
-- main.go --
package main

import "fmt"

func main() { fmt.Println("one") }
-- lib/lib.go --
package lib
`

// TestKey: another program is built when anything that it is made of is other,
// and none when nothing is.
func TestKey(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	dir := Unpack(t, []byte(tiny))
	again := Unpack(t, []byte(tiny)) // where it lies makes no difference
	other := Unpack(t, []byte(strings.Replace(tiny, `"one"`, `"two"`, 1)))
	more := Unpack(t, []byte(tiny+"-- more.txt --\n"))
	seen := map[string]string{}
	for _, tt := range []struct {
		name string
		p    Program
		same bool
	}{
		{"first", Program{Dir: dir}, false},
		{"the same", Program{Dir: dir}, true},
		{"elsewhere", Program{Dir: again}, true},
		{"other text", Program{Dir: other}, false},
		{"another file", Program{Dir: more}, false},
		{"flags", Program{Dir: dir, Args: []string{"-ldflags=-w"}}, false},
		{"environment", Program{Dir: dir, Env: []string{"GOFLAGS=-tags=none"}}, false},
	} {
		path := Local.BuildProgram(t, tt.p)
		if was, ok := seen[path]; ok != tt.same {
			t.Errorf("%s: %s, which is the one of %q", tt.name, path, was)
		}
		seen[path] = tt.name
		out, err := exec.Command(path).Output()
		want := "one\n"
		if tt.p.Dir == other {
			want = "two\n"
		}
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v", tt.name, out, err)
		}
		src := filepath.Join(Sources(path), "main.go")
		if b, err := os.ReadFile(path); err != nil || tt.name != "flags" && !strings.Contains(string(b), src) {
			t.Errorf("%s: the binary does not name %s, %v", tt.name, src, err)
		}
	}
	if _, err := Local.TryBuild(t, Program{Dir: dir, Pkg: "./nowhere"}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("what cannot be built: %v", err)
	}
}

// TestNoHome builds where the user has no home, and no cache of their own.
func TestNoHome(t *testing.T) {
	if dir := os.Getenv("TESTENV_NOHOME"); dir != "" {
		path := Local.Build(t, Unpack(t, []byte(tiny)))
		if !strings.HasPrefix(path, dir) {
			t.Fatalf("built as %s, not below %s", path, dir)
		}
		return
	}
	if runtime.GOOS == "windows" || testing.Short() {
		t.Skip("skipped: -short")
	}
	gocache, err := goCache()
	if err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{"", "/proc/nobody"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestNoHome$", "-test.v")
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME=", "GOCACHE="+gocache, "GOPATH="+t.TempDir(), "GOENV=off", "TESTENV_NOHOME="+gocache)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestNoHome") {
			t.Errorf("HOME=%q: %v\n%s", home, err, out)
		}
	}
}
