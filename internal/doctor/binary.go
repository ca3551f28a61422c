package doctor

import (
	"errors"
	"fmt"
	"strings"

	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
)

// Binary looks at a built program, without running it. name is what the user
// called it.
func Binary(path, name string) []Finding {
	f, err := debuginfo.Open(path)
	if err != nil {
		var e *debuginfo.Error
		if errors.As(err, &e) {
			named := *e
			named.Path = name
			err = &named
		}
		return []Finding{refused("binary", err)}
	}
	defer f.Close()
	r, err := f.Watchable()
	if err != nil {
		return []Finding{ok("binary", "%s", describe(f.Facts())), refused("maps", err)}
	}
	fs := []Finding{
		ok("binary", "%s", describe(r.Facts)),
		ok("maps", "%s; %d map types in the debug information", r.Kind, r.Maps),
	}
	for _, kind := range []gomap.OpKind{gomap.Delete, gomap.Clear, gomap.Assign} {
		fs = append(fs, entryPoints(kind, r.Entries))
	}
	fs = append(fs, fields(r.Fields))
	if len(r.Copies) > 0 {
		fs = append(fs, warn("inlined", "ops made there are seen as drift; build without -pgo to see them as ops",
			"%s", "copies of entry points in "+some(r.Copies, 5)))
	}
	sites, err := f.CallSites(gomap.Delete, gomap.Clear)
	if err != nil {
		return append(fs, refused("call sites", err))
	}
	names := make([]string, len(sites))
	for i, s := range sites {
		names[i] = s.Func
	}
	if len(sites) == 0 {
		return append(fs, warn("call sites", "--std watches those of the standard library, too", "the program's own code never deletes or clears"))
	}
	return append(fs, ok("call sites", "%d of delete and clear in the program's own code: %s", len(sites), some(distinct(names), 5)))
}

func entryPoints(kind gomap.OpKind, entries []debuginfo.EntryState) Finding {
	var watched, not []string
	for _, e := range entries {
		if e.Op != kind {
			continue
		}
		name := strings.TrimPrefix(e.Name, "runtime.")
		switch {
		case e.Watched:
			watched = append(watched, name)
		case e.Why == "not in the program", strings.HasPrefix(e.Why, "only calls"): // seen where it leads
		default:
			not = append(not, name+" ("+e.Why+")")
		}
	}
	text := strings.Join(watched, ", ")
	if len(not) > 0 {
		text += "; not watched: " + strings.Join(not, ", ")
	}
	if len(watched) == 0 {
		return ok(kind.String(), "not in the program: nothing calls it%s", text)
	}
	return ok(kind.String(), "%s", text)
}

// fields tells of what the runtime's structs must have.
func fields(states []debuginfo.FieldState) Finding {
	var found, missing []string
	for _, s := range states {
		if s.Err != nil {
			missing = append(missing, fmt.Sprintf("%s.%s (%v)", s.Struct, s.Field, s.Err))
			continue
		}
		found = append(found, fmt.Sprintf("%s.%s at %d", s.Struct, s.Field, s.Off))
	}
	if len(missing) > 0 {
		return fail("fields", "this Go is newer than deltui knows: report it with this page", "wanted and not found: %s; found: %s", strings.Join(missing, ", "), orNone(found))
	}
	return ok("fields", "%s", strings.Join(found, ", "))
}

func distinct(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

// describe is who built the program, and how.
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
