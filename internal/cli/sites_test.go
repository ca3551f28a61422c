package cli

import (
	"runtime/debug"
	"strings"
	"testing"

	"deltui/internal/debuginfo"
)

// The user's own call sites come before those of what the program is made of.
func TestSitesOrder(t *testing.T) {
	for _, tc := range []struct {
		name  string
		facts debuginfo.Facts
		sites []string // function, then file
		want  string
	}{
		{
			"a program of a module",
			debuginfo.Facts{Main: "ex.org/own/cmd/srv", Modules: []*debug.Module{{Path: "ex.org/own", Version: "(devel)"}, {Path: "dep.org/d", Version: "v1.2.3"}}},
			[]string{"dep.org/d.A", "/m/dep.org/d@v1.2.3/a.go", "ex.org/own/store.B", "/w/store/b.go", "ex.org/ownother.C", "/m/c.go", "main.main", "/w/cmd/srv/main.go"},
			"main.main ex.org/own/store.B dep.org/d.A ex.org/ownother.C",
		},
		{
			"built of .go files: the module is one of the dependencies",
			debuginfo.Facts{Main: "command-line-arguments", Modules: []*debug.Module{{Path: "dep.org/d", Version: "v1.2.3"}, {Path: "ex.org/own", Version: "(devel)"}}},
			[]string{"dep.org/d.A", "/m/dep.org/d@v1.2.3/a.go", "ex.org/own/store.B", "/w/store/b.go", "main.main", "/w/main.go"},
			"main.main ex.org/own/store.B dep.org/d.A",
		},
		{
			"a replaced module is worked on",
			debuginfo.Facts{Main: "ex.org/own", Modules: []*debug.Module{{Path: "ex.org/own", Version: "v0.0.1"}, {Path: "dep.org/d", Version: "v1.2.3"}, {Path: "dep.org/e", Version: "v1.0.0", Replace: &debug.Module{Path: "../e"}}}},
			[]string{"dep.org/d.A", "/m/d@v1.2.3/a.go", "dep.org/e.E", "/w/e/e.go", "ex.org/own.F", "/w/f.go"},
			"ex.org/own.F dep.org/e.E dep.org/d.A",
		},
		{
			"a test binary that tells no modules",
			debuginfo.Facts{},
			[]string{"dep.org/d.A", "/m/dep.org/d@v1.2.3/a.go", "dep.org/v.B", "/w/vendor/dep.org/v/b.go", "ex.org/own.F", "/w/f.go"},
			"ex.org/own.F dep.org/d.A dep.org/v.B",
		},
		{
			"a command of Go's own",
			debuginfo.Facts{Main: "cmd/compile"},
			[]string{"cmd/internal/obj.A", "/go/src/cmd/internal/obj/a.go", "cmd/compile/internal/ssa.B", "/go/src/cmd/compile/internal/ssa/b.go"},
			"cmd/compile/internal/ssa.B cmd/internal/obj.A",
		},
	} {
		var sites []debuginfo.CallSite
		for i := 0; i < len(tc.sites); i += 2 {
			sites = append(sites, debuginfo.CallSite{Func: tc.sites[i], File: tc.sites[i+1]})
		}
		sortSites(sites, func(s *debuginfo.CallSite) nearness { return nearnessOf(s, &tc.facts) })
		var got []string
		for _, s := range sites {
			got = append(got, s.Func)
		}
		if g := strings.Join(got, " "); g != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, g, tc.want)
		}
	}
}
