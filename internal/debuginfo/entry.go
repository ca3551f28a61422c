package debuginfo

import (
	"debug/dwarf"
	"fmt"
	"slices"
	"sort"
	"strings"

	"deltui/internal/gomap"
)

// entryNames are the functions through which maps are changed: those that the
// compiler calls, and reflect's own, which matter where the runtime's body was
// inlined into them (in Swiss, reflect.mapdelete has one of its own).
var entryNames = map[gomap.OpKind][]string{
	gomap.Delete: {
		"runtime.mapdelete", "runtime.mapdelete_fast32", "runtime.mapdelete_fast64", "runtime.mapdelete_faststr",
		"reflect.mapdelete", "reflect.mapdelete_faststr",
	},
	gomap.Assign: {
		"runtime.mapassign", "runtime.mapassign_fast32", "runtime.mapassign_fast32ptr",
		"runtime.mapassign_fast64", "runtime.mapassign_fast64ptr", "runtime.mapassign_faststr",
		"reflect.mapassign0", "reflect.mapassign_faststr0", "reflect.mapassign", "reflect.mapassign_faststr",
	},
	gomap.Clear: {"runtime.mapclear", "reflect.mapclear"},
}

// otherSymbols are looked up by name for other reasons.
var otherSymbols = []string{
	"runtime.main", "runtime.types", "runtime.etypes", "__tsan_init", "x_cgo_init", "testing/internal/testdeps.ImportPath",
	innerDelete, innerClear,
	"runtime.gopanic", "runtime.throw", "runtime.fatal",
}

// The functions of Swiss maps in which every delete and clear ends.
const (
	innerDelete = "internal/runtime/maps.(*Map).Delete"
	innerClear  = "internal/runtime/maps.(*Map).Clear"
)

var wantedNames = func() map[string]bool {
	m := map[string]bool{}
	for _, names := range entryNames {
		for _, n := range names {
			m[n] = true
		}
	}
	for _, n := range otherSymbols {
		m[n] = true
	}
	return m
}()

func wantedSymbol(name string) bool { return wantedNames[name] }

// EntryPoints finds the functions through which ops of the kinds go; of all
// kinds if none is given. Functions that the program does not have (it never
// deletes, say) are not there, and neither are wrappers that only call another
// entry point.
func (f *File) EntryPoints(kinds ...gomap.OpKind) (eps []EntryPoint, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer guard(f.path, "the entry points", &err)
	if len(kinds) == 0 {
		kinds = []gomap.OpKind{gomap.Delete, gomap.Assign, gomap.Clear}
	}
	var found []*body
	lines := map[*unit][]*span{}
	for _, kind := range kinds {
		for _, name := range entryNames[kind] {
			if _, ok := f.syms[name]; !ok {
				continue
			}
			if inner, err := f.wrapped(name, kind); err != nil {
				return nil, err
			} else if inner != "" {
				continue
			}
			b, err := f.bodyOf(name)
			if err != nil {
				return nil, fmt.Errorf("entry point %s: %w", name, err)
			}
			b.kind = kind
			found = append(found, b)
			lines[b.die.unit] = append(lines[b.die.unit], &b.span)
		}
	}
	for u, spans := range lines {
		if err := f.fill(u, spans); err != nil {
			return nil, err
		}
	}
	for _, b := range found {
		ep, err := f.entryPoint(b)
		if err != nil {
			return nil, fmt.Errorf("entry point %s: %w", b.name, err)
		}
		eps = append(eps, *ep)
	}
	return eps, nil
}

// A body is a function's code, and what is said of it.
type body struct {
	name string
	kind gomap.OpKind
	die  funcDIE
	span span
	ins  []instr
}

func (f *File) bodyOf(name string) (*body, error) {
	lo, hi, err := f.extent(name)
	if err != nil {
		return nil, err
	}
	b := &body{name: name, span: span{lo: lo, hi: hi}}
	if b.ins, err = f.disassemble(name); err != nil {
		return nil, err
	}
	var ok bool
	b.die, ok, err = f.function(lo, "runtime", "internal/runtime/maps", packageOf(name))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refuse(f.path, Unknown, "", "%s has no debug information", name)
	}
	return b, nil
}

