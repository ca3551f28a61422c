package debuginfo

import (
	"fmt"
	"runtime/debug"
	"testing"

	"deltui/internal/testenv"
)

func TestPackageOf(t *testing.T) {
	t.Parallel()
	for fn, want := range map[string]string{
		"main.main":                           "main",
		"main.main.func1":                     "main",
		"runtime.mapdelete_fast64":            "runtime",
		"internal/runtime/maps.(*Map).Delete": "internal/runtime/maps",
		"maps.DeleteFunc[go.shape.map[main.K]a/b.T,go.shape.int]": "maps",
		"example.com/a/b.(*T[a/b.c]).M":                           "example.com/a/b",
		"gopkg.in/yaml%2ev3.Unmarshal":                            "gopkg.in/yaml.v3",
		"vendor/golang.org/x/net/idna.init":                       "vendor/golang.org/x/net/idna",
		"deltui/internal/x.F":                                     "deltui/internal/x",
		"type:.eq.main.K":                                         "type:",
		"_rt0_amd64_linux":                                        "",
		"100%.F":                                                  "100%",
		"":                                                        "",
	} {
		if got := packageOf(fn); got != want {
			t.Errorf("packageOf(%q) = %q, not %q", fn, got, want)
		}
	}
}

func TestIsStd(t *testing.T) {
	t.Parallel()
	modules := func(paths ...string) (ms []*debug.Module) {
		for _, p := range paths {
			ms = append(ms, &debug.Module{Path: p})
		}
		return ms
	}
	inModule := Facts{Main: "deltui/cmd/deltui", Modules: modules("deltui", "gopkg.in/yaml.v3", "golang.org/x/net")}
	noModule := Facts{Main: "command-line-arguments", Goroot: "/usr/local/go"}
	stdTest := Facts{Main: "sort.test", Test: true, Goroot: "/usr/local/go"}
	for _, tt := range []struct {
		facts Facts
		fn    string
		file  string
		want  bool
	}{
		{inModule, "main.main", "", false},
		{inModule, "deltui/internal/x.F", "", false},
		{inModule, "deltui.F", "", false},
		{inModule, "deltui_test.TestF", "", false},
		{inModule, "deltuix.F", "", true},
		{inModule, "gopkg.in/yaml%2ev3.Unmarshal", "", false},
		{inModule, "gopkg.in/yaml.v3.Unmarshal", "", false},
		{inModule, "golang.org/x/net/idna.F", "", false},
		{inModule, "vendor/golang.org/x/net/idna.F", "", true},
		{inModule, "maps.DeleteFunc[go.shape.map[deltui/internal/x.K]int]", "", true},
		{inModule, "runtime.mapdelete", "", true},
		{inModule, "type:.eq.deltui/internal/x.K", "", true},
		{inModule, "_rt0_amd64_linux", "", true},
		{inModule, "deltui/internal/x", "", false},
		{inModule, "main", "", false},
		{inModule, "sort", "", true},
		{noModule, "main.main", "/home/x.go", false},
		{noModule, "sort.Sort", "/usr/local/go/src/sort/sort.go", true},
		{noModule, "old/style.F", "/home/go/src/old/style/f.go", false},
		{noModule, "old/style.F", "", true}, // nothing tells
		{noModule, "example.com/x.F", "", false},
		{noModule, "cmd/compile/internal/ssa.F", "/usr/local/go/src/cmd/compile/internal/ssa/f.go", false},
		{stdTest, "sort.Sort", "/usr/local/go/src/sort/sort.go", false},
		{stdTest, "sort_test.TestX", "/usr/local/go/src/sort/sort_test.go", false},
		{stdTest, "slices.Sort", "/usr/local/go/src/slices/sort.go", true},
		{stdTest, "testing.tRunner", "/usr/local/go/src/testing/testing.go", true},
	} {
		f := &File{facts: tt.facts}
		if tt.facts.Test {
			f.tested = map[string]bool{"sort": true, "sort_test": true}
		}
		f.learned.Do(func() {})
		if got := f.IsStd(tt.fn, tt.file); got != tt.want {
			t.Errorf("%s: IsStd(%q, %q) = %v", tt.facts.Main, tt.fn, tt.file, got)
		}
	}
}

func TestTransparent(t *testing.T) {
	t.Parallel()
	f := &File{}
	f.learned.Do(func() {})
	for fn, want := range map[string][2]bool{ // IsRuntime, Transparent
		"runtime.mapdelete":                   {true, true},
		"runtime/pprof.StartCPUProfile":       {true, true},
		"internal/runtime/maps.(*Map).Delete": {true, true},
		"reflect.Value.SetMapIndex":           {true, true},
		"internal/abi.NoEscape":               {true, true},
		"maps.DeleteFunc[go.shape.int]":       {false, true},
		"type:.eq.main.K":                     {true, true},
		"mapsutil.F":                          {false, false},
		"runtimex.F":                          {false, false},
		"main.main":                           {false, false},
		"encoding/json.Unmarshal":             {false, false},
	} {
		if got := [2]bool{f.IsRuntime(fn), f.Transparent(fn)}; got != want {
			t.Errorf("%s: IsRuntime, Transparent = %v", fn, got)
		}
	}
	f = &File{facts: Facts{Test: true}, tested: map[string]bool{"maps": true}}
	f.learned.Do(func() {})
	if f.Transparent("maps.DeleteFunc[go.shape.int]") {
		t.Error("the package under test is transparent")
	}
}

// TestStdUnderTest builds the tests of a package of the standard library.
func TestStdUnderTest(t *testing.T) {
	t.Parallel()
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			out := tc.BuildProgram(t, testenv.Program{Dir: t.TempDir(), Pkg: "sort", Test: true})
			f := mustOpen(t, out)
			if !f.Facts().Test {
				t.Error("not a test binary")
			}
			for fn, want := range map[string]bool{
				"sort.Sort": false, "sort_test.TestFind": false, "main.main": false,
				"slices.Sort[go.shape.int]": true, "testing.tRunner": true, "runtime.main": true, "strconv.Itoa": true,
			} {
				if got := f.IsStd(fn, ""); got != want {
					t.Errorf("IsStd(%s) = %v", fn, got)
				}
			}
		})
	}
}

func TestSplitVersion(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]string{
		"go1.26.8":                               "go1.26.8 []",
		"go1.24.9 X:noswissmap":                  "go1.24.9 [noswissmap]",
		"go1.27.3-X:mapsplitgroup":               "go1.27.3 [mapsplitgroup]",
		"go1.27.3-X:mapsplitgroup,rangefunc":     "go1.27.3 [mapsplitgroup rangefunc]",
		"devel go1.28-abcdef Mon Nov 2 2026 X:a": "devel go1.28-abcdef Mon Nov 2 2026 [a]",
	} {
		version, exps := splitVersion(v)
		if got := fmt.Sprint(version, " ", exps); got != want {
			t.Errorf("splitVersion(%q) = %s", v, got)
		}
	}
}
