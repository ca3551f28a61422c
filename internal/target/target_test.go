package target_test

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"deltui/internal/target"
	"deltui/internal/testenv"

	"golang.org/x/tools/txtar"
)

const modules = `
-- m/go.mod --
module example.com/m

go 1.18
-- m/main.go --
package main

import "example.com/m/lib"

func main() { println(lib.Name()) }
-- m/lib/lib.go --
package lib

//go:noinline
func Name() string { return name() }

func name() string { return "lib" }
-- m/lib/lib_test.go --
package lib

import "testing"

func TestName(t *testing.T) { _ = Name() }
-- m/nothing/README --
nothing
-- m/broken/main.go --
package main

func main() { nobody() }
-- m/syntax/main.go --
package main

func main() {
-- m/windows/x_windows.go --
package main
-- m/testsonly/x_test.go --
package main
-- m/script.sh --
#!/bin/sh
-- m/text --
hello
-- other/go.mod --
module example.com/other

go 1.18
-- other/cmd/prog/main.go --
package main

func main() {}
-- new/go.mod --
module example.com/new

go 1.26.0
-- new/main.go --
package main

func main() {}
-- needs/go.mod --
module example.com/needs

go 1.20

require (
	example.com/dep v0.0.0
)

replace example.com/dep => ../dep
-- needs/main.go --
package main

import _ "example.com/dep"

func main() {}
-- dep/go.mod --
module example.com/dep

go 1.26
-- dep/dep.go --
package dep
-- words/go.mod --
module example.com/words

go 1.21

toolchain go1.24.9
-- words/main.go --
package main

func main() {}
-- wants/go.mod --
module example.com/wants

go 1.21

toolchain go1.99.1
-- wants/main.go --
package main

func main() {}
-- loose/a.go --
package main

func main() { println(b) }
-- loose/b.go --
package main

const b = "b"
`

