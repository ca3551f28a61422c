package audit_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"deltui.example/hookdemo/audit"
)

// probe is a hook made of functions, that writes down what it is told.
type probe struct {
	name   string
	before func(*audit.Op) error
	after  func(*audit.Op)

	mu  sync.Mutex
	ops []audit.Op // as seen in After
}

func (p *probe) Name() string { return p.name }

func (p *probe) Before(op *audit.Op) error {
	if p.before != nil {
		return p.before(op)
	}
	return nil
}

func (p *probe) After(op *audit.Op) {
	p.mu.Lock()
	p.ops = append(p.ops, *op)
	p.mu.Unlock()
	if p.after != nil {
		p.after(op)
	}
}

// use sets the hook for the test's time.
func use(t testing.TB, h audit.Hook) {
	old := audit.Set(h)
	t.Cleanup(func() { audit.Set(old) })
}

func TestOp(t *testing.T) {
	p := &probe{name: "probe"}
	use(t, p)
	m := map[string]int{"a": 1, "b": 2}
	for _, k := range []string{"a", "a"} {
		if err := audit.Delete(m, k); err != nil {
			t.Fatal(err)
		}
	}
	var none map[string]int
	if err := audit.Delete(none, "a"); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Found         bool
		Outcome       audit.Outcome
		Before, After int
	}
	var got []row
	for _, op := range p.ops {
		if op.Key != "a" || op.Hooks != "probe" {
			t.Errorf("key %v, hooks %q", op.Key, op.Hooks)
		}
		if reflect.TypeOf(op.Map) != reflect.TypeOf(m) {
			t.Errorf("map of type %T", op.Map)
		}
		got = append(got, row{op.Found, op.Outcome, op.LenBefore, op.LenAfter})
	}
	want := []row{{true, audit.Deleted, 2, 1}, {false, audit.Absent, 1, 1}, {false, audit.Absent, 0, 0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDeleteAnyRefuses(t *testing.T) {
	m := map[int]int{1: 1}
	for _, c := range []struct {
		m, k any
		want string
	}{
		{3, 1, "a int is no map"},
		{m, "a", "a string is no key of a map[int]int"},
		{m, nil, "no key"},
		{nil, 1, "is no map"},
	} {
		if err := audit.DeleteAny(context.Background(), c.m, c.k); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("DeleteAny(%v, %v): %v, want %q", c.m, c.k, err, c.want)
		}
	}
}

func TestChain(t *testing.T) {
	var calls []string
	link := func(name string, err error) *probe {
		return &probe{
			name:   name,
			before: func(*audit.Op) error { calls = append(calls, name+" before"); return err },
			after:  func(op *audit.Op) { calls = append(calls, name+" after "+string(op.Outcome)) },
		}
	}
	m := map[int]int{1: 1}
	use(t, audit.Chain(link("a", nil), audit.NoOp, audit.Chain(link("b", nil), link("c", errors.New("no"))), link("d", nil)))
	if name := audit.Current().Name(); name != "a+b+c+d" {
		t.Errorf("chain is named %q", name)
	}
	err := audit.Delete(m, 1)
	var abort *audit.AbortError
	if !errors.As(err, &abort) || abort.Hook != "c" || len(m) != 1 {
		t.Errorf("err %v, map %v", err, m)
	}
	want := "a before, b before, c before, b after aborted, a after aborted"
	if got := strings.Join(calls, ", "); got != want {
		t.Errorf("called %s\n  want %s", got, want)
	}
}

func TestSwitchWhileDeleting(t *testing.T) {
	use(t, nil)
	hooks := []audit.Hook{nil, &probe{name: "one"}, audit.Chain(&probe{name: "two"}, audit.Cascade("three", func(*audit.Op) error { return nil }))}
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
					return
				default:
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
		audit.Set(hooks[i%len(hooks)])
		runtime.Gosched()
	}
	close(stop)
	wg.Wait()
}

// TestPanics: a hook's panic is recorded, and the outcome is told all the same.
func TestPanics(t *testing.T) {
	var told []audit.Fault
	audit.OnFault(func(f audit.Fault) { told = append(told, f); panic("in the reporter too") })
	defer audit.OnFault(nil)
	watch := &probe{name: "watch"}
	bad := &probe{
		name:   "bad",
		before: func(*audit.Op) error { panic("in before") },
		after:  func(*audit.Op) { t.Error("After of a hook whose Before panicked") },
	}
	late := &probe{name: "late", after: func(*audit.Op) { panic(fmt.Errorf("in after")) }}
	use(t, audit.Chain(watch, bad, late))
	m := map[int]int{1: 1, 2: 2}
	before := audit.Totals()
	if err := audit.Delete(m, 1); err != nil || len(m) != 1 {
		t.Fatalf("err %v, map %v", err, m)
	}
	op := watch.ops[0]
	if op.Outcome != audit.Deleted || len(op.Faults) != 2 {
		t.Fatalf("outcome %s, faults %v", op.Outcome, op.Faults)
	}
	if got := fmt.Sprint(op.Faults); got != "[bad.before: in before late.after: in after]" {
		t.Errorf("faults %s", got)
	}
	if !strings.Contains(op.Faults[0].Stack, "TestPanics") {
		t.Errorf("the fault's stack does not lead to its hook:\n%s", op.Faults[0].Stack)
	}
	if len(told) != 2 || audit.Totals().Faults != before.Faults+2 {
		t.Errorf("told %v, totals %+v after %+v", told, audit.Totals(), before)
	}
}

