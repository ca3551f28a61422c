package live_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

// stepsProgram makes random ops, from a seed, on maps of all shapes: small and
// large, with keys and elems that are pointers, that are large, and that are
// hashed by calls; on the heap and on the stack. It grows them, drains them, and
// clears them.
const stepsProgram = `
-- go.mod --
module target

go 1.18
-- main.go --
package main

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
)

type wide struct{ a, b, c [8]uint64 } // larger than 128 bytes: kept by a pointer

var (
	ints    = map[uint64]int{}
	narrow  = map[uint32]bool{}
	texts   = map[string]string{}
	anys    = map[interface{}]interface{}{}
	wides   = map[wide]wide{}
	arrays  = map[[3]int32]*int{}
	nothing = map[int]struct{}{}
)

func main() {
	seed, _ := strconv.Atoi(os.Args[1])
	n, _ := strconv.Atoi(os.Args[2])
	r := rand.New(rand.NewSource(int64(seed)))
	stack := map[uint16]int8{}
	for i := 0; i < n; i++ {
		k := r.Intn(28)
		put, clear := r.Intn(5) < 3, r.Intn(60) == 0
		switch m := r.Intn(8); {
		case m == 0 && clear:
			for k := range ints {
				delete(ints, k)
			}
		case m == 0 && put:
			ints[uint64(k)] = k + 1
		case m == 0:
			delete(ints, uint64(k))
		case m == 1 && clear:
			for k := range narrow {
				delete(narrow, k)
			}
		case m == 1 && put:
			narrow[uint32(k)] = true
		case m == 1:
			delete(narrow, uint32(k))
		case m == 2 && clear:
			for k := range texts {
				delete(texts, k)
			}
		case m == 2 && put:
			texts["key "+strconv.Itoa(k)] = "elem"
		case m == 2:
			delete(texts, "key "+strconv.Itoa(k))
		case m == 3 && put:
			anys[[...]interface{}{k, "a", 1.5, 'x', [1]int{k}}[k%5]] = &k
		case m == 3:
			delete(anys, [...]interface{}{k, "a", 1.5, 'x', [1]int{k}}[k%5])
		case m == 4 && put:
			wides[wide{a: [8]uint64{uint64(k)}}] = wide{}
		case m == 4:
			delete(wides, wide{a: [8]uint64{uint64(k)}})
		case m == 5 && put:
			arrays[[3]int32{int32(k)}] = &k
		case m == 5:
			delete(arrays, [3]int32{int32(k)})
		case m == 6 && put:
			nothing[k] = struct{}{}
		case m == 6:
			delete(nothing, k)
		case put:
			stack[uint16(k%8)] = 1
		default:
			delete(stack, uint16(k%8))
		}
	}
	fmt.Println(len(ints)+len(narrow)+len(texts)+len(anys)+len(wides)+len(arrays)+len(nothing), len(stack))
}
`

var everything = []gomap.OpKind{gomap.Delete, gomap.Assign, gomap.Clear}

