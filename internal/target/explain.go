package target

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
)

// What the go command says when a go.mod forbids its version. Go 1.21 and newer
// read the go line as a minimum; older ones stumble over words in it.
var (
	requires   = regexp.MustCompile(`(?m)^go: (.*?) ?requires go >= (\S+) \(running go (\S+?)[;)]`)
	cantRead   = regexp.MustCompile(`(?m)^(\S*go\.(?:mod|work)):(\d+): (unknown directive: \S+|invalid go version .*)$`)
	cantBuild  = regexp.MustCompile(`(?m)^(\S+): cannot compile Go (\S+) code$`)
	noteNeeds  = regexp.MustCompile(`(?m)^note: module requires Go (\S+)`)
	compileErr = regexp.MustCompile(`(?m)^(# \S+|\S+\.(go|s|c|cc|cpp|h):\d+(:\d+)?:|package .* is not in)`)
)

// explain makes an Error of what the go command said.
func (b *builder) explain(said string, err error, building bool) error {
	var exit interface{ ExitCode() int }
	if !errors.As(err, &exit) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return &Error{Kind: NoGo, What: "the go command does not run", Why: unwrapPath(err), Output: said}
	}
	if e := b.forbidden(said); e != nil {
		return e
	}
	if strings.Contains(said, "go: download go1.") || strings.Contains(said, "toolchain not available") {
		return b.autoToolchain(said)
	}
	name := b.what.name
	if strings.Contains(said, "go.mod file not found") || strings.Contains(said, "cannot find main module") {
		return &Error{Kind: Failed, What: name + " is in no module", Why: lastLine(said), Advice: "`go mod init` there, or name its .go files", Output: said}
	}
	if building && compileErr.MatchString(said) {
		e := &Error{Kind: NotCompiling, What: name + " does not compile", Output: said}
		if m := noteNeeds.FindStringSubmatch(said); m != nil {
			e.Why = "it is written for Go " + m[1] + ", and built by " + b.running()
			if where := b.goLine(b.modFile()); where != "" {
				e.Why += " (" + where + ")"
			}
		}
		e.Advice = "see the compiler's words above"
		return e
	}
	e := &Error{Kind: Failed, What: "the go command cannot build " + name, Why: gist(said), Output: said}
	if strings.TrimPrefix(said, "go: ") == e.Why {
		e.Output = ""
	}
	return e
}

// running names the toolchain for a message.
func (b *builder) running() string {
	if v := getenv(b.env, "GOTOOLCHAIN"); strings.HasPrefix(v, "go") {
		return v
	}
	if b.spec.Go != "" {
		return b.spec.Go
	}
	return "the go command in PATH"
}

// forbidden finds the line that forbids the version that was asked for.
func (b *builder) forbidden(said string) *Error {
	e := &Error{Kind: Forbidden, What: b.running() + " may not build " + b.what.name, Output: ""}
	if m := cantRead.FindStringSubmatch(said); m != nil {
		file := abs(b.dir, m[1])
		e.Why = fmt.Sprintf("%s:%s has %q, which it cannot read", b.short(file), m[2], lineOf(file, m[2]))
		if strings.HasPrefix(m[3], "unknown directive") && b.spec.Go == "" {
			return nil // a typing error
		}
		e.Advice = "take a newer --go, or build in a copy without that line"
		// A directive of a newer Go is met before the go line is: mending it
		// would not help where that forbids the version too, as it does from Go
		// 1.21 on.
		asked := "go" + strings.TrimPrefix(b.running(), "go")
		if v, why := b.goVersion(file); why != "" && b.spec.Go != "" && version.Compare(asked, "go1.21") >= 0 && version.Compare("go"+v, asked) > 0 {
			e.Why, e.Advice = why, "take --go "+v+" or newer"
		}
		return e
	}
	if m := cantBuild.FindStringSubmatch(said); m != nil {
		e.Why = fmt.Sprintf("%s says `go %s`%s", m[1], m[2], b.requiredAt(m[1]))
		e.Advice = "take --go " + m[2]
		return e
	}
	m := requires.FindStringSubmatch(said)
	if m == nil {
		return nil
	}
	what, min := m[1], m[2]
	e.Advice = "take --go " + min + " or newer"
	if b.spec.Go == "" {
		e.What = "go" + m[3] + " may not build " + b.what.name
		e.Advice = "unset GOTOOLCHAIN, or take --go " + min
	}
	switch {
	case what == "go.mod" || what == "go.work" || strings.HasSuffix(what, "/go.mod") || strings.HasSuffix(what, "/go.work"):
		file := b.modFile()
		if strings.HasSuffix(what, "go.work") {
			file = b.workFile()
		}
		if filepath.IsAbs(what) {
			file = what
		}
		e.Why = b.goLine(file)
	case strings.HasPrefix(what, "module "):
		// A module of the workspace, or one that a replace line points to.
		dir := strings.TrimPrefix(what, "module ")
		for _, root := range []string{b.dir, filepath.Dir(b.modFile()), filepath.Dir(b.workFile())} {
			if why := b.goLine(filepath.Join(abs(root, dir), "go.mod")); why != "" {
				e.Why = why
				break
			}
		}
		if e.Why == "" {
			e.Why = b.requiredAs(dir, min)
		}
	default:
		e.Why = b.requiredAs(what, min)
	}
	if e.Why == "" {
		e.Why = fmt.Sprintf("%s requires Go %s", what, min)
	}
	return e
}

