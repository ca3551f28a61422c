package probe

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

func buildHard(t *testing.T, tc testenv.Toolchain) string {
	t.Helper()
	testenv.NeedPtrace(t)
	archive, err := os.ReadFile("testdata/hard.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return tc.Build(t, testenv.Unpack(t, archive))
}

var deletes = []gomap.OpKind{gomap.Delete, gomap.Clear}

// watchHard runs one of the program's acts to its end.
func watchHard(t *testing.T, tc testenv.Toolchain, act string, plan Plan) *memSink {
	t.Helper()
	l, err := Launch(context.Background(), LaunchConfig{Path: buildHard(t, tc), Args: []string{act}})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Ops == nil {
		plan.Ops = deletes
	}
	plan.Stack, plan.Tight = 64, true
	s := &memSink{}
	if err := l.Run(context.Background(), plan, s); err != nil {
		t.Fatalf("%s: %v", act, err)
	}
	if l.State().Doing != Ended {
		t.Errorf("%s: after its end the source says %+v", act, l.State())
	}
	return s
}

// everyVersion runs a test on an old, a middle and the local toolchain.
func everyVersion(t *testing.T, f func(t *testing.T, tc testenv.Toolchain)) {
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) { f(t, tc) })
	}
}

// told is an op as these tests compare it.
func told(s *memSink, id trace.OpID) string {
	o, e := s.ops[id-1], s.ends[id]
	text := fmt.Sprintf("%s %s %s", o.Kind, o.KeyText, e.Outcome)
	return text
}

func tellAll(s *memSink) (all []string) {
	for _, id := range s.order {
		all = append(all, told(s, id))
	}
	return all
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func TestGoroutines(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "goroutines", Plan{})
		keys := make(map[string]int)
		perMap := make(map[int][]string)
		for _, id := range s.order {
			o, e := s.ops[id-1], s.ends[id]
			keys[o.KeyText]++
			perMap[o.Map.ID] = append(perMap[o.Map.ID], told(s, id))
			if e.Decoded == nil || !e.Decoded.Delta.Found || e.Decoded.Delta.Unexplained != 0 {
				t.Errorf("op on %s: %+v", o.KeyText, e.Decoded)
			}
		}
		for g := range 16 {
			for i := range 20 {
				if k := fmt.Sprint(g*1000 + i); keys[k] != 1 {
					t.Errorf("the delete of %s was seen %d times", k, keys[k])
				}
			}
		}
		if len(perMap) != 16 {
			t.Errorf("%d maps, want 16", len(perMap))
		}
		for id, ops := range perMap {
			for i, op := range ops {
				if want := fmt.Sprintf("returned %d→%d", 20-i, 19-i); !strings.HasSuffix(op, want) {
					t.Errorf("map %d, op %d is %q, want …%s", id, i, op, want)
				}
			}
		}
		equal(t, "ops", len(s.order), 320)
		equal(t, "output", string(s.out), "done\n")
		equal(t, "fate", s.fate.Text, "exited with status 0")
	})
}

func TestOneMapUnderMutex(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "mutex", Plan{})
		equal(t, "ops", len(s.order), 160)
		goroutines := make(map[int64]bool)
		for i, id := range s.order {
			o, e := s.ops[id-1], s.ends[id]
			goroutines[o.Goroutine] = true
			if o.Map.ID != 1 || o.Drift != 0 {
				t.Errorf("op %d: map %d, drift %d", i, o.Map.ID, o.Drift)
			}
		}
		equal(t, "goroutines", len(goroutines), 16)
	})
}

func TestPanics(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "panic-recovered", Plan{})
		var got []string
		for _, id := range s.order {
			got = append(got, s.ends[id].Outcome.String())
			if m := s.ends[id].Message; s.ends[id].Outcome == trace.Panicked && (!strings.HasPrefix(m, "panic: hash of unhashable type") || !strings.HasSuffix(m, " []int")) {
				t.Errorf("the panic says %q", m)
			}
		}
		equal(t, "outcomes", got, "[panicked panicked panicked returned]")
		if strings.Count(string(s.out), "recovered: ") != 3 {
			t.Errorf("output %q", s.out)
		}

		s = watchHard(t, tc, "panic", Plan{})
		equal(t, "ops", len(s.order), 1)
		equal(t, "outcome", s.ends[1].Outcome, "panicked")
		equal(t, "address", s.ops[0].Map.Addr, 0)
		equal(t, "fate", s.fate.Text, "exited with status 2")
		if !strings.Contains(string(s.out), "panic: ") {
			t.Errorf("what it said last: %q", s.out)
		}

		s = watchHard(t, tc, "assign-nil", Plan{Ops: []gomap.OpKind{gomap.Assign, gomap.Delete}})
		equal(t, "ops", tellAll(s), `[assign "x" panicked delete 1 returned]`)
	})
}

