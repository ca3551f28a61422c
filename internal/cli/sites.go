package cli

import (
	"cmp"
	"slices"
	"strings"

	"deltui/internal/debuginfo"
	"deltui/internal/probe"
)

// siteList is the places in the target's own code that could do an op.
type siteList struct {
	sites []debuginfo.CallSite
	more  int // that are left off
	err   error
}

// callSites looks for them in a binary: the user's own first, max at most.
func callSites(path string, plan probe.Plan, max int) siteList {
	f, err := debuginfo.Open(path)
	if err != nil {
		return siteList{err: err}
	}
	defer f.Close()
	sites, err := f.CallSites(plan.Ops...)
	if err != nil {
		return siteList{err: err}
	}
	facts := f.Facts()
	sortSites(sites, func(s *debuginfo.CallSite) nearness {
		if f.IsStd(s.Func, s.File) {
			return standard
		}
		return nearnessOf(s, &facts)
	})
	if len(sites) > max {
		return siteList{sites: sites[:max], more: len(sites) - max}
	}
	return siteList{sites: sites}
}

// nearness is how much a call site is the user's own.
type nearness int

const (
	program    nearness = iota // the main package, and what is beneath it
	module                     // modules that are worked on
	dependency                 // modules at a version, and vendored ones
	standard
)

// sortSites puts the nearest first, and keeps the order otherwise.
func sortSites(sites []debuginfo.CallSite, of func(*debuginfo.CallSite) nearness) {
	slices.SortStableFunc(sites, func(a, b debuginfo.CallSite) int { return cmp.Compare(of(&a), of(&b)) })
}

// nearnessOf tells what is not of the standard library apart.
func nearnessOf(s *debuginfo.CallSite, facts *debuginfo.Facts) nearness {
	within := func(path string) bool {
		rest, ok := strings.CutPrefix(s.Func, path)
		return ok && path != "" && rest != "" && (rest[0] == '.' || rest[0] == '/' || strings.HasPrefix(rest, "_test."))
	}
	if within("main") || within("command-line-arguments") || within(strings.TrimSuffix(facts.Main, ".test")) {
		return program
	}
	for _, m := range facts.Modules {
		// A program that was built of .go files lists its module among the
		// others: it has no version, as none has that is worked on.
		if within(m.Path) && (m.Version == "(devel)" || m.Version == "" || m.Path == facts.Main || m.Replace != nil && m.Replace.Version == "") {
			return module
		}
	}
	// Test binaries made by a Go before 1.24 tell no modules, but where they were
	// compiled.
	if len(facts.Modules) == 0 && !strings.Contains(s.File, "/vendor/") && !strings.Contains(s.File, "@v") {
		return module
	}
	return dependency
}