// What slow motion saw being written, joined together, is what an op's after has
// in place of its before: for every byte that belongs to the map at both.
func TestStepsAreTheOp(t *testing.T) {
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			path := tc.Build(t, testenv.Unpack(t, []byte(stepsProgram)))
			w := watch(t, context.Background(), path, []string{"1", "240"}, probe.Plan{Ops: everything, Steps: true})
			if len(w.acts) < 200 {
				t.Fatalf("%d ops", len(w.acts))
			}
			steps, cuts, bad := 0, 0, 0
			seen := map[string]int{}
			for _, a := range w.acts {
				ss, cut, err := moment.Steps(w.tl, a.Op, a.Changes())
				if err != nil {
					t.Fatal(err)
				}
				steps += len(ss)
				if cut != "" {
					cuts++
					t.Logf("op %d, %s: %s", a.Op.Seq, told(a), cut)
					continue
				}
				for i := range ss {
					if len(ss[i].Writes) == 0 || ss[i].At.Func == "?" || ss[i].At.Line == 0 {
						t.Errorf("op %d, step %d at %+v has %d writes", a.Op.Seq, ss[i].Number, ss[i].At, len(ss[i].Writes))
					}
					for _, w := range ss[i].Writes {
						seen[fmt.Sprint(w.Item.Part)]++
					}
				}
				if err := joined(a, ss); err != nil {
					if bad++; bad < 5 {
						t.Errorf("op %d, %s: %v", a.Op.Seq, told(a), err)
					}
					continue
				}
				// A proof that cannot fail proves nothing: without any one of the
				// steps the bytes are others, unless a later step writes the same
				// bytes or one undoes the other.
				if n := len(ss); n > 0 && a.Op.Seq%7 == 0 {
					fails := 0
					for i := range ss {
						if joined(a, slices.Delete(slices.Clone(ss), i, i+1)) != nil {
							fails++
						}
					}
					if fails == 0 && len(a.Changes()) > 0 {
						t.Errorf("op %d, %s: each of its %d steps can be left out, and nothing is missed", a.Op.Seq, told(a), n)
					}
				}
			}
			t.Logf("%d ops, %d steps, %d cut; items by part: %v", len(w.acts), steps, cuts, seen)
			if bad > 0 {
				t.Errorf("%d of %d ops differ", bad, len(w.acts))
			}
			if cuts*20 > len(w.acts) {
				t.Errorf("%d of %d ops were not followed to their end", cuts, len(w.acts))
			}
		})
	}
}

// joined applies the writes of steps to an op's before, one after the other, and
// compares with its after what was read of the map at both.
func joined(a *moment.Act, steps []moment.Step) error {
	if !a.Before.Shows() || !a.After.Shows() {
		if len(steps) > 0 {
			return fmt.Errorf("%d steps of a map that was not looked at", len(steps))
		}
		return nil
	}
	if a.Before.Root != a.After.Root {
		return nil // its stack moved
	}
	mem := map[uint64]byte{}
	for _, r := range trace.Regions(a.Before.Mem) {
		for i, b := range r.Data {
			mem[r.Addr+uint64(i)] = b
		}
	}
	for i := range steps {
		for _, w := range steps[i].Writes {
			for j := range w.To {
				addr := w.Item.Addr + uint64(j)
				if was, ok := mem[addr]; ok && was != w.From[j] {
					return fmt.Errorf("step %d: %#x is %02x, and not %02x: %s", steps[i].Number, addr, was, w.From[j], w.Text)
				}
				mem[addr] = w.To[j]
			}
		}
	}
	own := map[gomap.Role]bool{gomap.RoleHeader: true, gomap.RoleDirectory: true, gomap.RoleTable: true, gomap.RoleRow: true}
	for _, r := range trace.Regions(a.After.Mem) {
		if !own[r.Role] {
			continue
		}
		for i, b := range r.Data {
			addr := r.Addr + uint64(i)
			var was [1]byte
			if a.Before.Mem.ReadAt(was[:], addr, r.Role) == nil && mem[addr] != b {
				return fmt.Errorf("%#x (%v) is %02x by the steps, and is %02x; it was %02x", addr, r.Role, mem[addr], b, was[0])
			}
		}
	}
	return nil
}

const slowProgram = `
-- go.mod --
module target

go 1.18
-- main.go --
package main

import (
	"runtime"
	"sync"
)

func main() {
	// Others work, and collect garbage, while one goroutine is in slow motion.
	var wg sync.WaitGroup
	for g := 0; g < 6; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := map[int]*int{}
			for i := 0; i < 20; i++ {
				m[i] = new(int)
				runtime.GC()
			}
			for i := 0; i < 20; i += 7 {
				delete(m, i)
			}
		}()
	}
	wg.Wait()
	delete(map[interface{}]int{1: 1}, func() {}) // panics
}
`