func unpack(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(modules)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// environ is this process's without what a developer may have set, and with a
// temporary directory of its own.
func environ(t *testing.T, more ...string) (env []string, tmp string) {
	t.Helper()
	tmp = t.TempDir()
	return append(os.Environ(), append([]string{"GOFLAGS=", "GOWORK=", "GOTOOLCHAIN=local", "GOEXPERIMENT=", "GOTMPDIR=" + tmp}, more...)...), tmp
}

// build builds and fails t on an error, or if the binary is not removed.
func build(t *testing.T, s target.Spec) (*target.Binary, []target.Event) {
	t.Helper()
	var events []target.Event
	bin, err := target.Build(t.Context(), s, func(e target.Event) { events = append(events, e) })
	if err != nil {
		e := &target.Error{}
		errors.As(err, &e)
		t.Fatalf("%v\n%s", err, e.Output)
	}
	t.Cleanup(func() {
		if err := bin.Remove(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(bin.Path); bin.Built && !os.IsNotExist(err) {
			t.Errorf("%s is still there", bin.Path)
		}
	})
	return bin, events
}

func TestBuild(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	m := filepath.Join(root, "m")
	tests := []struct {
		name     string
		spec     target.Spec
		wantPath string // base name
		wantDir  string
		wantPkg  string // path of the main package in its build information
	}{
		{"directory", target.Spec{Target: []string{"."}, Dir: m}, "m", m, "example.com/m"},
		{"directory from above", target.Spec{Target: []string{"m"}, Dir: root}, "m", root, "example.com/m"},
		{"absolute", target.Spec{Target: []string{m}, Dir: root}, "m", root, "example.com/m"},
		{"another module", target.Spec{Target: []string{"../other/cmd/prog"}, Dir: m}, "prog", m, "example.com/other/cmd/prog"},
		{"import path", target.Spec{Target: []string{"example.com/other/cmd/prog"}, Dir: filepath.Join(root, "other")}, "prog", filepath.Join(root, "other"), "example.com/other/cmd/prog"},
		{"file", target.Spec{Target: []string{"m/main.go"}, Dir: root}, "main", root, "command-line-arguments"},
		{"files of no module", target.Spec{Target: []string{"loose/a.go", "loose/b.go"}, Dir: root}, "a", root, "command-line-arguments"},
		{"test", target.Spec{Target: []string{"./lib"}, Dir: m, Test: true}, "lib.test", filepath.Join(m, "lib"), "example.com/m/lib.test"},
		{"sample", target.Spec{Target: []string{"@evict"}, Dir: root}, "evict", root, "evict"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.spec.Env, _ = environ(t)
			bin, events := build(t, tt.spec)
			if filepath.Base(bin.Path) != tt.wantPath || bin.Dir != tt.wantDir || !bin.Built || bin.Name != strings.Join(tt.spec.Target, " ") {
				t.Errorf("got %+v", bin)
			}
			if fi, err := os.Stat(bin.Path); err != nil || fi.Mode()&0o111 == 0 {
				t.Errorf("not a program: %v, %v", fi, err)
			}
			info, err := buildinfo.ReadFile(bin.Path)
			if err != nil || info.Path != tt.wantPkg {
				t.Errorf("build information: %v, %v; want path %s", info, err, tt.wantPkg)
			}
			if len(events) == 0 || events[0].Stage != target.Resolving {
				t.Errorf("events: %v", events)
			}
		})
	}
}

func TestProgressNamesPackagesAndTheLink(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	env, _ := environ(t)
	// The module lies in a new directory, so its packages are compiled anew.
	_, events := build(t, target.Spec{Target: []string{"."}, Dir: filepath.Join(root, "m"), Env: env})
	var lib, link bool
	for i, e := range events {
		lib = lib || e.Stage == target.Building && e.Text == "example.com/m/lib"
		link = link || e.Stage == target.Linking && e.Text == "example.com/m"
		if i > 0 && (e.Built < events[i-1].Built || e.Elapsed < events[i-1].Elapsed) {
			t.Errorf("went back: %+v, %+v", events[i-1], e)
		}
	}
	if !lib || !link {
		t.Errorf("lib %v, link %v in %v", lib, link, events)
	}
}

func TestExistingBinary(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := target.Build(t.Context(), target.Spec{Target: []string{exe}, Dir: "/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bin.Path != exe || bin.Built || bin.Dir != "/" {
		t.Errorf("got %+v", bin)
	}
	if err := bin.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(exe); err != nil {
		t.Error("the user's own binary was removed")
	}
	_, err = target.Build(t.Context(), target.Spec{Target: []string{exe}, Debug: true}, nil)
	wantError(t, err, target.Usage, "--debug")
	plain := filepath.Join(t.TempDir(), "prog")
	if err := os.WriteFile(plain, []byte("\x7fELF…"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = target.Build(t.Context(), target.Spec{Target: []string{plain}}, nil)
	wantError(t, err, target.NotRunnable, "chmod")
}

func wantError(t *testing.T, err error, kind target.Kind, words ...string) *target.Error {
	t.Helper()
	var e *target.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an Error of kind %q", err, kind)
	}
	if e.Kind != kind {
		t.Errorf("kind %q, want %q", e.Kind, kind)
	}
	for _, w := range words {
		if !strings.Contains(e.Error(), w) {
			t.Errorf("%q lacks %q", e.Error(), w)
		}
	}
	if strings.ContainsAny(e.Error(), "\n\r") {
		t.Errorf("more than one line: %q", e.Error())
	}
	return e
}

func TestErrors(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	m := filepath.Join(root, "m")
	tests := []struct {
		name   string
		spec   target.Spec
		env    []string
		kind   target.Kind
		words  []string
		output string
	}{
		{"nothing", target.Spec{}, nil, target.Usage, []string{"no target"}, ""},
		{"no such directory", target.Spec{Target: []string{"./nobody"}}, nil, target.NotFound, []string{"no such file: ./nobody"}, ""},
		{"no such word", target.Spec{Target: []string{"nobody"}}, nil, target.NotFound, []string{"no such file or package: nobody; name"}, ""},
		{"no such package", target.Spec{Target: []string{"no/body"}}, nil, target.NotFound, []string{"no such file or package: no/body"}, ""},
		{"no such file", target.Spec{Target: []string{"x.go"}}, nil, target.NotFound, []string{"no such file: x.go"}, ""},
		{"no such sample", target.Spec{Target: []string{"@nobody"}}, nil, target.NotFound, []string{"@evict"}, ""},
		{"version", target.Spec{Target: []string{"example.com/x@latest"}}, nil, target.Usage, []string{"go install example.com/x@latest"}, ""},
		{"two", target.Spec{Target: []string{"./lib", "run"}}, nil, target.Usage, []string{"more than one target"}, ""},
		{"second file", target.Spec{Target: []string{"main.go", "nobody.go"}}, nil, target.NotFound, []string{"no such file: nobody.go"}, ""},
		{"file and word", target.Spec{Target: []string{"main.go", "run"}}, nil, target.Usage, []string{"after --"}, ""},
		{"test of a file", target.Spec{Target: []string{"main.go"}, Test: true}, nil, target.Usage, []string{"--test ."}, ""},
		{"script", target.Spec{Target: []string{"script.sh"}}, nil, target.NotRunnable, []string{"script"}, ""},
		{"text", target.Spec{Target: []string{"text"}}, nil, target.NotRunnable, []string{"not an executable"}, ""},
		{"device", target.Spec{Target: []string{"/dev/null"}}, nil, target.NotRunnable, nil, ""},
		{"no Go files", target.Spec{Target: []string{"nothing"}}, nil, target.NoGoFiles, []string{"nothing"}, ""},
		{"other system", target.Spec{Target: []string{"windows"}}, nil, target.NoGoFiles, []string{"build constraints"}, ""},
		{"library", target.Spec{Target: []string{"./lib"}}, nil, target.NoMain, []string{"package lib", "--test ./lib"}, ""},
		{"tests only", target.Spec{Target: []string{"./testsonly"}}, nil, target.NoMain, []string{"--test ./testsonly"}, ""},
		{"no tests", target.Spec{Target: []string{"."}, Test: true}, nil, target.NoTests, nil, ""},
		{"does not compile", target.Spec{Target: []string{"./broken"}}, nil, target.NotCompiling, []string{"./broken"}, "undefined: nobody"},
		{"syntax", target.Spec{Target: []string{"./syntax"}}, nil, target.NotCompiling, []string{"./syntax"}, "syntax error"},
		{"quote", target.Spec{Target: []string{"."}, Flags: "'-tags"}, nil, target.Usage, []string{"not closed"}, ""},
		{"bad flag", target.Spec{Target: []string{"."}, Flags: "-nosuchflag"}, nil, target.Failed, []string{"nosuchflag"}, ""},
		{"not a version", target.Spec{Target: []string{"."}, Go: "latest"}, nil, target.Usage, []string{"--go latest"}, ""},
		{"too old", target.Spec{Target: []string{"."}, Go: "1.17"}, nil, target.Usage, []string{"1.18"}, ""},
		{"no tree", target.Spec{Target: []string{"."}, Go: "./lib"}, nil, target.NoToolchain, []string{"bin/go"}, ""},
		{"no go", target.Spec{Target: []string{"."}}, []string{"PATH=/nowhere"}, target.NoGo, []string{"PATH"}, ""},
		{"offline", target.Spec{Target: []string{"."}, Go: "1.23.99"}, []string{"GOPROXY=http://127.0.0.1:1"}, target.NoToolchain, []string{"go1.23.99", "cannot be reached"}, "127.0.0.1"},
		{"proxy off", target.Spec{Target: []string{"."}, Go: "go1.23.99"}, []string{"GOPROXY=off"}, target.NoToolchain, []string{"go1.23.99"}, ""},
		{
			"toolchain line",
			target.Spec{Target: []string{"../wants"}},
			[]string{"GOPROXY=off", "GOTOOLCHAIN=auto"},
			target.NoToolchain,
			[]string{"go1.99.1", "`toolchain go1.99.1` at ../wants/go.mod:5"},
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var tmp string
			tt.spec.Env, tmp = environ(t, tt.env...)
			tt.spec.Dir = m
			bin, err := target.Build(t.Context(), tt.spec, nil)
			if err == nil {
				t.Fatalf("built %+v", bin)
			}
			e := wantError(t, err, tt.kind, tt.words...)
			if !strings.Contains(e.Output, tt.output) {
				t.Errorf("output %q lacks %q", e.Output, tt.output)
			}
			empty(t, tmp)
		})
	}
}

// empty fails t if something was left in dir.
func empty(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestForbiddenVersion(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	tests := []struct{ name, target, version, want string }{
		{"go line", "new", testenv.Go123, "`go 1.26.0` at new/go.mod:3"},
		{"go line before 1.21", "new", testenv.Go120, "new/go.mod:3 has \"go 1.26.0\""},
		{"toolchain line before 1.21", "words", testenv.Go120, "words/go.mod:5 has \"toolchain go1.24.9\""},
		{"dependency in a directory", "needs", testenv.Go123, "`go 1.26` at dep/go.mod:3"},
		{"dependency before 1.21", "needs", testenv.Go120, "asked for at needs/go.mod:6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			testenv.Toolchain{Version: tt.version}.Need(t)
			env, tmp := environ(t)
			_, err := target.Build(t.Context(), target.Spec{Target: []string{tt.target}, Go: tt.version, Dir: root, Env: env}, nil)
			wantError(t, err, target.Forbidden, tt.want, "go"+tt.version)
			empty(t, tmp)
		})
	}
}

func TestToolchain(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	for _, tt := range []struct{ ask, want string }{{"1.23", "go" + testenv.Go123}, {"go" + testenv.Go123, "go" + testenv.Go123}, {testenv.Go120, "go" + testenv.Go120}} {
		t.Run(tt.ask, func(t *testing.T) {
			t.Parallel()
			testenv.Toolchain{Version: tt.want[2:]}.Need(t)
			env, _ := environ(t)
			bin, _ := build(t, target.Spec{Target: []string{"m"}, Go: tt.ask, Dir: root, Env: env})
			info, err := buildinfo.ReadFile(bin.Path)
			if err != nil || info.GoVersion != tt.want {
				t.Errorf("built by %v, %v; want %s", info, err, tt.want)
			}
		})
	}
	t.Run("tree", func(t *testing.T) {
		t.Parallel()
		tree := filepath.Clean(run(t, "go", "env", "GOROOT"))
		env, _ := environ(t, "GOROOT=/nowhere", "PATH=/usr/bin:/bin")
		bin, _ := build(t, target.Spec{Target: []string{"m"}, Go: tree, Dir: root, Env: env})
		info, err := buildinfo.ReadFile(bin.Path)
		if err != nil || info.GoVersion != runtime.Version() {
			t.Errorf("built by %v, %v", info, err)
		}
	})
	t.Run("experiment of the caller", func(t *testing.T) {
		t.Parallel()
		testenv.Toolchain{Version: testenv.Go124}.Need(t)
		env, _ := environ(t, "GOEXPERIMENT=noswissmap")
		bin, _ := build(t, target.Spec{Target: []string{"m"}, Go: testenv.Go124, Dir: root, Env: env})
		info, err := buildinfo.ReadFile(bin.Path)
		if err != nil || !strings.Contains(info.GoVersion, "noswissmap") {
			t.Errorf("built by %v, %v", info, err)
		}
	})
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(out))
}

// With --debug the small function of the user's package is not inlined away,
// and the standard library is as it always is.
func TestDebugIsForTheUsersPackages(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("skipped: reads ELF symbols")
	}
	root := unpack(t)
	symbols := func(debug bool, dir string, names ...string) map[string]bool {
		env, _ := environ(t)
		bin, _ := build(t, target.Spec{Target: names, Debug: debug, Dir: filepath.Join(root, dir), Env: env})
		f, err := elf.Open(bin.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		syms, err := f.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		has := map[string]bool{}
		for _, s := range syms {
			has[s.Name] = true
		}
		return has
	}
	const inlined = "example.com/m/lib.name"
	for _, names := range [][]string{{"."}, {"main.go"}} {
		plain, debug := symbols(false, "m", names...), symbols(true, "m", names...)
		if plain[inlined] || !debug[inlined] {
			t.Errorf("%v: optimised has it: %v, --debug has it: %v", names, plain[inlined], debug[inlined])
		}
		// internal/bytealg.LastIndexByteString and the like are inlined in an
		// optimised standard library; a -N -l one has hundreds more symbols.
		if d := len(debug) - len(plain); d > 50 {
			t.Errorf("%v: --debug adds %d symbols: the standard library, too?", names, d)
		}
	}
}

func TestFlagsAreHandedOn(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	env, _ := environ(t)
	bin, _ := build(t, target.Spec{Target: []string{"m"}, Flags: "-tags=a,b '-ldflags=-X main.v=1 -X main.w=2'", Dir: root, Env: env})
	info, err := buildinfo.ReadFile(bin.Path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range info.Settings {
		got[s.Key] = s.Value
	}
	if got["-tags"] != "a,b" || got["-ldflags"] != "-X main.v=1 -X main.w=2" {
		t.Errorf("settings: %v", got)
	}
}

func TestSplitFlags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" -a  -b\t", []string{"-a", "-b"}},
		{`'-ldflags=-s -w' "-x='y'"`, []string{"-ldflags=-s -w", "-x='y'"}},
		{`-a'b c'`, []string{"-a'b", "c'"}},
		{`''`, []string{""}},
	} {
		got, err := target.SplitFlags(tt.in)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("SplitFlags(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	if _, err := target.SplitFlags(`-a "b`); err == nil {
		t.Error("an open quote is no error")
	}
}

func TestCancelBeforeStart(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	env, tmp := environ(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := target.Build(ctx, target.Spec{Target: []string{"m"}, Dir: root, Env: env}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	empty(t, tmp)
}
