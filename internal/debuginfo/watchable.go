package debuginfo

import (
	"debug/dwarf"
	"fmt"
	"slices"
	"strings"

	"deltui/internal/gomap"
)

// Watchable is what can be watched in a program, and what not and why.
type Watchable struct {
	Facts   Facts
	Kind    gomap.LayoutKind // of maps; of a program without any map type, what the runtime has
	Maps    int              // map types described
	Entries []EntryState
	Fields  []FieldState
	// Copies are functions that hold an inlined copy of an entry point and are
	// not watched themselves: ops in them are seen as drift only.
	Copies []string
}

// EntryState is whether one entry point is there to be watched.
type EntryState struct {
	Name    string
	Op      gomap.OpKind
	Watched bool
	Why     string // not watched: why; watched: where the arguments are known from
}

// FieldState is one field that watching needs.
type FieldState struct {
	Struct, Field string
	Off           uint64
	Err           error
}

// probeFields are the fields outside of maps that a watcher needs, for the
// goroutine and its stack.
var probeFields = [][2]string{
	{"runtime.g", "goid"}, {"runtime.g", "stack.lo"}, {"runtime.g", "stack.hi"}, {"runtime.g", "m"}, {"runtime.m", "curg"},
}

// Watchable examines the whole file. It is slower than watching needs to be.
func (f *File) Watchable() (*Watchable, error) {
	r := &Watchable{Facts: f.Facts()}
	eps, err := f.EntryPoints()
	if err != nil {
		return nil, err
	}
	watched := map[string]*EntryPoint{}
	for i := range eps {
		watched[eps[i].Name] = &eps[i]
	}
	for _, pf := range probeFields {
		fs := FieldState{Struct: pf[0], Field: pf[1]}
		fs.Off, _, fs.Err = f.Field(pf[0], pf[1])
		r.Fields = append(r.Fields, fs)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return r, f.examine(r, watched)
}

func (f *File) examine(r *Watchable, watched map[string]*EntryPoint) (err error) {
	defer guard(f.path, "examining it", &err)
	for _, kind := range []gomap.OpKind{gomap.Delete, gomap.Assign, gomap.Clear} {
		for _, name := range entryNames[kind] {
			es := EntryState{Name: name, Op: kind}
			if ep := watched[name]; ep != nil {
				es.Watched, es.Why = true, fmt.Sprintf("stop at %#x, %d returns, arguments from the debug information", ep.Stop, len(ep.Returns))
				if ep.ArgsByABI {
					es.Why = fmt.Sprintf("stop at %#x, %d returns, arguments where Go's ABI puts them", ep.Stop, len(ep.Returns))
				}
			} else if _, ok := f.syms[name]; !ok {
				es.Why = "not in the program"
			} else if inner, err := f.wrapped(name, kind); err == nil && inner != "" {
				es.Why = "only calls " + inner
			}
			r.Entries = append(r.Entries, es)
		}
	}
	if err := f.indexAll(); err != nil {
		return err
	}
	r.Maps = len(f.maps)
	if r.Kind, err = f.mapKind(); err != nil {
		return err
	}
	r.Copies = f.copies(watched)
	return nil
}

// mapKind is the layout of any map, or what the runtime's own structs say.
func (f *File) mapKind() (gomap.LayoutKind, error) {
	var firstErr error
	for _, die := range f.maps {
		l, err := f.layoutOf(dwarf.Offset(die))
		if err == nil {
			return l.Kind, nil
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	if firstErr != nil {
		return 0, firstErr
	}
	if _, ok := f.structs["internal/runtime/maps.Map"]; ok {
		return gomap.Swiss, nil
	}
	if _, ok := f.structs["runtime.hmap"]; ok {
		return gomap.Classic, nil
	}
	return 0, missing(f.path, "map header", []string{"internal/runtime/maps.Map or runtime.hmap"}, nil)
}

// callsOn reports whether a function that holds a copy of one of reflect's entry
// points calls another of the same kind: PGO inlines reflect.mapassign so, which
// only calls on, and may leave no symbol of it.
func (f *File) callsOn(host, copied string) bool {
	if !strings.HasPrefix(copied, "reflect.") {
		return false
	}
	targets := map[uint64]string{}
	for _, names := range entryNames {
		if !slices.Contains(names, copied) {
			continue
		}
		for _, name := range names {
			if s, ok := f.syms[name]; ok && name != copied {
				targets[s.addr] = name
			}
		}
	}
	found, err := f.calls(targets, func(s symbol) bool { return s.name == host })
	return err == nil && len(found) > 0
}

// copies finds the functions with an inlined copy of an entry point. A copy of
// one that only calls another is as good as the call.
func (f *File) copies(watched map[string]*EntryPoint) []string {
	if len(f.abstract) == 0 {
		return nil
	}
	f.sortSyms()
	calls := map[string]bool{}
	for kind, names := range entryNames {
		for _, name := range names {
			if _, ok := f.syms[name]; ok {
				inner, err := f.wrapped(name, kind)
				calls[name] = err == nil && inner != ""
			}
		}
	}
	var hosts []string
	for _, u := range f.units {
		if !u.goLang {
			continue
		}
		var host uint64
		f.scan.scan(u, func(d *die) bool {
			switch {
			case d.depth == 1:
				host = 0
				if d.tag == dwarf.TagSubprogram && d.hasPC {
					host = d.lowPC
				}
			case d.tag == dwarf.TagInlinedSubroutine && host != 0:
				if name, ok := f.abstract[d.origin]; ok && !calls[name] {
					fn, _ := f.funcAt(host)
					if watched[fn.name] == nil && !f.callsOn(fn.name, name) {
						hosts = append(hosts, fn.name+" (of "+name+")")
					}
				}
			}
			return true
		})
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