func TestFatal(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		l, err := Launch(context.Background(), LaunchConfig{Path: buildHard(t, tc), Args: []string{"fatal", flavour(tc)}})
		if err != nil {
			t.Fatal(err)
		}
		s := &memSink{}
		if err := l.Run(context.Background(), Plan{Ops: deletes, Stack: 8}, s); err != nil {
			t.Fatal(err)
		}
		equal(t, "ops", len(s.order), 1)
		equal(t, "outcome", s.ends[1].Outcome, "fatal")
		equal(t, "message", s.ends[1].Message, "fatal error: concurrent map writes")
		if !strings.Contains(string(s.out), "fatal error: concurrent map writes") {
			t.Errorf("what it said last: %.300q", s.out)
		}
		equal(t, "fate", s.fate.Text, "exited with status 2")
	})
}

func flavour(tc testenv.Toolchain) string {
	minor := 0
	if _, err := fmt.Sscanf(tc.Version, "1.%d", &minor); err == nil && minor < 24 || tc.Experiment == "noswissmap" {
		return "classic"
	}
	return "swiss"
}

// Two goroutines that delete from one map at once: every op that begins ends,
// however the runtime takes it.
func TestConcurrentWrites(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	l, err := Launch(ctx, LaunchConfig{Path: buildHard(t, testenv.Local), Args: []string{"concurrent"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &memSink{}
	if err := l.Run(ctx, Plan{Ops: deletes}, s); err != nil {
		t.Fatal(err)
	}
	if len(s.order) != len(s.ops) || len(s.ops) == 0 {
		t.Errorf("%d ops began, %d ended", len(s.ops), len(s.order))
	}
	t.Logf("%d ops, fate: %s", len(s.ops), s.fate.Text)
}

func TestEnds(t *testing.T) {
	for _, c := range []struct{ act, fate, ops, says string }{
		{"os.Exit", "exited with status 3", "[delete 1 returned 3→2]", ""},
		{"at-once", "exited with status 0", "[]", ""},
		{"crash", "exited with status 2", "[delete 1 returned 3→2]", "nil pointer dereference"},
		{"deadlock", "exited with status 2", "[delete 1 returned 3→2]", "all goroutines are asleep"},
		{"nothing-there", "exited with status 0", "[delete 1 returned delete 2 returned 0→0 delete 4 returned 1→1]", "done"},
		{"std", "exited with status 0", "[delete 1 returned 2→1]", "done"},
	} {
		t.Run(c.act, func(t *testing.T) {
			s := watchHard(t, testenv.Local, c.act, Plan{})
			equal(t, "ops", tellAll(s), c.ops)
			equal(t, "fate", s.fate.Text, c.fate)
			if !strings.Contains(string(s.out), c.says) {
				t.Errorf("output %q, want %q in it", s.out, c.says)
			}
		})
	}
}

func TestReflect(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "reflect", Plan{})
		equal(t, "ops", tellAll(s), `[delete "a" returned 2→1 delete 2 returned 2→1 delete 7 returned 1→0]`)
		for _, o := range s.ops {
			if !strings.HasPrefix(o.Func, "reflect.mapdelete") || len(o.Stack) == 0 || o.Stack[0].Func != o.Func {
				t.Errorf("%s of %s by %v", o.Func, o.KeyText, o.Stack)
			}
		}
		equal(t, "type", s.ops[2].Map.Type, "map[uint8]string")
	})
}

func TestRangeClear(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "cleared", Plan{})
		equal(t, "ops", tellAll(s), "[clear  returned 20→0]")
		equal(t, "unexplained", s.ends[1].Decoded.Delta.Unexplained, 0)
	})
}

