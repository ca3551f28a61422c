package debuginfo

import (
	"errors"
	"strconv"
	"strings"
)

// packageOf is the import path of a function's package: "" for code that is in
// none, such as C.
func packageOf(fn string) string {
	fn, _, _ = strings.Cut(fn, "[") // type arguments have paths of their own
	slash := strings.LastIndexByte(fn, '/') + 1
	pkg, _, ok := strings.Cut(fn[slash:], ".")
	if !ok {
		return ""
	}
	return unescape(fn[:slash] + pkg)
}

// unescape undoes what the linker does to a dot in the last part of an import
// path: gopkg.in/yaml%2ev3.
func unescape(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+3 <= len(path) {
			if c, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

// IsStd reports whether a function, or package, belongs to the standard library, the
// runtime included. The package that a test binary tests is the user's code,
// also where it is one of the standard library; so are commands. file is the
// source file, used where the program does not tell its modules; it may be
// empty.
func (f *File) IsStd(fn, file string) bool {
	f.learn()
	return f.isStd(fn, file)
}

// learn finds out once what isStd needs to know of the file. Call it without mu.
func (f *File) learn() {
	f.learned.Do(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.facts.Test {
			f.factsErr = f.findTested()
		}
		f.factsErr = errors.Join(f.factsErr, f.readGoroot())
	})
}

// isStd is IsStd after learn.
func (f *File) isStd(fn, file string) bool {
	pkg := packageOf(fn)
	if pkg == "" { // a package's path, or C
		pkg, fn = fn, fn+"."
	}
	if pkg == "main" || pkg == "command-line-arguments" || f.underTest(pkg) || strings.HasPrefix(pkg, "cmd/") {
		return false
	}
	full, _, _ := strings.Cut(fn, "[")
	full = unescape(full)
	for _, m := range f.facts.Modules {
		// The package's name may itself have dots in it, so that where it
		// ends in full is not sure.
		if rest, ok := strings.CutPrefix(full, m.Path); ok && m.Path != "std" && rest != "" &&
			(rest[0] == '.' || rest[0] == '/' || strings.HasPrefix(rest, "_test.")) {
			return false
		}
	}
	if f.tellsModules() {
		return true
	}
	if root := f.facts.Goroot; root != "" && file != "" {
		return strings.HasPrefix(file, root+"/src/")
	}
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// tellsModules: what is in none of the modules is the standard library. A
// program built without modules tells none.
func (f *File) tellsModules() bool { return len(f.facts.Modules) > 0 }

// underTest: the package that a test binary was made for, or its external
// test. They are told by their files, because not every version of Go notes
// the package's path. Call it after learn.
func (f *File) underTest(pkg string) bool { return f.tested[pkg] }

// findTested finds the packages that have files of tests. Call it with mu held.
func (f *File) findTested() (err error) {
	defer guard(f.path, "the files of tests", &err)
	f.tested = map[string]bool{}
	if err := f.load(); err != nil {
		return err
	}
	for f.moreUnits() {
	}
	for _, u := range f.units {
		if !u.goLang {
			continue
		}
		files, err := f.files(u)
		if err != nil {
			return err
		}
		for _, file := range files {
			if file != nil && strings.HasSuffix(file.Name, "_test.go") {
				f.tested[u.name] = true
				break
			}
		}
	}
	return nil
}

// runtimePackages are those whose frames say more of how Go works than of what
// the program does, with the packages beneath them.
var runtimePackages = []string{"runtime", "reflect", "internal/runtime", "internal/abi", "internal/reflectlite", "internal/bytealg", "internal/race"}

// IsRuntime reports whether a function is of the runtime's own machinery, or
// reflect's: frames that a screen folds.
func (f *File) IsRuntime(fn string) bool {
	pkg := packageOf(fn)
	for _, p := range runtimePackages {
		if pkg == p || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return strings.HasPrefix(fn, "type:") || strings.HasPrefix(fn, "go:")
}

// Transparent reports whether a function only passes on what its caller asked
// of a map, so that the op is its caller's: those of runtime, reflect and maps.
func (f *File) Transparent(fn string) bool {
	f.learn()
	pkg := packageOf(fn)
	return !f.underTest(pkg) && (pkg == "maps" || f.IsRuntime(fn))
}
