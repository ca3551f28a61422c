package live_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

// callers is whose each delete of the program is: a function, what follows it in
// a name (a closure's number) left open.
var callers = map[string]string{
	"1": "main.evictDirect", "2": "main.(*cache).evictMethod", "3": "main.evictInlined", "4": "main.evictReflect",
	"5": "main.evictSort.func1", "6": "example.com/dep.Drop[", "7": "main.evictEach.func1", "8": "main.evictClosure.func1",
	"9": "main.evictDeferred", "10": "main.evictPanicking", "11": "main.evictOnce.func1", "12": "main.drop",
	"20": "main.evictMaps", "21": "main.evictSlices.func1", "22": "main.evictInMaps.func1",
}

// Whoever asks whose a delete is gets the same answer: the op, the filter, and
// the condition.
func TestCaller(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		path := build(t, tc, "callers")
		for _, depth := range []int{64, 1, 0} {
			s := watch(t, context.Background(), path, nil, probe.Plan{Stack: depth, Tight: true})
			if n := len(s.acts); n != 12 && n != 15 {
				t.Errorf("%d ops: %v", n, s.told())
			}
			for _, a := range s.acts {
				if want := callers[a.Op.KeyText]; want == "" || !strings.HasPrefix(a.Op.Caller.Func, want) || a.Op.Caller.Line == 0 {
					t.Errorf("depth %d: the delete of %s is said to be %+v's, want %s", depth, a.Op.KeyText, a.Op.Caller, want)
				}
				if len(a.Op.Stack) > depth {
					t.Errorf("depth %d: %d frames", depth, len(a.Op.Stack))
				}
			}
			if depth == 1 {
				continue
			}
			for _, word := range []string{"evict", "DeleteFunc", "Drop"} {
				q := query(t, "func~"+word)
				var want []string
				for _, a := range s.acts {
					if q.Match(a.Op) {
						want = append(want, a.Op.KeyText)
					}
				}
				filtered := watch(t, context.Background(), path, nil, probe.Plan{Stack: depth, Filter: probe.Filter{Func: word}, Tight: true})
				equal(t, fmt.Sprintf("--func %s, depth %d", word, depth), filtered.keys(), want)
				if depth == 0 {
					equal(t, "until func~"+word, untilEach(t, path, q), want)
				}
			}
		}
	})
}

func query(t *testing.T, text string) trace.Query {
	t.Helper()
	q, err := trace.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (w *watched) keys() (keys []string) {
	for _, a := range w.acts {
		keys = append(keys, a.Op.KeyText)
	}
	return keys
}

// untilEach runs a program from one op for which q holds to the next, and lists
// their keys.
func untilEach(t *testing.T, path string, q trace.Query) (keys []string) {
	t.Helper()
	l, err := launch.Launch(context.Background(), launch.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline(t)
	command := func(c probe.Command) {
		if err := l.Do(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan error, 1)
	command(probe.Run{Until: q})
	go func() {
		done <- l.Run(context.Background(), probe.Plan{Ops: deletes, Seen: tl}, tl.Sink())
	}()
	var last trace.OpID
	for {
		s := l.State()
		if s.Doing == probe.Resting && s.At.Op != last {
			last = s.At.Op
			op, err := tl.Op(last)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, op.KeyText)
			command(probe.Run{Until: q})
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return keys
		case <-time.After(time.Millisecond):
		}
	}
}

// An op of the standard library has a caller too: the user's function that led to
// it, however far, and however few frames are wanted.
func TestCallerOfStd(t *testing.T) {
	everyVersion(t, func(t *testing.T, tc testenv.Toolchain) {
		path := build(t, tc, "callers")
		for _, depth := range []int{256, 0} {
			s := watch(t, context.Background(), path, []string{"deep"}, probe.Plan{
				Ops: []gomap.OpKind{gomap.Assign}, Stack: depth, Std: true, Tight: true,
			})
			var frames []int
			for _, a := range s.acts {
				if a.Op.KeyText != `"inner"` {
					continue
				}
				frames = append(frames, len(a.Op.Stack))
				if a.Op.Caller.Func != "main.deepStd" {
					t.Errorf("depth %d: an assign of the inner template is said to be %s's", depth, a.Op.Caller.Func)
				}
			}
			if len(frames) == 0 || depth > 0 && slices.Max(frames) < 40 {
				t.Errorf("depth %d: the inner template is assigned below %v frames: this proves nothing", depth, frames)
			}
		}
		// Without --std they stay hidden: the library asked for them.
		s := watch(t, context.Background(), path, []string{"deep"}, probe.Plan{Ops: []gomap.OpKind{gomap.Assign}, Tight: true, Filter: probe.Filter{Func: "deepStd"}})
		equal(t, "without --std", s.told(), "[]")
	})
}
