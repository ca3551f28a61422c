package audit_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"deltui.example/hookdemo/audit"
)

type table map[string]int

// TestScopes: a delete runs the hook of all, then that of its map's type as it
// is passed, then that of the map itself.
func TestScopes(t *testing.T) {
	var calls []string
	hook := func(name string) audit.Hook {
		return &probe{name: name, before: func(*audit.Op) error { calls = append(calls, name); return nil }}
	}
	m, twin, named, other := map[string]int{}, map[string]int{}, table{}, map[int]int{}
	run := func() string {
		calls = nil
		for i, del := range []func() error{
			func() error { return audit.Delete(m, "a") },
			func() error { return audit.Delete(twin, "a") },
			func() error { return audit.Delete(named, "a") },
			func() error { return audit.Delete(table(m), "a") },
			func() error { return audit.Delete(other, 1) },
			func() error { return audit.DeleteAny(context.Background(), m, "a") },
		} {
			calls = append(calls, fmt.Sprint("|", i))
			if err := del(); err != nil {
				t.Error(err)
			}
		}
		return strings.Join(calls, " ")
	}
	want := func(what string) {
		t.Helper()
		if got := run(); got != what {
			t.Errorf("ran  %s\nwant %s", got, what)
		}
	}
	want("|0 |1 |2 |3 |4 |5")
	if old := audit.SetMap(m, hook("map")); old != audit.NoOp {
		t.Errorf("the hook before the first is %v", old)
	}
	want("|0 map |1 |2 |3 map |4 |5 map")
	ofType := hook("type")
	audit.SetType[map[string]int](ofType)
	want("|0 type map |1 type |2 |3 map |4 |5 type map")
	audit.SetType[table](hook("table"))
	want("|0 type map |1 type |2 table |3 table map |4 |5 type map")
	use(t, hook("all"))
	want("|0 all type map |1 all type |2 all table |3 all table map |4 all |5 all type map")
	if old := audit.SetType[map[string]int](nil); old != ofType {
		t.Errorf("the hook before is %v", old)
	}
	audit.SetType[table](audit.NoOp)
	want("|0 all map |1 all |2 all |3 all map |4 all |5 all map")
	audit.Set(nil)
	want("|0 map |1 |2 |3 map |4 |5 map")
	audit.SetMap(m, nil)
	want("|0 |1 |2 |3 |4 |5")

	for what, bad := range map[string]func(){
		"SetType: int":      func() { audit.SetType[int](nil) },
		"SetMap: a int":     func() { audit.SetMap(1, nil) },
		"SetMap: a map[int": func() { var none map[int]int; audit.SetMap(none, nil) },
	} {
		func() {
			defer func() {
				if r := recover(); !strings.Contains(fmt.Sprint(r), what) {
					t.Errorf("recovered %v, want %s", r, what)
				}
			}()
			bad()
		}()
	}
}

// TestScopeCosts: a delete that no hook is for allocates nothing, and a map that
// was let go of is collected.
func TestScopeCosts(t *testing.T) {
	m, watched := map[uint64]int{}, map[string]int{}
	audit.SetMap(watched, &probe{name: "p"})
	if n := testing.AllocsPerRun(100, func() { _ = audit.Delete(m, 1) }); n != 0 {
		t.Errorf("%v allocations for a map without a hook", n)
	}
	audit.SetMap(watched, nil)

	gone := make(chan struct{})
	func() {
		type big struct{ _ [1 << 16]byte }
		elem := new(big)
		runtime.SetFinalizer(elem, func(*big) { close(gone) })
		kept := map[int]*big{1: elem}
		audit.SetMap(kept, &probe{name: "p"})
		audit.SetMap(kept, nil)
	}()
	for i := 0; i < 100; i++ {
		runtime.GC()
		select {
		case <-gone:
			return
		default:
			runtime.Gosched()
		}
	}
	t.Error("a map whose hook was taken away is kept alive")
}

