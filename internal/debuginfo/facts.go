package debuginfo

import (
	"debug/buildinfo"
	"runtime/debug"
	"strings"
)

// Facts are what the file says of itself.
type Facts struct {
	GoVersion   string   // go1.26.8
	Experiments []string // that differ from the version's default: noswissmap
	Main        string   // import path of the main package; command-line-arguments for a .go file
	Modules     []*debug.Module
	Settings    map[string]string // -race, CGO_ENABLED, vcs.revision, …
	Arch        string            // GOARCH
	BuildID     string            // Go's; "" if there is none
	PIE         bool
	CGo         bool
	Race        bool
	Test        bool // made by go test -c
	Trimmed     bool // -trimpath: files of the standard library have no directory before them
	// Goroot is the directory that the toolchain was in when it built the
	// file; "" if Trimmed.
	Goroot string
}

// Facts is what the file says of itself. The first call reads the beginning of
// the line table.
func (f *File) Facts() Facts {
	f.learn()
	return f.facts
}

// readFacts reads what costs nothing: not Goroot and Trimmed, which need the
// line table.
func (f *File) readFacts(bi *buildinfo.BuildInfo) error {
	_, race := f.syms["__tsan_init"]
	_, cgo := f.syms["x_cgo_init"]
	_, test := f.syms["testing/internal/testdeps.ImportPath"]
	f.facts = Facts{Arch: f.c.arch(), PIE: f.c.pie(), Race: race, CGo: cgo, Test: test, Settings: map[string]string{}}
	if e, ok := f.c.(*elfFile); ok {
		f.facts.BuildID = e.buildID()
	}
	if bi == nil {
		return nil
	}
	f.facts.GoVersion, f.facts.Experiments = splitVersion(bi.GoVersion)
	f.facts.Main = bi.Path
	if bi.Main.Path != "" {
		f.facts.Modules = append(f.facts.Modules, &bi.Main)
	}
	f.facts.Modules = append(f.facts.Modules, bi.Deps...)
	for _, s := range bi.Settings {
		f.facts.Settings[s.Key] = s.Value
	}
	if f.facts.Settings["-race"] == "true" {
		f.facts.Race = true
	}
	switch mode := f.facts.Settings["-buildmode"]; mode {
	case "", "exe", "pie", "default":
	default:
		return refuse(f.path, Library, "watch the program that loads it; only programs with their own runtime are supported",
			"it was built with -buildmode=%s", mode)
	}
	return nil
}

// splitVersion parts go1.24.9 X:noswissmap and go1.27.3-X:a,b.
func splitVersion(v string) (version string, experiments []string) {
	for _, sep := range []string{" X:", "-X:"} {
		if v, x, ok := strings.Cut(v, sep); ok {
			x, _, _ = strings.Cut(x, " ")
			return v, strings.Split(x, ",")
		}
	}
	return v, nil
}
