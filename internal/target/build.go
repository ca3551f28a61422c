package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// builder is one build under way.
type builder struct {
	spec   Spec
	what   what
	flags  []string
	tmp    string
	report *reporter

	goCmd string   // the go command
	env   []string // and its environment
	dir   string   // and where it runs
}

// pkg is what `go list` knows of a package.
type pkg struct {
	Dir, ImportPath, Name       string
	GoFiles, CgoFiles           []string
	IgnoredGoFiles              []string
	TestGoFiles, XTestGoFiles   []string
	Error                       *struct{ Err string }
	Module                      *struct{ Path, GoMod string }
	DefaultGODEBUG, ForTest     string
	CompiledGoFiles, SFiles     []string
	DepsErrors                  []struct{ Err string }
	Incomplete, Stale, Standard bool
}

func (p *pkg) hasGo() bool { return len(p.GoFiles)+len(p.CgoFiles) > 0 }

func (p *pkg) hasTests() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

func (b *builder) build(ctx context.Context) (*Binary, error) {
	b.report.set(Resolving, b.what.name)
	if err := b.toolchain(ctx); err != nil {
		var e *Error
		if b.mayBeFile() && errors.As(err, &e) && e.Kind == NoGo {
			return nil, b.notFound("")
		}
		return nil, err
	}
	if err := b.place(ctx); err != nil {
		return nil, err
	}
	p, err := b.list(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.check(p); err != nil {
		return nil, err
	}
	bin := &Binary{Path: filepath.Join(b.tmp, binaryName(p, b.what, b.spec.Test)), Name: b.what.name, Dir: b.spec.Dir, Built: true, tmp: b.tmp, guard: b.spec.Guard}
	args := []string{"build"}
	if b.spec.Test {
		args = []string{"test", "-c"}
		bin.Dir = p.Dir
	}
	args = append(args, "-v", "-o", bin.Path)
	if b.spec.Debug {
		// The last pattern that matches wins: packages named on the command
		// line, then those of the main modules. Not all: a standard library
		// without inlining is not what anybody debugs.
		args = append(args, "-gcflags=-N -l")
		for _, m := range b.mainModules(ctx) {
			args = append(args, "-gcflags="+m+"/...=-N -l")
		}
	}
	args = append(args, b.flags...)
	args = append(args, b.what.args...)

	b.report.set(Building, b.what.name)
	b.report.main = p.ImportPath
	if out, err := b.run(ctx, nil, args...); err != nil {
		return nil, b.explain(out, err, true)
	}
	if _, err := os.Stat(bin.Path); err != nil {
		return nil, &Error{Kind: Failed, What: "the go command built nothing of " + b.what.name, Advice: "`go " + strings.Join(args, " ") + "` should leave a file"}
	}
	return bin, nil
}

// binaryName names the binary as `go build` would, since a program may look at
// its own name.
func binaryName(p *pkg, w what, test bool) string {
	name := filepath.Base(p.ImportPath)
	switch {
	case w.kind == sampleTarget:
		name = w.name[1:]
	case w.kind == filesTarget:
		name = strings.TrimSuffix(filepath.Base(w.args[0]), ".go")
	case name == "." || name == "/" || strings.HasPrefix(p.ImportPath, "_"):
		name = filepath.Base(p.Dir)
	}
	if test {
		name += ".test"
	}
	return name
}

// place settles where the go command runs: where the caller is, unless the
// package belongs to a module that is none of those in force there.
func (b *builder) place(ctx context.Context) error {
	b.dir = b.spec.Dir
	switch b.what.kind {
	case sampleTarget:
		dir, err := unpack(b.what.name[1:], b.tmp)
		if err != nil {
			return err
		}
		b.dir = dir
		b.env = setenv(b.env, "GOWORK", "off")
		return nil
	case packageTarget:
		if b.what.path == "" {
			return nil
		}
	case filesTarget:
	default:
		return nil
	}
	home := moduleRoot(b.what.path)
	if home == "" || home == moduleRoot(b.dir) {
		return nil
	}
	if out, err := b.quiet(ctx, "list", "-m", "-f", "{{.Dir}}"); err == nil {
		for _, dir := range strings.Fields(out) {
			if same(dir, home) {
				return nil // a module of the caller's workspace
			}
		}
	}
	b.dir = b.what.path
	if b.what.kind == packageTarget {
		b.what.args = []string{"."}
		return nil
	}
	args := make([]string, len(b.what.args))
	for i, f := range b.what.args {
		args[i] = abs(b.spec.Dir, f)
	}
	b.what.args = args
	return nil
}

// moduleRoot is the directory of the go.mod that governs dir, or "".
func moduleRoot(dir string) string {
	for {
		if fi, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && !fi.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

func same(a, b string) bool {
	fa, errA := os.Stat(a)
	fb, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(fa, fb)
}

func (b *builder) mainModules(ctx context.Context) []string {
	out, err := b.quiet(ctx, "list", "-m")
	if err != nil {
		return nil // no module: the packages named are all there is
	}
	var mods []string
	for _, m := range strings.Fields(out) {
		if m != "std" && m != "command-line-arguments" {
			mods = append(mods, m)
		}
	}
	return mods
}

// list asks the go command what the target is.
func (b *builder) list(ctx context.Context) (*pkg, error) {
	args := []string{"list", "-e", "-find", "-json"}
	for i := 0; i < len(b.flags); i++ {
		if f := b.flags[i]; strings.HasPrefix(f, "-tags") || strings.HasPrefix(f, "--tags") || strings.HasPrefix(f, "-mod") || strings.HasPrefix(f, "--mod") {
			args = append(args, f)
			if !strings.Contains(f, "=") && i+1 < len(b.flags) {
				args = append(args, b.flags[i+1])
				i++
			}
		}
	}
	var stdout strings.Builder
	out, err := b.run(ctx, &stdout, append(args, b.what.args...)...)
	if err != nil {
		return nil, b.explain(out, err, false)
	}
	dec := json.NewDecoder(strings.NewReader(stdout.String()))
	var p pkg
	if err := dec.Decode(&p); err != nil {
		return nil, &Error{Kind: Failed, What: "no package is called " + b.what.name, Why: firstLine(out), Output: out}
	}
	if dec.More() {
		return nil, &Error{Kind: Usage, What: b.what.name + " is more than one package", Advice: "name one"}
	}
	return &p, nil
}

// check refuses what cannot become a program.
func (b *builder) check(p *pkg) error {
	name := b.what.name
	broken := ""
	if p.Error != nil {
		broken = firstLine(p.Error.Err)
	}
	switch {
	case b.what.kind == packageTarget && b.what.path == "" && p.Dir == "":
		return b.notFound(broken)
	case !p.hasGo() && !p.hasTests() && len(p.IgnoredGoFiles) > 0:
		return &Error{Kind: NoGoFiles, What: name + " has no Go files for this system", Why: broken, Advice: "see its build constraints; --build-flags -tags=… sets tags"}
	case !p.hasGo() && !p.hasTests() && b.noModule(broken):
		return &Error{Kind: Failed, What: name + " is in no module", Why: broken, Advice: "`go mod init` there, or name its .go files"}
	case !p.hasGo() && !p.hasTests() && p.Name == "" && !hasGoFile(b.what.path):
		return &Error{Kind: NoGoFiles, What: name + " holds no Go files", Advice: "name a directory with a main package" + mainsBelow(b.what.path, name)}
	case b.spec.Test && !p.hasTests() && p.Name != "":
		return &Error{Kind: NoTests, What: name + " has no tests", Why: "package " + p.Name + " has no _test.go file for this system"}
	case b.spec.Test || p.Name == "main" && p.hasGo() || p.Name == "":
		return nil // what is still wrong is for the compiler to say
	}
	e := &Error{Kind: NoMain, What: name + " is not a program", Why: fmt.Sprintf("it is package %s and not main", p.Name)}
	if p.Name == "main" {
		e.Why = "its package main has tests only"
	}
	switch {
	case p.hasTests():
		e.Advice = "watch its tests with --test " + name
	default:
		e.Advice = "name a main package" + mainsBelow(b.what.path, name) + ", or a package that has tests with --test"
	}
	return e
}

// mayBeFile: the target is one word that no file has; a file was meant as likely
// as a package of the standard library.
func (b *builder) mayBeFile() bool {
	return b.what.kind == packageTarget && b.what.path == "" && !strings.Contains(b.what.name, "/")
}

func (b *builder) notFound(why string) error {
	if b.mayBeFile() {
		why = "" // "package prog is not in std", of what was meant for a file
	}
	return &Error{Kind: NotFound, What: "no such file or package: " + b.what.name, Why: why, Advice: "name a package directory, a .go file or a built binary"}
}

func (b *builder) noModule(msg string) bool {
	return strings.Contains(msg, "go.mod file not found") || strings.Contains(msg, "cannot find main module")
}

func hasGoFile(dir string) bool {
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	return dir != "" && len(names) > 0
}

// mainsBelow names a few main packages below dir, where people keep them.
func mainsBelow(dir, name string) string {
	if dir == "" {
		return ""
	}
	var found []string
	for _, pattern := range []string{"*/main.go", "cmd/*/main.go"} {
		matches, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, m := range matches {
			if rel, err := filepath.Rel(dir, filepath.Dir(m)); err == nil && len(found) < 3 {
				found = append(found, local(filepath.Join(name, rel)))
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return ", such as " + strings.Join(found, " or ")
}