// TestScopesWhileDeleting is for the race detector.
func TestScopesWhileDeleting(t *testing.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for g := 0; g < 4; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := map[int]int{}
			for i := 0; ; i++ {
				select {
				case <-stop:
					audit.SetMap(m, nil)
					return
				default:
				}
				if i%50 == 0 {
					audit.SetMap(m, &probe{name: "p"})
				}
				m[i] = i
				if err := audit.Delete(m, i); err != nil || len(m) != 0 {
					t.Errorf("%v, %d left", err, len(m))
					return
				}
			}
		}()
	}
	for i := 0; i < 300; i++ {
		audit.SetType[map[int]int](&probe{name: "t"})
		audit.SetType[map[int]int](nil)
		runtime.Gosched()
	}
	close(stop)
	wg.Wait()
}

// TestActor: hooks are told who deletes, and hand it on.
func TestActor(t *testing.T) {
	child := map[string]int{"a": 1}
	watch := &probe{name: "watch"}
	use(t, audit.Chain(watch, audit.Cascade("cascade", func(op *audit.Op) error {
		if op.Nest > 0 {
			return nil
		}
		return audit.DeleteContext(op.Context, child, "a")
	})))
	type key struct{}
	ctx := context.WithValue(audit.WithActor(context.Background(), "alice"), key{}, 7)
	m := map[string]int{"a": 1, "b": 1, "c": 1}
	_ = audit.DeleteContext(ctx, m, "a")
	_ = audit.Delete(m, "b")
	_ = audit.DeleteAny(ctx, m, "c")
	var got []string
	for _, op := range watch.ops {
		got = append(got, fmt.Sprintf("%v by %q %v", op.Key, op.Actor(), op.Context.Value(key{})))
	}
	if s := strings.Join(got, "; "); s != `a by "alice" 7; a by "alice" 7; a by "" <nil>; b by "" <nil>; a by "alice" 7; c by "alice" 7` {
		t.Error(s)
	}
	if len(m) != 0 || len(child) != 0 {
		t.Errorf("left %v %v", m, child)
	}
	if got := new(audit.Op).Actor(); got != "" {
		t.Errorf("the actor of an op without a context is %q", got)
	}
}

// outer is a hook that wraps another.
type outer struct{ audit.Hook }

func (o outer) Before(op *audit.Op) error { return o.Hook.Before(op) }

// TestWrappedChain: each Before of a chain that a hook calls has its After, once,
// as in a chain that is set.
func TestWrappedChain(t *testing.T) {
	var calls []string
	link := func(name string, err error) audit.Hook {
		return &probe{
			name:   name,
			before: func(*audit.Op) error { return err },
			after:  func(op *audit.Op) { calls = append(calls, name+" "+string(op.Outcome)) },
		}
	}
	m := map[int]int{1: 1}
	for _, c := range []struct {
		chain audit.Hook
		want  string
	}{
		{audit.Chain(link("a", nil), link("veto", errors.New("no")), link("b", nil)), "a aborted"},
		{audit.Chain(link("a", nil), link("skips", audit.ErrSkipAfter), link("b", nil)), "b deleted, a deleted"},
		{audit.Chain(link("a", nil), outer{audit.Chain(link("b", nil), link("c", nil))}), "c absent, b absent, a absent"},
		{audit.Chain(link("a", nil), audit.Cascade("panics", func(*audit.Op) error { panic("no") })), "a aborted"},
	} {
		calls = nil
		old := audit.Set(outer{c.chain})
		_ = audit.Delete(m, 1)
		audit.Set(old)
		if got := strings.Join(calls, ", "); got != c.want {
			t.Errorf("called %s, want %s", got, c.want)
		}
	}
}

// TestDeletesFromNoMap: the package's bookkeeping makes no delete of its own,
// which would be seen among those of the program. The one delete in it is the
// caller's, where the runtime's functions are not bound.
func TestDeletesFromNoMap(t *testing.T) {
	fset := token.NewFileSet()
	read := 0
	for _, pattern := range []string{"*.go", "fact/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(fset, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			read++
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "remove" {
					continue
				}
				ast.Inspect(d, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok {
						if fn, ok := call.Fun.(*ast.Ident); ok && (fn.Name == "delete" || fn.Name == "clear") {
							t.Errorf("%v: %s", fset.Position(call.Pos()), fn.Name)
						}
					}
					return true
				})
			}
		}
	}
	if read < 10 {
		t.Errorf("only %d files were read", read)
	}
}
