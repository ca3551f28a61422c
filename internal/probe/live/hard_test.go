package live_test

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
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

// build builds a program of testdata.
func build(t *testing.T, tc testenv.Toolchain, name string) string {
	t.Helper()
	testenv.NeedPtrace(t)
	archive, err := os.ReadFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	return tc.Build(t, testenv.Unpack(t, archive))
}

var deletes = []gomap.OpKind{gomap.Delete, gomap.Clear}

// watchHard runs one of the program's acts to its end.
func watchHard(t *testing.T, tc testenv.Toolchain, act string, plan probe.Plan) *watched {
	t.Helper()
	plan.Stack, plan.Tight = 64, true
	return watch(t, context.Background(), build(t, tc, "hard"), []string{act}, plan)
}

// everyVersion runs a test on an old, a middle and the local toolchain.
func everyVersion(t *testing.T, f func(t *testing.T, tc testenv.Toolchain)) {
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) { f(t, tc) })
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func TestGoroutines(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "goroutines", probe.Plan{})
		keys := make(map[string]int)
		perMap := make(map[int][]string)
		for _, a := range s.acts {
			keys[a.Op.KeyText]++
			perMap[a.Op.Map.ID] = append(perMap[a.Op.Map.ID], told(a))
			if !a.Delta.Found || a.Delta.Unexplained != 0 {
				t.Errorf("op on %s: %+v", a.Op.KeyText, a.Delta)
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
		equal(t, "ops", len(s.acts), 320)
		equal(t, "output", s.out, "done\n")
		equal(t, "fate", s.tl.Fate().Text, "exited with status 0")
	})
}

func TestOneMapUnderMutex(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "mutex", probe.Plan{})
		equal(t, "ops", len(s.acts), 160)
		goroutines := make(map[int64]bool)
		for i, a := range s.acts {
			o := a.Op
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
		s := watchHard(t, tc, "panic-recovered", probe.Plan{})
		var got []string
		for _, a := range s.acts {
			got = append(got, a.Op.Outcome.String())
			if m := a.Op.Message; a.Op.Outcome == trace.Panicked && (!strings.HasPrefix(m, "panic: hash of unhashable type") || !strings.HasSuffix(m, " []int")) {
				t.Errorf("the panic says %q", m)
			}
		}
		equal(t, "outcomes", got, "[panicked panicked panicked returned]")
		if strings.Count(s.out, "recovered: ") != 3 {
			t.Errorf("output %q", s.out)
		}

		s = watchHard(t, tc, "panic", probe.Plan{})
		equal(t, "ops", len(s.acts), 1)
		equal(t, "outcome", s.acts[0].Op.Outcome, "panicked")
		equal(t, "address", s.acts[0].Op.Map.Addr, 0)
		equal(t, "fate", s.tl.Fate().Text, "exited with status 2")
		if !strings.Contains(s.out, "panic: ") {
			t.Errorf("what it said last: %q", s.out)
		}

		s = watchHard(t, tc, "assign-nil", probe.Plan{Ops: []gomap.OpKind{gomap.Assign, gomap.Delete}})
		equal(t, "ops", s.told(), `[assign "x" panicked delete 1 returned]`)
	})
}

func TestFatal(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watch(t, context.Background(), build(t, tc, "hard"), []string{"fatal", flavour(tc)}, probe.Plan{Stack: 8})
		equal(t, "ops", len(s.acts), 1)
		equal(t, "outcome", s.acts[0].Op.Outcome, "fatal")
		equal(t, "message", s.acts[0].Op.Message, "fatal error: concurrent map writes")
		if !strings.Contains(s.out, "fatal error: concurrent map writes") {
			t.Errorf("what it said last: %.300q", s.out)
		}
		equal(t, "fate", s.tl.Fate().Text, "exited with status 2")
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
	s := watch(t, ctx, build(t, testenv.Local, "hard"), []string{"concurrent"}, probe.Plan{})
	if n := len(s.tl.Pending()); n != 0 || len(s.acts) == 0 {
		t.Errorf("%d ops ended, %d did not", len(s.acts), n)
	}
	t.Logf("%d ops, fate: %s", len(s.acts), s.tl.Fate().Text)
}

// What one goroutine's op writes while another's on the same map is in progress
// is no drift: nobody can tell who wrote it, but both are watched.
func TestOverlap(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		// Where the rows lie decides whether the clear has come to any when it is
		// held; it does in all but a few runs.
		const tries = 10
		for range tries {
			if overlap(t, tc) > 0 || t.Failed() {
				return
			}
		}
		t.Errorf("the delete did not see the clear at work in %d runs, so nothing was proved", tries)
	})
}

// overlap watches one run, and counts the deletes that saw a clear at work.
func overlap(t *testing.T, tc testenv.Toolchain) (amidst int) {
	t.Helper()
	s := watch(t, context.Background(), build(t, tc, "hard"), []string{"overlap", flavour(tc)}, probe.Plan{})
	if len(s.acts) != 4 {
		t.Fatalf("ops: %v", s.told())
	}
	for _, a := range s.acts {
		equal(t, "map", a.Op.Map.ID, 1)
		if a.Op.Drift != 0 {
			t.Errorf("op %d (%s) drifts by %d since op %d", a.Op.Seq, told(a), a.Op.Drift, a.Op.Since)
		}
		for _, was := range s.acts {
			if was.Op.Map.ID == a.Op.Map.ID && was.Op.ID < a.Op.ID && a.Op.KeyText == "1" && len(gomap.Drift(was.After.Map, a.Before.Map)) > 0 {
				amidst++
			}
		}
	}
	midst := "399→399"
	if s.acts[1].Op.KeyText == "1" && s.acts[1].Delta.Used[0] == 0 {
		midst = "0→0" // this runtime sets the count before it clears the rows
	}
	equal(t, "ops", s.told(), "[delete 1 returned 400→399 delete 1 returned "+midst+" clear  returned 399→0 delete 2 returned 0→0]")
	return amidst
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
			s := watchHard(t, testenv.Local, c.act, probe.Plan{})
			equal(t, "ops", s.told(), c.ops)
			equal(t, "fate", s.tl.Fate().Text, c.fate)
			if !strings.Contains(s.out, c.says) {
				t.Errorf("output %q, want %q in it", s.out, c.says)
			}
		})
	}
}