func TestCascade(t *testing.T) {
	parent, child := map[string]int{"p": 1, "q": 2}, map[string]int{"p": 1}
	watch := &probe{name: "watch"}
	use(t, audit.Chain(watch, audit.Cascade("cascade", func(op *audit.Op) error {
		switch {
		case op.Nest > 0:
			return nil
		case op.Key == "q":
			panic("no")
		}
		return audit.Delete(child, op.Key.(string))
	})))
	if err := audit.Delete(parent, "p"); err != nil || len(parent) != 1 || len(child) != 0 {
		t.Errorf("err %v, parent %v, child %v", err, parent, child)
	}
	if err := audit.Delete(parent, "q"); err == nil || len(parent) != 1 {
		t.Errorf("a cascade that panicked did not abort: %v, %v", err, parent)
	}
	var got []string
	for _, op := range watch.ops {
		got = append(got, fmt.Sprintf("%v nest %d %s %d", op.Key, op.Nest, op.Outcome, len(op.Faults)))
	}
	if s := strings.Join(got, "; "); s != "p nest 1 deleted 0; p nest 0 deleted 0; q nest 0 aborted 1" {
		t.Errorf("saw %s", s)
	}
}

// TestDepth: a hook that deletes without end, one delete in each.
func TestDepth(t *testing.T) {
	m := map[int]int{}
	for i := 0; i < 100; i++ {
		m[i] = i
	}
	var deepest int
	var refused error
	use(t, &probe{name: "again", before: func(op *audit.Op) error {
		if op.Nest > deepest {
			deepest = op.Nest
		}
		if err := audit.Delete(m, op.Key.(int)+1); err != nil && refused == nil {
			refused = err
		}
		return nil
	}})
	before := audit.Totals().Refused
	if err := audit.Delete(m, 0); err != nil {
		t.Fatal(err)
	}
	var limit *audit.NestError
	if deepest != audit.DefaultDepth || !errors.As(refused, &limit) || limit.What != "depth" {
		t.Errorf("went %d deep, then %v", deepest, refused)
	}
	if got := 100 - len(m); got != audit.DefaultDepth+1 {
		t.Errorf("%d deleted, want the outermost and %d nested", got, audit.DefaultDepth)
	}
	if audit.Totals().Refused != before+1 {
		t.Errorf("refused %d, want 1", audit.Totals().Refused-before)
	}
}

// TestCount: a hook whose deletes fan out, so that depth alone would let them
// be 50^8.
func TestCount(t *testing.T) {
	audit.SetLimits(8, 200)
	defer audit.SetLimits(audit.DefaultDepth, audit.DefaultCount)
	var wg sync.WaitGroup
	var ran int64
	use(t, &probe{name: "fan", after: func(op *audit.Op) {
		atomic.AddInt64(&ran, 1)
		if op.Nest == 4 {
			return
		}
		for i := 0; i < 50; i++ {
			_ = audit.Delete(op.Map.(map[int]int), op.Key.(int)*50+i)
		}
	}})
	for g := 0; g < 3; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for round := 0; round < 2; round++ { // the count begins anew with each outermost delete
				if err := audit.Delete(map[int]int{1: 1}, 1); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if got := atomic.LoadInt64(&ran); got != 3*2*201 {
		t.Errorf("%d ops ran, want 201 for each of 6 outermost deletes", got)
	}
}

func TestGoexit(t *testing.T) {
	watch := &probe{name: "watch"}
	use(t, audit.Chain(watch, &probe{name: "leaver", before: func(*audit.Op) error { runtime.Goexit(); return nil }}))
	m := map[int]int{1: 1}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = audit.Delete(m, 1)
	}()
	<-done
	if len(m) != 1 || len(watch.ops) != 1 || watch.ops[0].Outcome != audit.Exited {
		t.Errorf("map %v, ops %+v", m, watch.ops)
	}
	audit.Set(watch)
	_ = audit.Delete(m, 1)
	if op := watch.ops[1]; op.Nest != 0 || op.Outcome != audit.Deleted {
		t.Errorf("after a goroutine's end: %+v", op)
	}
}

// BenchmarkDelete compares a bare delete with an audited one under each hook of
// this package. Each op puts a key and deletes it.
func BenchmarkDelete(b *testing.B) {
	nothing := &probe0{}
	for _, c := range []struct {
		name string
		del  func(map[uint64]int, uint64)
		hook audit.Hook
	}{
		{"builtin", func(m map[uint64]int, k uint64) { delete(m, k) }, nil},
		{"NoOp", func(m map[uint64]int, k uint64) { _ = audit.Delete(m, k) }, nil},
		{"empty-hook", func(m map[uint64]int, k uint64) { _ = audit.Delete(m, k) }, nothing},
		{"chain-of-3", func(m map[uint64]int, k uint64) { _ = audit.Delete(m, k) }, audit.Chain(nothing, nothing, nothing)},
		{"Cascade", func(m map[uint64]int, k uint64) { _ = audit.Delete(m, k) }, audit.Cascade("c", func(*audit.Op) error { return nil })},
	} {
		b.Run(c.name, func(b *testing.B) {
			use(b, c.hook)
			m := map[uint64]int{}
			for i := uint64(0); i < 1000; i++ {
				m[i] = 1
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				m[5] = 1
				c.del(m, 5)
			}
		})
	}
}

type probe0 struct{}

func (*probe0) Name() string           { return "empty" }
func (*probe0) Before(*audit.Op) error { return nil }
func (*probe0) After(*audit.Op)        {}
