package debuginfo

import (
	"debug/elf"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-delve/delve/pkg/logflags"
	"github.com/go-delve/delve/pkg/proc"
	"golang.org/x/arch/x86/x86asm"

	"deltui/internal/gomap"
)

// delve reads a binary as Delve does.
func delve(t testing.TB, path string) *proc.BinaryInfo {
	t.Helper()
	logflags.Setup(false, "", "")
	bi := proc.NewBinaryInfo("linux", "amd64", false)
	e, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	// A PIE at its link-time addresses.
	if err := bi.LoadBinaryInfo(path, e.Entry, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bi.Close() })
	return bi
}

// TestEntryPoints compares with what Delve makes of the same functions, and
// with their code.
func TestEntryPoints(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("skipped: the code that the test decodes is amd64's")
	}
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			path := v.build(t)
			f := mustOpen(t, path)
			eps, err := f.EntryPoints()
			if err != nil {
				t.Fatal(err)
			}
			funcs := map[string]*proc.Function{}
			bi := delve(t, path)
			for i := range bi.Functions {
				fn := &bi.Functions[i]
				funcs[fn.Name] = fn
			}
			names := map[string]bool{}
			for i := range eps {
				ep := &eps[i]
				names[ep.Name] = true
				fn := funcs[ep.Name]
				if fn == nil {
					t.Errorf("%s: Delve has no such function", ep.Name)
					continue
				}
				if ep.Entry != fn.Entry || ep.End != fn.End {
					t.Errorf("%s: [%#x, %#x), Delve says [%#x, %#x)", ep.Name, ep.Entry, ep.End, fn.Entry, fn.End)
				}
				file, line := bi.EntryLineForFunc(fn)
				if ep.File != file || ep.Line != line {
					t.Errorf("%s: at %s:%d, Delve says %s:%d", ep.Name, ep.File, ep.Line, file, line)
				}
				if want := fn.PrologueEndPC(); ep.Stop != want && want != 0 {
					t.Errorf("%s: stop at %#x, Delve says %#x", ep.Name, ep.Stop, want)
				}
				checkCode(t, f, ep)
				checkArgs(t, ep)
			}
			for _, want := range []string{
				"runtime.mapdelete", "runtime.mapdelete_fast32", "runtime.mapdelete_fast64", "runtime.mapdelete_faststr",
				"runtime.mapassign", "runtime.mapassign_fast32", "runtime.mapassign_fast64", "runtime.mapassign_fast64ptr", "runtime.mapassign_faststr",
			} {
				if !names[want] {
					t.Errorf("%s is missing of %v", want, names)
				}
			}
			checkReached(t, f, eps)
		})
	}
}

// checkCode decodes a function anew, and finds its ends.
func checkCode(t *testing.T, f *File, ep *EntryPoint) {
	t.Helper()
	b := make([]byte, ep.End-ep.Entry)
	if err := f.c.readAt(b, ep.Entry); err != nil {
		t.Fatal(err)
	}
	var rets []uint64
	stop := false
	for pc := ep.Entry; pc < ep.End; {
		in, err := x86asm.Decode(b[pc-ep.Entry:], 64)
		if err != nil {
			t.Fatalf("%s at %#x: %v", ep.Name, pc, err)
		}
		if in.Op == x86asm.RET {
			rets = append(rets, pc)
		}
		if pc == ep.Stop {
			stop = true
		}
		// Nothing before the stop may write a register with an argument.
		if pc < ep.Stop {
			if r, ok := in.Args[0].(x86asm.Reg); ok && in.Op != x86asm.CMP && in.Op != x86asm.TEST && in.Op != x86asm.PUSH {
				for _, arg := range []x86asm.Reg{x86asm.RAX, x86asm.RBX, x86asm.RCX, x86asm.RDI} {
					if r == arg {
						t.Errorf("%s: %v at %#x, before the stop at %#x", ep.Name, in, pc, ep.Stop)
					}
				}
			}
			if in.Op == x86asm.CALL {
				t.Errorf("%s: a call at %#x, before the stop at %#x", ep.Name, pc, ep.Stop)
			}
		}
		pc += uint64(in.Len)
	}
	if !stop {
		t.Errorf("%s: the stop %#x is in the middle of an instruction", ep.Name, ep.Stop)
	}
	if len(rets) == 0 || !slices.Equal(rets, ep.Returns) {
		t.Errorf("%s: returns %#x, decoded %#x", ep.Name, ep.Returns, rets)
	}
	if len(ep.Exits) != 0 {
		t.Errorf("%s: exits %#x: Go made a tail call, which nobody has seen", ep.Name, ep.Exits)
	}
}