func TestReflect(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "reflect", probe.Plan{})
		equal(t, "ops", s.told(), `[delete "a" returned 2→1 delete 2 returned 2→1 delete 7 returned 1→0]`)
		for _, a := range s.acts {
			o := a.Op
			if !strings.HasPrefix(o.Func, "reflect.mapdelete") || len(o.Stack) == 0 || o.Stack[0].Func != o.Func {
				t.Errorf("%s of %s by %v", o.Func, o.KeyText, o.Stack)
			}
		}
		equal(t, "type", s.acts[2].Op.Map.Type, "map[uint8]string")
	})
}

func TestRangeClear(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "cleared", probe.Plan{})
		equal(t, "ops", s.told(), "[clear  returned 20→0]")
		equal(t, "unexplained", s.acts[0].Delta.Unexplained, 0)
	})
}

// A header on a stack that moves between an op's entry and its return, or
// between ops, is the same map.
func TestStackMaps(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		s := watchHard(t, tc, "stack-map", probe.Plan{})
		equal(t, "ops", s.told(), "[delete 0 returned 6→5 delete 1 returned 5→4 delete 2 returned 4→3]")
		for _, a := range s.acts {
			o := a.Op
			if !o.Map.OnStack || o.Map.ID != 1 {
				t.Errorf("map %+v", o.Map)
			}
		}
		s = watchHard(t, tc, "stack-moves", probe.Plan{})
		addrs, ids := map[uint64]bool{}, map[int]bool{}
		for i, a := range s.acts {
			addrs[a.Op.Map.Addr], ids[a.Op.Map.ID] = true, true
			if want := fmt.Sprintf("[%d %d]", 6-i, 5-i); fmt.Sprint(a.Delta.Used) != want || a.Delta.Unexplained != 0 {
				t.Errorf("op %d: %+v, want used %s", i, a.Delta, want)
			}
		}
		equal(t, "ops", len(s.acts), 6)
		equal(t, "maps", len(ids), 1)
		if len(addrs) < 2 {
			t.Logf("the stack did not move in this version: %v", addrs)
		}
	})
}

func TestGCInBetween(t *testing.T) {
	s := watchHard(t, testenv.Local, "gc", probe.Plan{})
	equal(t, "ops", len(s.acts), 200)
	for _, a := range s.acts {
		if a.Delta.Unexplained != 0 {
			t.Errorf("op %d: %+v", a.Op.Seq, a.Delta)
		}
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		name string
		f    probe.Filter
		want int
	}{
		{"key", probe.Filter{Key: "3005"}, 1},
		{"func", probe.Filter{Func: `main\.drop$`}, 320},
		{"entry point", probe.Filter{Func: `mapdelete_fast64`}, 320},
		{"no such func", probe.Filter{Func: `main\.nobody`}, 0},
		{"type", probe.Filter{Map: "map[int]int"}, 320},
		{"other type", probe.Filter{Map: "map[string]int"}, 0},
		{"one map", probe.Filter{Map: "#2"}, 20},
		{"no such goroutine", probe.Filter{Goroutine: 1 << 40}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := watchHard(t, testenv.Local, "goroutines", probe.Plan{Filter: c.f})
			equal(t, "ops", len(s.acts), c.want)
			if s.tl.Usage().Stops < 200 { // several hits can share a stop
				t.Errorf("%d stops: a filter does not save them", s.tl.Usage().Stops)
			}
		})
	}
}

func TestStdOps(t *testing.T) {
	s := watchHard(t, testenv.Local, "std", probe.Plan{Std: true})
	var std, own int
	for _, a := range s.acts {
		if strings.HasPrefix(a.Op.Stack[1].Func, "main.") {
			own++
		} else {
			std++
		}
	}
	if own != 1 || std == 0 {
		keys := s.told()
		sort.Strings(keys)
		t.Errorf("%d own ops and %d of the standard library: %v", own, std, keys)
	}
}

// A target that is killed while it stands still is news, not an error.
func TestKilledAtRest(t *testing.T) {
	l, err := launch.Launch(context.Background(), launch.Config{Path: build(t, testenv.Local, "hard"), Args: []string{"mutex"}})
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline(t)
	done := make(chan error, 1)
	go func() { done <- l.Run(context.Background(), probe.Plan{Ops: deletes, Paused: true}, tl.Sink()) }()
	for l.State().Doing != probe.Resting {
		time.Sleep(10 * time.Millisecond)
	}
	if err := syscall.Kill(tl.Info().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := l.Do(context.Background(), probe.Run{}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	s := acts(t, tl)
	if len(s.acts) != 1 || s.acts[0].Op.Outcome != trace.Exited {
		t.Errorf("ops %v, want one that exited", s.told())
	}
	if !strings.Contains(tl.Fate().Text, "kill") {
		t.Errorf("fate %+v", tl.Fate())
	}
}

func TestMax(t *testing.T) {
	s := watchHard(t, testenv.Local, "goroutines", probe.Plan{Max: 7})
	equal(t, "ops", len(s.acts), 7)
	equal(t, "in progress", len(s.tl.Pending()), 0)
	equal(t, "fate", s.tl.Fate().Text, "killed by deltui")
}
