package intercept

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
)

// A layout says where a family of Go versions keeps what deletes from maps.
type layout struct {
	name    string // of the maps: swiss, classic
	pkg     string // the package, by import path
	hookVar string // declares what the wrappers call
	files   []layoutFile
}

type layoutFile struct {
	name  string // in the package's directory
	alt   string // its name in Go 1.24 and 1.25, if different
	edits []edit
	glue  bool // the hook's declaration goes here
}

// An edit is what is done to one function.
type edit struct {
	fn      string // its name
	recv    string // its receiver's type, *Map, or ""
	params  string // its parameters, as they must be
	wrapper string // text appended to the file; the function itself is renamed to inner(fn)
	empty   string // or: statement put before the return of the first if
}

func inner(fn string) string { return "hookdemo_" + fn }

// hookText declares the hook. Its numbers are the recorder's.
const hookText = `
var hookdemoHook func(op int, typ, m, key unsafe.Pointer, before int)

var hookdemoDeletes, hookdemoClears int // made while there was no hook

//go:linkname hookdemoSet
func hookdemoSet(hook func(op int, typ, m, key unsafe.Pointer, before int)) (deletes, clears int) {
	hookdemoHook = hook
	return hookdemoDeletes, hookdemoClears
}
`

// wrap is a wrapper's text. Before and after a delete the map can be used; a
// panic comes of a key that cannot be hashed, before anything has been done.
// done sets op when the delete has returned.
func wrap(head, call, typ, m, key, length, done string) string {
	return fmt.Sprintf(`
%[1]s {
	hook := hookdemoHook
	if hook == nil {
		hookdemoDeletes++
		%[2]s
		return
	}
	before, op := 0, 1
	if %[4]s != nil {
		before = int(%[6]s)
	}
	defer func() { hook(op, unsafe.Pointer(%[3]s), unsafe.Pointer(%[4]s), %[5]s, before) }()
	%[2]s
	%[7]s
}
`, head, call, typ, m, key, length, done)
}

func wrapClear(head, call, typ, m, length string) string {
	return fmt.Sprintf(`
%[1]s {
	hook := hookdemoHook
	if hook == nil {
		hookdemoClears++
		%[2]s
		return
	}
	before := 0
	if %[4]s != nil {
		before = int(%[5]s)
	}
	%[2]s
	hook(3, unsafe.Pointer(%[3]s), unsafe.Pointer(%[4]s), nil, before)
}
`, head, call, typ, m, length)
}

// swissLayout is that of Go 1.24 and later. mapType is what the version calls
// the type of a map's type.
func swissLayout(mapType string) layout {
	params := "typ *abi." + mapType + ", m *Map, key "
	empty := "if hook := hookdemoHook; hook != nil { hook(2, unsafe.Pointer(typ), unsafe.Pointer(m), abi.NoEscape(unsafe.Pointer(&key)), 0) } else { hookdemoDeletes++ }; "
	fast := func(suffix, keyType string) layoutFile {
		return layoutFile{
			name: "runtime_" + suffix + ".go", alt: "runtime_" + suffix + "_swiss.go",
			edits: []edit{{fn: "runtime_mapdelete_" + suffix, params: params + keyType, empty: empty}},
		}
	}
	return layout{
		name: "swiss", pkg: "internal/runtime/maps", hookVar: "internal/runtime/maps.hookdemoSet",
		files: []layoutFile{
			{name: "map.go", glue: true, edits: []edit{
				{
					fn: "Delete", recv: "*Map", params: "typ *abi." + mapType + ", key unsafe.Pointer",
					wrapper: wrap("func (m *Map) Delete(typ *abi."+mapType+", key unsafe.Pointer)", "m."+inner("Delete")+"(typ, key)",
						"typ", "m", "abi.NoEscape(key)", "m.Used()", "op = 0"),
				},
				{
					fn: "Clear", recv: "*Map", params: "typ *abi." + mapType,
					wrapper: wrapClear("func (m *Map) Clear(typ *abi."+mapType+")", "m."+inner("Clear")+"(typ)",
						"typ", "m", "m.Used()"),
				},
			}},
			fast("fast32", "uint32"), fast("fast64", "uint64"), fast("faststr", "string"),
		},
	}
}