// checkArgs compares what DWARF says of the arguments with the register ABI.
func checkArgs(t *testing.T, ep *EntryPoint) {
	t.Helper()
	if ep.ArgsByABI {
		t.Errorf("%s: DWARF does not say where the arguments are", ep.Name)
	}
	var got []string
	for _, l := range append([]Loc{ep.MapType, ep.Map}, ep.Key...) {
		got = append(got, fmt.Sprintf("%d/%d/%v", l.Reg, l.Size, l.Known))
	}
	want := []string{"0/8/true", "3/8/true", "2/8/true"}
	switch {
	case ep.Op == gomap.Clear:
		want = want[:2]
	case strings.Contains(ep.Name, "faststr"):
		want = append(want, "5/8/true")
	case strings.HasSuffix(ep.Name, "_fast32"):
		want[2] = "2/4/true"
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: arguments %v, the ABI says %v", ep.Name, got, want)
	}
	if ep.KeyByAddr != (ep.Op != gomap.Clear && !strings.Contains(ep.Name, "_fast")) {
		t.Errorf("%s: key by address %v", ep.Name, ep.KeyByAddr)
	}
}

// checkReached: whoever calls the functions in which every delete and clear of
// a Swiss map ends, or has a copy of an entry point inlined, is an entry point
// itself.
func checkReached(t *testing.T, f *File, eps []EntryPoint) {
	t.Helper()
	known := map[string]bool{}
	for _, ep := range eps {
		known[ep.Name] = true
	}
	inner := map[uint64]string{}
	for _, name := range []string{innerDelete, innerClear} {
		if s, ok := f.syms[name]; ok {
			inner[s.addr] = name
		}
	}
	calls, err := f.calls(inner, func(symbol) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		if !known[c.fn.name] {
			t.Errorf("%s calls %s and is not an entry point", c.fn.name, inner[c.target])
		}
	}
	if f.syms[innerDelete].addr != 0 && len(calls) < 4 {
		t.Errorf("only %d calls of %s found", len(calls), innerDelete)
	}
	r, err := f.Watchable()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Copies) > 0 {
		t.Errorf("unwatched copies: %v", r.Copies)
	}
	for _, fs := range r.Fields {
		if _, size, err := f.Field(fs.Struct, fs.Field); fs.Err != nil || err != nil || size != 8 {
			t.Errorf("field %s.%s: %d bytes, %v, %v", fs.Struct, fs.Field, size, fs.Err, err)
		}
	}
	if r.Kind == 0 || r.Maps < 20 || len(r.Entries) != 18 {
		t.Errorf("watchable: %v maps, %d map types, %d entry points", r.Kind, r.Maps, len(r.Entries))
	}
}

// TestCallSites finds the calls that the sample marks with a comment.
func TestCallSites(t *testing.T) {
	t.Parallel()
	src := strings.Split(string(sampleArchive), "\n")
	first := slices.Index(src, "-- main.go --") + 1
	line := func(mark string) int {
		return slices.IndexFunc(src, func(s string) bool { return strings.HasSuffix(s, "// "+mark) }) - first + 1
	}
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			f := mustOpen(t, v.build(t))
			churn := func(op gomap.OpKind) (lines []int) {
				sites, err := f.CallSites(op)
				if err != nil {
					t.Fatal(err)
				}
				if op == gomap.Delete && len(sites) < 5 {
					t.Errorf("only %d sites", len(sites))
				}
				for _, s := range sites {
					if s.File == "" || s.Line == 0 || s.Call == "" || f.IsStd(s.Func, s.File) {
						t.Errorf("%+v", s)
					}
					if strings.HasSuffix(s.Func, ".churn") {
						lines = append(lines, s.Line)
					}
				}
				return lines
			}
			deletes, clears := []int{line("delete here")}, []int{line("cleared here")}
			if strings.Contains(v.name, "-N") || strings.Contains(v.name, "race") {
				deletes, clears = append(deletes, line("or here")), nil
			}
			if got := churn(gomap.Delete); !slices.Equal(got, deletes) {
				t.Errorf("deletes at lines %v, not %v", got, deletes)
			}
			if got := churn(gomap.Clear); !slices.Equal(got, clears) {
				t.Errorf("clears at lines %v, not %v", got, clears)
			}
			if got := churn(gomap.Assign); !slices.Equal(got, []int{line("assign here")}) {
				t.Errorf("assigns at lines %v", got)
			}
		})
	}
}
