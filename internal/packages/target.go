package packages

import (
	"cmp"
	"slices"
)

// Target is what one can have deltui watch: a program, or a package's tests.
type Target struct {
	Dir  string // of the package, as one would type it
	Test bool   // its tests, not itself
	// Sites are the calls that it may come to in the module's own source: its
	// own first, then those of what it imports, by directory.
	Sites []Located
}

// Located is a site with the directory that it is in.
type Located struct {
	Dir string
	Site
}

// Targets lists the module's programs and tests that may come to a call, programs
// first, those nearest to where one stands before others.
func (m *Module) Targets() []Target {
	byPath := map[string]*Package{}
	for _, p := range m.Packages {
		byPath[p.path] = p
	}
	var out []Target
	for _, p := range m.Packages {
		if p.Main {
			if sites := reached(p, byPath); len(sites) > 0 {
				out = append(out, Target{Dir: p.Dir, Sites: sites})
			}
		}
		if p.Tests {
			// What a test imports is not followed: a package's own tests are
			// those of its own calls.
			if sites := append(located(p.Dir, p.Deletes), located(p.Dir, p.TestDeletes)...); len(sites) > 0 {
				out = append(out, Target{Dir: p.Dir, Test: true, Sites: sites})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Target) int {
		return cmp.Or(order(a.Test, b.Test), order(up(a.Dir), up(b.Dir)), cmp.Compare(a.Dir, b.Dir))
	})
	return out
}

// reached are the calls of a package and of what it imports, over as many steps
// as there are.
func reached(p *Package, byPath map[string]*Package) []Located {
	sites := located(p.Dir, p.Deletes)
	seen := map[*Package]bool{p: true}
	var below []*Package
	for next := []*Package{p}; len(next) > 0; next = next[1:] {
		for path := range next[0].imports {
			if q := byPath[path]; q != nil && !seen[q] {
				seen[q] = true
				next, below = append(next, q), append(below, q)
			}
		}
	}
	slices.SortFunc(below, func(a, b *Package) int { return cmp.Compare(a.Dir, b.Dir) })
	for _, q := range below {
		sites = append(sites, located(q.Dir, q.Deletes)...)
	}
	return sites
}

func located(dir string, sites []Site) []Located {
	out := make([]Located, len(sites))
	for i, s := range sites {
		out[i] = Located{dir, s}
	}
	return out
}

// up reports whether a directory is not beneath where one stands.
func up(dir string) bool { return len(dir) >= 2 && dir[:2] == ".." }

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
