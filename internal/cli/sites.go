package cli

import (
	"sort"
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

// callSites looks for them in a binary: those of the main module first, max at
// most.
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
	own := []string{"main."}
	if mods := f.Facts().Modules; len(mods) > 0 {
		own = append(own, mods[0].Path+".", mods[0].Path+"/")
	}
	rank := func(s *debuginfo.CallSite) int {
		for _, prefix := range own {
			if strings.HasPrefix(s.Func, prefix) {
				return 0
			}
		}
		return 1
	}
	sort.SliceStable(sites, func(i, j int) bool { return rank(&sites[i]) < rank(&sites[j]) })
	if len(sites) > max {
		return siteList{sites: sites[:max], more: len(sites) - max}
	}
	return siteList{sites: sites}
}
