package gomap

import (
	"slices"
	"strings"
	"sync"
)

var (
	swissKinds   = []LayoutKind{Swiss, SwissSplit}
	classicKinds = []LayoutKind{Classic}
	allKinds     = []LayoutKind{Classic, Swiss, SwissSplit}
)

// Rules returns every rule, each once. The caller may keep them and must not
// change them.
func Rules() []Rule { return rules() }

// RuleNamed returns the rule of that name.
func RuleNamed(name string) (Rule, bool) {
	i := slices.IndexFunc(rules(), func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return rules()[i], true
}

// SourcesFor lists the sources of r that belong to a layout. Go 1.24 and 1.25
// have the files of both generations; only one of them is compiled.
func (r Rule) SourcesFor(k LayoutKind) []RuleSource {
	var ss []RuleSource
	for _, s := range r.Sources {
		if strings.HasPrefix(s.File, maps) == (k != Classic) {
			ss = append(ss, s)
		}
	}
	return ss
}

// The runtime's files, by generation: 1.24 and 1.25 gave them endings.
const maps = "internal/runtime/maps/"

var (
	swissDelete    = []RuleSource{at(maps+"table.go", "(*table).Delete", "")}
	assignsClassic = funcs("mapassign", "mapassign_fast32", "mapassign_fast32ptr", "mapassign_fast64", "mapassign_fast64ptr", "mapassign_faststr")
	deletesClassic = funcs("mapdelete", "mapdelete_fast32", "mapdelete_fast64", "mapdelete_faststr")
	evacuates      = funcs("evacuate", "evacuate_fast32", "evacuate_fast64", "evacuate_faststr")
	assignsSwiss   = swissFuncs("mapassign", "mapassign_fast32", "mapassign_fast32ptr", "mapassign_fast64", "mapassign_fast64ptr", "mapassign_faststr")
)

func at(file, fn, text string) RuleSource { return RuleSource{file, fn, text} }

// funcs places functions of the classic runtime in the files they are in.
func funcs(names ...string) []RuleSource {
	var ss []RuleSource
	for _, name := range names {
		base := "runtime/map"
		if _, fast, ok := strings.Cut(name, "_"); ok {
			base += "_" + strings.TrimSuffix(fast, "ptr")
		}
		ss = append(ss, at(base+".go", name, ""), at(base+"_noswiss.go", name, ""))
	}
	return ss
}

// swissFuncs does so for entry points of internal/runtime/maps, which carry a
// prefix there.
func swissFuncs(names ...string) []RuleSource {
	var ss []RuleSource
	for _, name := range names {
		base := maps + "runtime"
		if _, fast, ok := strings.Cut(name, "_"); ok {
			base += "_" + strings.TrimSuffix(fast, "ptr")
		}
		ss = append(ss, at(base+".go", "runtime_"+name, ""), at(base+"_swiss.go", "runtime_"+name, ""))
	}
	return ss
}

// with gives sources their text: every function with every text, so that a
// text that one generation writes differently is found in each.
func with(ss []RuleSource, texts ...string) []RuleSource {
	var out []RuleSource
	for _, text := range texts {
		for _, s := range ss {
			s.Text = text
			out = append(out, s)
		}
	}
	return out
}

var rules = sync.OnceValue(func() []Rule {
	return slices.Concat(deleteRules(), assignRules(), clearRules(), evacuateRules())
})