// A header on a stack that moves between an op's entry and its return, or
// between ops, is the same map.
func TestStackMaps(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "stack-map", Plan{})
		equal(t, "ops", tellAll(s), "[delete 0 returned 6→5 delete 1 returned 5→4 delete 2 returned 4→3]")
		for _, o := range s.ops {
			if !o.Map.OnStack || o.Map.ID != 1 {
				t.Errorf("map %+v", o.Map)
			}
		}
		s = watchHard(t, tc, "stack-moves", Plan{})
		addrs, ids := map[uint64]bool{}, map[int]bool{}
		for i, id := range s.order {
			o, e := s.ops[id-1], s.ends[id]
			addrs[o.Map.Addr], ids[o.Map.ID] = true, true
			if want := fmt.Sprintf("[%d %d]", 6-i, 5-i); e.Decoded == nil || fmt.Sprint(e.Decoded.Delta.Used) != want || e.Decoded.Delta.Unexplained != 0 {
				t.Errorf("op %d: %+v, want used %s", i, e.Decoded, want)
			}
		}
		equal(t, "ops", len(s.order), 6)
		equal(t, "maps", len(ids), 1)
		if len(addrs) < 2 {
			t.Logf("the stack did not move in this version: %v", addrs)
		}
	})
}

func TestGCInBetween(t *testing.T) {
	s := watchHard(t, testenv.Local, "gc", Plan{})
	equal(t, "ops", len(s.order), 200)
	for _, id := range s.order {
		if d := s.ends[id].Decoded; d == nil || d.Delta.Unexplained != 0 {
			t.Errorf("op %d: %+v", id, d)
		}
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		name string
		f    Filter
		want int
	}{
		{"key", Filter{Key: "3005"}, 1},
		{"func", Filter{Func: `main\.drop$`}, 320},
		{"entry point", Filter{Func: `mapdelete_fast64`}, 320},
		{"no such func", Filter{Func: `main\.nobody`}, 0},
		{"type", Filter{Map: "map[int]int"}, 320},
		{"other type", Filter{Map: "map[string]int"}, 0},
		{"one map", Filter{Map: "#2"}, 20},
		{"no such goroutine", Filter{Goroutine: 1 << 40}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := watchHard(t, testenv.Local, "goroutines", Plan{Filter: c.f})
			equal(t, "ops", len(s.order), c.want)
			if s.usage.Stops < 200 { // several hits can share a stop
				t.Errorf("%d stops: a filter does not save them", s.usage.Stops)
			}
		})
	}
	if _, err := newFilter(Filter{Func: "("}); err == nil {
		t.Error("a broken regular expression is taken")
	}
	if _, err := newFilter(Filter{Map: "#x"}); err == nil {
		t.Error("a map that is none is taken")
	}
}

func TestStdOps(t *testing.T) {
	s := watchHard(t, testenv.Local, "std", Plan{Std: true})
	var std, own int
	for _, o := range s.ops {
		if strings.HasPrefix(o.Stack[1].Func, "main.") {
			own++
		} else {
			std++
		}
	}
	if own != 1 || std == 0 {
		keys := tellAll(s)
		sort.Strings(keys)
		t.Errorf("%d own ops and %d of the standard library: %v", own, std, keys)
	}
}

// A target that is killed while it stands still is news, not an error.
func TestKilledAtRest(t *testing.T) {
	l, err := Launch(context.Background(), LaunchConfig{Path: buildHard(t, testenv.Local), Args: []string{"mutex"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &memSink{}
	done := make(chan error, 1)
	go func() { done <- l.Run(context.Background(), Plan{Ops: deletes, Paused: true}, s) }()
	for l.State().Doing != Resting {
		time.Sleep(10 * time.Millisecond)
	}
	if err := syscall.Kill(l.proc.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := l.Do(context.Background(), Run{}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	equal(t, "outcomes", s.ends[1].Outcome, "exited")
	if !strings.Contains(s.fate.Text, "kill") {
		t.Errorf("fate %+v", s.fate)
	}
}

func TestMax(t *testing.T) {
	s := watchHard(t, testenv.Local, "goroutines", Plan{Max: 7})
	equal(t, "ops", len(s.order), 7)
	equal(t, "begun", len(s.ops), 7)
	equal(t, "fate", s.fate.Text, "ended by deltui")
}