// requiredAs says where a dependency that needs a newer Go is asked for.
func (b *builder) requiredAs(module, min string) string {
	path, _, _ := strings.Cut(module, "@")
	return fmt.Sprintf("%s requires Go %s%s", module, min, b.requiredAt(path))
}

// requiredAt finds the line of the main go.mod that requires the module of a
// package, for a message: ", asked for at go.mod:7".
func (b *builder) requiredAt(pkg string) string {
	file := b.modFile()
	mod := parseMod(file)
	if mod == nil {
		return ""
	}
	best, line := "", 0
	for _, r := range mod.Require {
		if p := r.Mod.Path; (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > len(best) && r.Syntax != nil {
			best, line = p, r.Syntax.Start.Line
		}
	}
	if line == 0 {
		return ", through another dependency of " + b.short(file)
	}
	return fmt.Sprintf(", asked for at %s:%d", b.short(file), line)
}

// goLine quotes a file's go line: "`go 1.26.0` at go.mod:3".
func (b *builder) goLine(file string) string {
	_, why := b.goVersion(file)
	return why
}

// goVersion is goLine with the version apart.
func (b *builder) goVersion(file string) (v, why string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", ""
	}
	var g *modfile.Go
	if filepath.Base(file) == "go.work" {
		if w, err := modfile.ParseWork(file, data, nil); err == nil {
			g = w.Go
		}
	} else if m, err := modfile.ParseLax(file, data, nil); err == nil {
		g = m.Go
	}
	if g == nil || g.Syntax == nil {
		return "", ""
	}
	return g.Version, fmt.Sprintf("`go %s` at %s:%d", g.Version, b.short(file), g.Syntax.Start.Line)
}

// autoToolchain explains a toolchain that nobody asked for by --go: the go
// command wanted it because of a go or toolchain line.
func (b *builder) autoToolchain(said string) error {
	name := "the Go toolchain"
	if m := regexp.MustCompile(`download (go1\.\S+?)[: ]`).FindStringSubmatch(said); m != nil {
		name = m[1]
	}
	err := noToolchain(name, said)
	e := &Error{}
	if errors.As(err, &e) {
		if where := b.toolchainLine(name); where != "" {
			e.Why += " (" + where + ")"
		}
	}
	return err
}

// toolchainLine finds the line of go.mod that asks for a toolchain.
func (b *builder) toolchainLine(name string) string {
	file := b.modFile()
	mod := parseMod(file)
	if mod == nil {
		return ""
	}
	if t := mod.Toolchain; t != nil && t.Name == name && t.Syntax != nil {
		return fmt.Sprintf("`toolchain %s` at %s:%d", t.Name, b.short(file), t.Syntax.Start.Line)
	}
	return b.goLine(file)
}

func parseMod(file string) *modfile.File {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	mod, err := modfile.Parse(file, data, nil)
	if err != nil {
		mod, err = modfile.ParseLax(file, data, nil) // words of a newer Go
	}
	if err != nil {
		return nil
	}
	return mod
}

// modFile is the go.mod in force.
func (b *builder) modFile() string {
	if root := moduleRoot(b.dir); root != "" {
		return filepath.Join(root, "go.mod")
	}
	return ""
}

func (b *builder) workFile() string {
	if f := getenv(b.env, "GOWORK"); f != "" && f != "off" {
		return f
	}
	for dir := b.dir; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "go.work")
		if _, err := os.Stat(file); err == nil || filepath.Dir(dir) == dir {
			return file
		}
	}
}

// short is a file's name as the caller would write it.
func (b *builder) short(file string) string {
	if rel, err := filepath.Rel(b.spec.Dir, file); err == nil && !strings.HasPrefix(rel, "../../..") {
		return rel
	}
	return file
}

func lineOf(file, number string) string {
	data, _ := os.ReadFile(file)
	for i, line := range strings.Split(string(data), "\n") {
		if fmt.Sprint(i+1) == number {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(s)
}

// gist is the line of the go command's words that tells most.
func gist(s string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if strings.HasSuffix(first, ":") && rest != "" {
		first += " " + firstLine(rest)
	}
	return strings.TrimPrefix(first, "go: ")
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimPrefix(strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:]), "go: ")
}

// unwrapPath leaves out of a path error the path that the message has already.
func unwrapPath(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