// classicLayout is that of Go 1.22 and 1.23.
func classicLayout() layout {
	of := func(fn, keyName, keyType, key string) edit {
		params := "t *maptype, h *hmap, " + keyName + " " + keyType
		done := "op = 0"
		if fn != "mapdelete" { // a fast one, which Swiss maps do not see if they are empty
			done = "if op = 0; before == 0 { op = 2 }"
		}
		return edit{fn: fn, params: params, wrapper: wrap("func "+fn+"("+params+")",
			inner(fn)+"(t, h, "+keyName+")", "t", "h", key, "h.count", done)}
	}
	return layout{
		name: "classic", pkg: "runtime", hookVar: "runtime.hookdemoSet",
		files: []layoutFile{
			{name: "map.go", glue: true, edits: []edit{
				of("mapdelete", "key", "unsafe.Pointer", "noescape(key)"),
				{
					fn: "mapclear", params: "t *maptype, h *hmap",
					wrapper: wrapClear("func mapclear(t *maptype, h *hmap)", inner("mapclear")+"(t, h)", "t", "h", "h.count"),
				},
			}},
			{name: "map_fast32.go", edits: []edit{of("mapdelete_fast32", "key", "uint32", "noescape(unsafe.Pointer(&key))")}},
			{name: "map_fast64.go", edits: []edit{of("mapdelete_fast64", "key", "uint64", "noescape(unsafe.Pointer(&key))")}},
			{name: "map_faststr.go", edits: []edit{of("mapdelete_faststr", "ky", "string", "noescape(unsafe.Pointer(&ky))")}},
		},
	}
}

// apply returns f's new text. Lines that were there keep their numbers.
func (f layoutFile) apply(name string, src []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be parsed: %w", name, err)
	}
	type insertion struct {
		at   int
		text string
	}
	var ins []insertion
	var tail strings.Builder
	if f.glue {
		tail.WriteString(hookText)
	}
	for _, e := range f.edits {
		fd := find(file, e)
		if fd == nil {
			return nil, fmt.Errorf("%s has no function %s%s", name, recvText(e.recv), e.fn)
		}
		if got := text(fset, src, fd.Type.Params); got != "("+e.params+")" || fd.Type.Results != nil || fd.Body == nil {
			return nil, fmt.Errorf("%s: function %s%s has the parameters %s and not (%s)", name, recvText(e.recv), e.fn, got, e.params)
		}
		if e.wrapper != "" {
			at := fset.Position(fd.Name.Pos()).Offset
			ins = append(ins, insertion{at, strings.TrimSuffix(inner(e.fn), e.fn)})
			tail.WriteString(e.wrapper)
			continue
		}
		at, err := emptyReturn(fset, src, fd)
		if err != nil {
			return nil, fmt.Errorf("%s: function %s: %w", name, e.fn, err)
		}
		ins = append(ins, insertion{at, e.empty})
	}
	sort.Slice(ins, func(i, j int) bool { return ins[i].at < ins[j].at })
	var out bytes.Buffer
	last := 0
	for _, in := range ins {
		out.Write(src[last:in.at])
		out.WriteString(in.text)
		last = in.at
	}
	out.Write(src[last:])
	out.WriteString(tail.String())
	return out.Bytes(), nil
}

func recvText(recv string) string {
	if recv == "" {
		return ""
	}
	return "(" + recv + ")."
}

func text(fset *token.FileSet, src []byte, n ast.Node) string {
	return string(src[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset])
}

func find(file *ast.File, e edit) *ast.FuncDecl {
	for _, d := range file.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok || fd.Name.Name != e.fn {
			continue
		}
		recv := ""
		if fd.Recv != nil && len(fd.Recv.List) == 1 {
			if star, ok := fd.Recv.List[0].Type.(*ast.StarExpr); ok {
				if id, ok := star.X.(*ast.Ident); ok {
					recv = "*" + id.Name
				}
			}
		}
		if recv == e.recv {
			return fd
		}
	}
	return nil
}

// emptyReturn finds the return of `if m == nil || m.Used() == 0 { return }`.
func emptyReturn(fset *token.FileSet, src []byte, fd *ast.FuncDecl) (int, error) {
	for _, s := range fd.Body.List {
		i, ok := s.(*ast.IfStmt)
		if !ok || i.Else != nil || len(i.Body.List) != 1 || text(fset, src, i.Cond) != "m == nil || m.Used() == 0" {
			continue
		}
		if r, ok := i.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) == 0 {
			return fset.Position(r.Pos()).Offset, nil
		}
	}
	return 0, fmt.Errorf("it does not return at once for a nil or empty map")
}
