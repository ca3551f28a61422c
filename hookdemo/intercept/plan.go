package intercept

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// Options say how to intercept. The zero value of each means what is said.
type Options struct {
	Dir   string   // where the go command runs; "": here
	Env   []string // its environment; nil: ours
	Go    string   // a version or the root of a Go tree; "": what Dir says
	How   How      // "": Auto
	Flags []string // for the go command: -race, -tags …
	Std   bool     // record also what the standard library deletes for itself

	// Packages are patterns, as go list has them, or none for all: only deletes
	// made by these are recorded; those of the standard library, if they are
	// named, whatever Std says.
	Packages []string

	Log string // where a built program logs if HOOKDEMO_LOG is not set; "": hookdemo.jsonl

	// Hook is a Go file whose function
	//
	//	func onDelete(mapType reflect.Type, key interface{}, caller runtime.Frame)
	//
	// (any name) is told of each delete, besides the log, on the goroutine
	// that deletes. Its package clause is replaced; it may import what the
	// program's module can.
	Hook string

	// Self is the command that is to be run as -toolexec, to which the plan's
	// file, the tool and its arguments are appended.
	Self []string
}

// A plan is what one build needs, in a directory of its own.
type plan struct {
	go_  gocmd
	tc   *Toolchain
	how  How
	opts Options

	tmp     string
	replace map[string]string // the overlay: file → its replacement
	files   int               // written to tmp

	only, std string // the recorder's filter
}

func newPlan(o Options) (*plan, error) {
	g, err := newGo(o.Go, o.Dir, o.Env)
	if err != nil {
		return nil, err
	}
	p := &plan{go_: g, opts: o, replace: map[string]string{}}
	if p.tc, err = findToolchain(g); err != nil {
		return nil, err
	}
	if o.How == "" {
		o.How = Auto
	}
	if p.how, err = p.tc.how(o.How); err != nil {
		return nil, err
	}
	if p.tmp, err = os.MkdirTemp("", "hookdemo"); err != nil {
		return nil, fmt.Errorf("making room for the patch: %w", err)
	}
	return p, nil
}

func (p *plan) remove() { _ = os.RemoveAll(p.tmp) }

// put writes text to a file of the plan's and returns its name.
func (p *plan) put(base string, text []byte) (string, error) {
	p.files++
	name := filepath.Join(p.tmp, strconv.Itoa(p.files)+"_"+base)
	return name, os.WriteFile(name, text, 0o600)
}

// pkg is what go list says of a package.
type pkg struct {
	Dir, ImportPath, Name            string
	GoFiles, CgoFiles                []string
	TestGoFiles, XTestGoFiles, Match []string
	Module                           struct{ Dir string }
}

// list asks for the packages that the arguments name.
func (p *plan) list(args []string) ([]pkg, error) {
	cmd := append([]string{"list", "-json=Dir,ImportPath,Name,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Module"}, p.opts.Flags...)
	out, err := output(p.go_.command(append(append(cmd, "--"), args...)...))
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", strings.Join(args, " "), err)
	}
	var pkgs []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var k pkg
		if err := dec.Decode(&k); err != nil {
			return nil, fmt.Errorf("finding %s: %w", strings.Join(args, " "), err)
		}
		pkgs = append(pkgs, k)
	}
	return pkgs, nil
}

// filter asks for the import paths that the recorder's filter goes by: of the
// standard library's packages that args are built with, and of those asked for.
func (p *plan) filter(args []string) error {
	if len(p.opts.Packages) == 0 && p.opts.Std {
		return nil
	}
	format, patterns := "{{if .Standard}}{{.ImportPath}}{{end}}", args
	cmd := []string{"list", "-deps", "-test"}
	if len(p.opts.Packages) > 0 {
		format, patterns = "{{.ImportPath}}{{if eq .Name \"main\"}}\nmain{{end}}\n{{.ImportPath}}_test", p.opts.Packages
		cmd = cmd[:1]
	}
	cmd = append(append(cmd, "-f="+format), p.opts.Flags...)
	out, err := output(p.go_.command(append(append(cmd, "--"), patterns...)...))
	if err != nil {
		return fmt.Errorf("finding the packages %s: %w", strings.Join(patterns, " "), err)
	}
	paths := "\n" + strings.Join(strings.Fields(string(out)), "\n") + "\n"
	if len(p.opts.Packages) == 0 {
		p.std = paths
	} else if p.only = paths; paths == "\n\n" {
		return fmt.Errorf("no package matches %s: no delete would be recorded", strings.Join(patterns, " "))
	}
	return nil
}