// Ops of many goroutines at once, under garbage collection, are all followed to
// their ends; one that panics keeps the steps that it made.
func TestStepsAmongOthers(t *testing.T) {
	path := testenv.Local.Build(t, testenv.Unpack(t, []byte(slowProgram)))
	w := watch(t, context.Background(), path, nil, probe.Plan{Ops: everything, Steps: true})
	panicked := false
	for _, a := range w.acts {
		ss, cut, err := moment.Steps(w.tl, a.Op, a.Changes())
		if err != nil || cut != "" {
			t.Errorf("op %d, %s: %v, %s", a.Op.Seq, told(a), err, cut)
		}
		if err := joined(a, ss); err != nil {
			t.Errorf("op %d, %s: %v", a.Op.Seq, told(a), err)
		}
		if a.Op.Outcome == trace.Panicked {
			panicked = true
			continue
		}
		if len(ss) == 0 {
			t.Errorf("op %d, %s, has no step", a.Op.Seq, told(a))
		}
	}
	if len(w.acts) != 6*23+2 || !panicked {
		t.Errorf("%d ops, panicked %t: %v", len(w.acts), panicked, w.told())
	}
}

// Slow at an op's before adds the steps of that op and of no other; afterwards
// no breakpoint of slow motion is left to cost stops.
func TestSlow(t *testing.T) {
	path := testenv.Local.Build(t, testenv.Unpack(t, []byte(stepsProgram)))
	ctx := context.Background()
	l, err := launch.Launch(ctx, launch.Config{Path: path, Args: []string{"1", "60"}})
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline(t)
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, probe.Plan{Ops: everything, Paused: true, Seen: tl}, tl.Sink()) }()
	rest := func(phase trace.Phase, ended int) {
		t.Helper()
		for range 2000 {
			if s := l.State(); s.Doing == probe.Resting && s.At.Phase == phase && tl.Len() == ended {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("%+v after %d ops, want %v after %d", l.State(), tl.Len(), phase, ended)
	}
	if !l.Caps().Steps {
		t.Fatal("it cannot")
	}
	for i := range 3 {
		rest(trace.Before, i)
		var c probe.Command = probe.Next{}
		if i == 2 {
			c = probe.Slow{}
		}
		must(t, l.Do(ctx, c))
		rest(trace.After, i+1)
		must(t, l.Do(ctx, probe.Next{}))
	}
	rest(trace.Before, 3)
	must(t, l.Do(ctx, probe.Run{}))
	must(t, <-done)
	for seq := range tl.Len() {
		op, err := tl.Seq(uint64(seq + 1))
		must(t, err)
		ss, err := tl.Steps(op.ID)
		must(t, err)
		if (len(ss) > 0) != (seq == 2) {
			t.Errorf("op %d has %d steps", seq+1, len(ss))
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const largeProgram = `
-- go.mod --
module target

go 1.18
-- main.go --
package main

func main() {
	m := map[int]int{}
	for i := 0; i < 20000; i++ {
		m[i] = i
	}
	delete(m, 7) // of a large map: its hash leads to what it works on
	for k := range m {
		delete(m, k)
	}
}
`

// An op that is too much to be followed says so, and has its after all the same.
func TestStepsCut(t *testing.T) {
	path := testenv.Local.Build(t, testenv.Unpack(t, []byte(largeProgram)))
	w := watch(t, context.Background(), path, nil, probe.Plan{Steps: true, Ops: []gomap.OpKind{gomap.Delete, gomap.Clear}})
	if got, want := fmt.Sprint(w.told()), "[delete 7 returned 20000→19999 clear  returned 19999→0]"; got != want {
		t.Fatalf("%v, want %v", got, want)
	}
	ss, cut, err := moment.Steps(w.tl, w.acts[0].Op, w.acts[0].Changes())
	if err != nil || cut != "" || len(ss) < 5 {
		t.Errorf("the delete has %d steps, %q, %v", len(ss), cut, err)
	}
	if err := joined(w.acts[0], ss); err != nil {
		t.Error(err)
	}
	if _, cut, err = moment.Steps(w.tl, w.acts[1].Op, nil); err != nil || cut == "" {
		t.Errorf("the clear was followed to its end: %q, %v", cut, err)
	}
}