// wrapped is the entry point of the same kind that one of reflect's functions
// calls, if it does; then stopping in the runtime's is enough.
func (f *File) wrapped(name string, kind gomap.OpKind) (string, error) {
	if !strings.HasPrefix(name, "reflect.") {
		return "", nil
	}
	ins, err := f.disassemble(name)
	if err != nil {
		return "", err
	}
	for _, in := range ins {
		if in.target == 0 || (in.flow != flowCall && in.flow != flowJump) {
			continue
		}
		for _, other := range entryNames[kind] {
			if s, ok := f.syms[other]; ok && other != name && s.addr == in.target {
				return other, nil
			}
		}
	}
	return "", nil
}

// extent is a function's address range.
func (f *File) extent(name string) (lo, hi uint64, err error) {
	s, ok := f.syms[name]
	if !ok {
		return 0, 0, fmt.Errorf("%s: no function %s", f.path, name)
	}
	lo, hi = s.addr, s.addr+s.size
	if s.size == 0 { // Mach-O has no sizes
		f.sortSyms()
		i := sort.Search(len(f.sorted), func(i int) bool { return f.sorted[i].addr > lo })
		if i < len(f.sorted) {
			hi = f.sorted[i].addr
		}
	}
	return lo, hi, nil
}

// sortSyms sorts the functions by address, once.
func (f *File) sortSyms() {
	if !f.isSorted {
		slices.SortFunc(f.sorted, func(a, b symbol) int {
			switch {
			case a.addr < b.addr:
				return -1
			case a.addr > b.addr:
				return 1
			}
			return strings.Compare(a.name, b.name)
		})
		f.isSorted = true
	}
}

// maxFunc bounds the code of one entry point.
const maxFunc = 1 << 20

// disassemble decodes a function.
func (f *File) disassemble(name string) ([]instr, error) {
	lo, hi, err := f.extent(name)
	if err != nil {
		return nil, err
	}
	if hi < lo || hi-lo > maxFunc {
		return nil, f.malformed("%s has %d bytes of code", name, hi-lo)
	}
	b := make([]byte, hi-lo)
	if err := f.c.readAt(b, lo); err != nil {
		return nil, f.malformed("code of %s: %v", name, err)
	}
	var ins []instr
	for pc := lo; pc < hi; {
		in := decode(f.facts.Arch, b[pc-lo:], pc)
		ins = append(ins, in)
		pc += in.len
	}
	return ins, nil
}

func (f *File) entryPoint(b *body) (*EntryPoint, error) {
	lo, hi := b.span.lo, b.span.hi
	ep := &EntryPoint{Name: b.name, Op: b.kind, Entry: lo, End: hi}
	for _, in := range b.ins {
		switch {
		case in.flow == flowRet:
			ep.Returns = append(ep.Returns, in.pc)
		case in.flow == flowJump && (in.target < lo || in.target >= hi):
			ep.Exits = append(ep.Exits, in.pc)
		}
	}
	ep.Stop = afterPrologue(lo, b.span.rows, b.ins)
	if rows := b.span.rows; len(rows) > 0 {
		ep.Line = rows[0].Line
		if rows[0].File != nil {
			ep.File = rows[0].File.Name
		}
	}
	return ep, f.arguments(ep, b.die)
}

// afterPrologue is where Delve stops in a function: where the line table says
// that the prologue ends, or else after the instructions that make sure that
// the stack is large enough, or else at the first statement.
func afterPrologue(entry uint64, rows []dwarf.LineEntry, ins []instr) uint64 {
	for _, r := range rows {
		if r.PrologueEnd {
			return r.Address
		}
	}
	// The stack check is the first conditional jump, of the first few
	// instructions, to the function's end, where morestack is called.
	for i, in := range ins {
		if i >= 6 || in.flow != flowNext && in.flow != flowCond {
			break
		}
		if in.flow == flowCond && in.target > in.pc {
			return in.pc + in.len
		}
	}
	for _, r := range rows {
		if r.IsStmt {
			return r.Address
		}
	}
	return entry
}
