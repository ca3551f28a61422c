package layers

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const delve = "github.com/go-delve/"

// No exported name of dlvclient mentions a type of Delve: whoever imports it
// would import Delve's packages, which make no promise of staying as they are.
func TestDelveStaysInside(t *testing.T) {
	look(t)
	for _, m := range mentions(load(t, "deltui/dlvclient"), delve) {
		t.Error(m)
	}
}

// load reads what a package exports, as the compiler wrote it down.
func load(t *testing.T, path string) *types.Package {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		pkg, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[pkg] = file
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	pkg, err := imp.Import(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(pkg.Scope().Names()) < 10 {
		t.Fatalf("%s exports only %v", path, pkg.Scope().Names())
	}
	return pkg
}

// mentions lists the ways from an exported name of a package to a type of a
// module: by the types of constants and variables, by parameters and results,
// by the fields and methods that a user can name, through aliases, pointers,
// slices, maps, channels, functions, type parameters and their arguments.
// Unexported fields and methods are nobody else's business.
func mentions(pkg *types.Package, module string) (found []string) {
	seen := make(map[types.Type]bool)
	var walk func(t types.Type, way string)
	object := func(o types.Object, way string) {
		if o.Exported() {
			walk(o.Type(), way+"."+o.Name())
		}
	}
	arguments := func(args *types.TypeList, way string) {
		for i := range args.Len() {
			walk(args.At(i), way)
		}
	}
	tuple := func(ts *types.Tuple, way string) {
		for v := range ts.Variables() {
			walk(v.Type(), way)
		}
	}
	params := func(ps *types.TypeParamList, way string) {
		for i := range ps.Len() {
			walk(ps.At(i).Constraint(), way)
		}
	}
	walk = func(t types.Type, way string) {
		if n, ok := t.(interface{ Obj() *types.TypeName }); ok && n.Obj().Pkg() != nil && strings.HasPrefix(n.Obj().Pkg().Path(), module) {
			found = append(found, fmt.Sprintf("%s mentions %s.%s", way, n.Obj().Pkg().Path(), n.Obj().Name()))
			return
		}
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			arguments(t.TypeArgs(), way)
			params(t.TypeParams(), way)
			walk(t.Rhs(), way)
		case *types.Named:
			arguments(t.TypeArgs(), way)
			if t.Obj().Pkg() != pkg {
				return
			}
			params(t.TypeParams(), way)
			walk(t.Underlying(), way)
			for m := range types.NewMethodSet(types.NewPointer(t)).Methods() { // promoted ones too
				object(m.Obj(), way)
			}
		case *types.Struct:
			for f := range t.Fields() {
				object(f, way)
			}
		case *types.Interface:
			for m := range t.Methods() {
				object(m, way)
			}
			for e := range t.EmbeddedTypes() {
				walk(e, way)
			}
		case *types.Union:
			for term := range t.Terms() {
				walk(term.Type(), way)
			}
		case *types.Signature:
			params(t.TypeParams(), way)
			tuple(t.Params(), way)
			tuple(t.Results(), way)
		case *types.Map:
			walk(t.Key(), way)
			walk(t.Elem(), way)
		case *types.TypeParam, *types.Basic:
		case interface{ Elem() types.Type }: // pointer, slice, array, channel
			walk(t.Elem(), way)
		default:
			found = append(found, fmt.Sprintf("%s is a %T, which this test does not know", way, t))
		}
	}
	for _, name := range pkg.Scope().Names() {
		object(pkg.Scope().Lookup(name), pkg.Name())
	}
	return found
}

// A rule that holds whatever is exported is no rule.
func TestMentions(t *testing.T) {
	inner := types.NewPackage(delve+"delve/inner", "inner")
	imported := compile(t, inner.Path(), `package inner; type T struct{}; type N int; const C N = 1; type E struct{}; func (E) M(N) {}`, nil)
	for _, c := range []struct{ name, text, want string }{
		{"field", `type A struct { F *inner.T }`, "a.A.F"},
		{"field of a field", `type A struct { F struct { G []inner.T } }`, "a.A.F.G"},
		{"alias", `type A = inner.T`, "a.A"},
		{"alias of a pointer", `type A = *inner.T`, "a.A"},
		{"var", `var V map[string]inner.T`, "a.V"},
		{"const", `const C = inner.C`, "a.C"},
		{"parameter", `func F(inner.T) {}`, "a.F"},
		{"result", `func F() (int, chan inner.T) { return 0, nil }`, "a.F"},
		{"method", `type A int; func (*A) M(func(inner.T)) {}`, "a.A.M"},
		{"interface", `type A interface { M() inner.T }`, "a.A.M"},
		{"embedded", `type A struct { inner.T }`, "a.A.T"},
		{"promoted", `type b struct { inner.E }; type A struct { b }`, "a.A.M"},
		{"underlying", `type A []inner.T`, "a.A"},
		{"constraint", `func F[P interface { ~string | inner.N }](P) {}`, "a.F"},
		{"argument", `type g[P any] struct{}; var V g[inner.T]`, "a.V"},
		{"by way of an unexported type", `type b struct { F inner.T }; func F() *b { return nil }`, "a.F.F"},
		{"unexported", `type A struct { f inner.T }; func (A) m(inner.T) {}; var v inner.T; type b struct { F inner.T }`, ""},
		{"untyped", `var V int = int(inner.C)`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			pkg := compile(t, "a", "package a; import "+fmt.Sprintf("%q", inner.Path())+"; var _ inner.T; "+c.text, imported)
			got := mentions(pkg, delve)
			if c.want == "" && len(got) > 0 {
				t.Errorf("found %q", got)
			}
			if c.want != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.want+" mentions "+inner.Path()) }) {
				t.Errorf("found %q, want %s", got, c.want)
			}
		})
	}
}

// compile type checks a package of one file that imports at most one other.
func compile(t *testing.T, path, text string, dep *types.Package) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path+".go", bytes.NewBufferString(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: one{dep}}
	pkg, err := conf.Check(path, fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

type one struct{ pkg *types.Package }

func (o one) Import(path string) (*types.Package, error) {
	if o.pkg == nil || o.pkg.Path() != path {
		return nil, fmt.Errorf("there is no %s", path)
	}
	return o.pkg, nil
}
