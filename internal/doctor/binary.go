package doctor

import (
	"errors"
	"fmt"
	"strings"

	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
)

// Binary looks at a built program.
func Binary(path string) []Finding {
	f, err := debuginfo.Open(path)
	if err != nil {
		return []Finding{refused("binary", err)}
	}
	defer f.Close()
	facts := f.Facts()
	fs := []Finding{ok("binary", "%s", describe(facts))}

	eps, err := f.EntryPoints()
	if err != nil {
		return append(fs, refused("entry points", err))
	}
	for _, kind := range []gomap.OpKind{gomap.Delete, gomap.Clear, gomap.Assign} {
		var names []string
		for _, ep := range eps {
			if ep.Op == kind {
				names = append(names, strings.TrimPrefix(ep.Name, "runtime."))
			}
		}
		if len(names) == 0 {
			fs = append(fs, warn(kind.String(), "nothing to mend: a function that nobody calls is not linked in", "the program has no entry point for it"))
			continue
		}
		fs = append(fs, ok(kind.String(), "%s", strings.Join(names, ", ")))
	}
	sites, err := f.CallSites(gomap.Delete, gomap.Clear)
	if err != nil {
		return append(fs, refused("call sites", err))
	}
	return append(fs, ok("call sites", "%d of delete and clear in the user's code", len(sites)))
}

func describe(f debuginfo.Facts) string {
	s := f.GoVersion
	if s == "" {
		s = "an unknown Go version"
	}
	s += " " + f.Arch
	if len(f.Experiments) > 0 {
		s += ", GOEXPERIMENT=" + strings.Join(f.Experiments, ",")
	}
	for _, w := range []struct {
		is   bool
		word string
	}{{f.PIE, "PIE"}, {f.CGo, "cgo"}, {f.Race, "-race"}, {f.Test, "test binary"}, {f.Trimmed, "-trimpath"}} {
		if w.is {
			s += ", " + w.word
		}
	}
	if f.Main != "" {
		s = fmt.Sprintf("%s, built by %s", f.Main, s)
	}
	return s
}

func refused(name string, err error) Finding {
	var e *debuginfo.Error
	if !errors.As(err, &e) {
		return fail(name, "", "%v", err)
	}
	text := string(e.Reason)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return fail(name, e.Advice, "%s", text)
}