// inject adds our file, and the user's, to a package. The name's ending tells
// whether to its test. It returns the names of the added files.
func (p *plan) inject(k pkg, name, suffix string) ([]string, error) {
	if below(k.Dir, p.tc.ModCache) {
		root := k.Dir
		if below(k.Dir, k.Module.Dir) {
			root = k.Module.Dir
		}
		rel, err := filepath.Rel(root, k.Dir)
		if err != nil {
			rel = "."
		}
		return nil, fmt.Errorf("%s is in the module cache, where the go command lets nothing be added: copy its module elsewhere (cp -r %s DIR; chmod -R u+w DIR) and name %s there", k.ImportPath, root, filepath.Join("DIR", rel))
	}
	var userFn string
	var added []string
	add := func(base string, text []byte) error {
		target := filepath.Join(k.Dir, base)
		if _, err := os.Lstat(target); err == nil {
			return fmt.Errorf("%s exists, and would be hidden by a file of ours", target)
		}
		file, err := p.put(base, text)
		p.replace[target] = file
		added = append(added, target)
		return err
	}
	if p.opts.Hook != "" {
		text, fn, err := userHook(p.opts.Hook, name)
		if err != nil {
			return nil, err
		}
		userFn = fn
		if err := add("0_hookdemo_user"+suffix, text); err != nil {
			return nil, err
		}
	}
	log := p.opts.Log
	if log == "" {
		log = "hookdemo.jsonl"
	}
	text, err := injection(injected{name, k.ImportPath, p.tc.layout.hookVar, log, userFn, p.only, p.std})
	if err != nil {
		return nil, err
	}
	// The first file's variables are the first to be initialised.
	return added, add("0_hookdemo"+suffix, text)
}

// userHook reads the user's file, puts it into package name, and finds the
// function to call.
func userHook(file, name string) (text []byte, fn string, err error) {
	if text, err = os.ReadFile(file); err != nil {
		return nil, "", fmt.Errorf("the hook's file: %w", err)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, 0)
	if err != nil {
		return nil, "", fmt.Errorf("the hook's file: %w", err)
	}
	for _, d := range f.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Recv != nil {
			continue
		}
		switch hookParams(fset, text, fd.Type) {
		case "reflect.Type,interface{},runtime.Frame", "reflect.Type,any,runtime.Frame":
			if fn != "" {
				return nil, "", fmt.Errorf("the hook's file %s has two functions that could be meant: %s and %s", file, fn, fd.Name.Name)
			}
			fn = fd.Name.Name
		}
	}
	if fn == "" {
		return nil, "", fmt.Errorf("the hook's file %s has no func(mapType reflect.Type, key interface{}, caller runtime.Frame)", file)
	}
	at, end := fset.Position(f.Name.Pos()).Offset, fset.Position(f.Name.End()).Offset
	return append(append(append([]byte{}, text[:at]...), name...), text[end:]...), fn, nil
}

func hookParams(fset *token.FileSet, src []byte, t *ast.FuncType) string {
	if t.Results != nil || t.TypeParams != nil {
		return ""
	}
	var types []string
	for _, f := range t.Params.List {
		for range max(len(f.Names), 1) {
			types = append(types, text(fset, src, f.Type))
		}
	}
	return strings.Join(types, ",")
}

// finish writes the patch and returns the go command's flags.
func (p *plan) finish() ([]string, error) {
	patched, err := p.tc.patch()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(patched))
	for name := range patched {
		names = append(names, name)
	}
	sort.Strings(names)

	var flags []string
	switch p.how {
	case Overlay:
		for _, name := range names {
			if p.replace[name], err = p.put(filepath.Base(name), patched[name]); err != nil {
				return nil, err
			}
		}
	case Toolexec:
		sum := sha256.New()
		s := swap{Pkg: p.tc.layout.pkg, Files: map[string]string{}}
		for _, name := range names {
			fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(name), len(patched[name]), patched[name])
			text := append([]byte("//line "+name+":1\n"), patched[name]...)
			if s.Files[filepath.Base(name)], err = p.put(filepath.Base(name), text); err != nil {
				return nil, err
			}
		}
		s.ID = fmt.Sprintf("hookdemo-%x", sum.Sum(nil)[:8])
		file, err := p.putJSON("swap.json", s)
		if err != nil {
			return nil, err
		}
		if len(p.opts.Self) == 0 {
			return nil, fmt.Errorf("no command to run as -toolexec")
		}
		var words []string
		for _, w := range append(append([]string{}, p.opts.Self...), file) {
			words = append(words, "'"+w+"'") // a ' in a path the go command cannot be told
		}
		flags = append(flags, "-toolexec="+strings.Join(words, " "))
	}
	file, err := p.putJSON("overlay.json", map[string]any{"Replace": p.replace})
	if err != nil {
		return nil, err
	}
	return append(flags, "-overlay="+file), nil
}

func (p *plan) putJSON(base string, v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return p.put(base, text)
}
