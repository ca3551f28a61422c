package packages

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// MaxFiles bounds the source files that are read of a module.
const MaxFiles = 20_000

// ErrNoModule is returned where no go.mod lies in the directory or above it.
var ErrNoModule = errors.New("there is no go.mod here, nor above")

// Package is a directory of source.
type Package struct {
	Dir     string // from the directory looked from: ".", "./cmd/srv", "../cache"
	Main    bool   // it is a program
	Tests   bool   // it has test functions
	Deletes []Site // calls in what is built
	// TestDeletes are those of its test files.
	TestDeletes []Site

	path    string // import path
	imports map[string]bool
}

// Site is a call of delete, clear or maps.DeleteFunc.
type Site struct {
	File string // its base name
	Line int
}

// Module is what was found.
type Module struct {
	Path     string // as its go.mod says
	Packages []*Package
	// More: there are more files than were read.
	More bool
}

// Find reads the module that dir lies in. What does not parse is passed over: it
// could not be built either.
func Find(ctx context.Context, dir string) (*Module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for the module: %w", err)
	}
	root, modPath, err := moduleOf(dir)
	if err != nil {
		return nil, err
	}
	m, files := &Module{Path: modPath}, 0
	byDir := map[string]*Package{}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if d != nil && d.IsDir() {
				return fs.SkipDir // it may not be read
			}
			return nil
		case d.IsDir():
			if name != root && foreign(name, d.Name()) {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !strings.HasSuffix(name, ".go"):
			return nil
		case files == MaxFiles:
			m.More = true
			return fs.SkipAll
		}
		files++
		where := filepath.Dir(name)
		p := byDir[where]
		if p == nil {
			p = &Package{Dir: from(dir, where), path: importPath(modPath, root, where), imports: map[string]bool{}}
		}
		if p.read(where, d.Name()) && byDir[where] == nil {
			byDir[where] = p
			m.Packages = append(m.Packages, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the module in %s: %w", root, err)
	}
	return m, nil
}

// moduleOf is the nearest directory with a go.mod, and the module's path.
func moduleOf(dir string) (root, modPath string, err error) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, modfile.ModulePath(text), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", "", ErrNoModule
		}
		dir = up
	}
}

// foreign reports whether a directory is none of the module's packages.
func foreign(path, name string) bool {
	if name == "vendor" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// from names a directory as one would type it where one stands.
func from(dir, where string) string {
	rel, err := filepath.Rel(dir, where)
	switch {
	case err != nil:
		return where
	case rel == "." || strings.HasPrefix(rel, ".."):
		return rel
	}
	return "." + string(filepath.Separator) + rel
}

func importPath(modPath, root, where string) string {
	rel, err := filepath.Rel(root, where)
	if err != nil || rel == "." {
		return modPath
	}
	return path.Join(modPath, filepath.ToSlash(rel))
}

// read takes a file in; false if it is not part of a build on this system.
func (p *Package) read(dir, name string) bool {
	if fits, err := build.Default.MatchFile(dir, name); err != nil || !fits {
		return false
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	test := strings.HasSuffix(name, "_test.go")
	sites := &p.Deletes
	if test {
		sites = &p.TestDeletes
		p.Tests = p.Tests || hasTest(file)
	} else {
		p.Main = p.Main || file.Name.Name == "main"
		for _, imp := range file.Imports {
			p.imports[strings.Trim(imp.Path.Value, "`\"")] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && deletes(call) {
			*sites = append(*sites, Site{name, fset.Position(call.Pos()).Line})
		}
		return true
	})
	return true
}

func hasTest(file *ast.File) bool {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
			return true
		}
	}
	return false
}

func deletes(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "delete" && len(call.Args) == 2 || f.Name == "clear" && len(call.Args) == 1
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.Ident)
		return ok && x.Name == "maps" && f.Sel.Name == "DeleteFunc"
	}
	return false
}

// In tells the path of the module that dir lies in; false if it lies in none.
func In(dir string) (string, bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	_, modPath, err := moduleOf(dir)
	return modPath, err == nil && modPath != ""
}
