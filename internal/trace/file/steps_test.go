package file_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// Steps come out as they went in, also those of an op that goes on over several
// blocks, and from a file that was opened again; what a target could have smuggled
// into them is visible.
func TestSteps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	must(t, err)
	s := f.Sink()
	ref := trace.MapRef{ID: 1, Addr: 0x1000, Type: "map[int]int"}
	const ops, each = 300, 4
	want := map[trace.OpID][]trace.Stepped{}
	first, err := s.Begin(trace.Op{Kind: gomap.Clear, Map: ref})
	must(t, err)
	step := func(id trace.OpID, i int) {
		at := trace.Stepped{Number: len(want[id]) + 1, Stores: 1 + i%3, At: trace.Frame{
			Func: fmt.Sprintf("runtime.f%d", i%5), File: "/go/src/runtime/map.go", Line: i, PC: 0x400000 + uint64(i), Inlined: i%2 == 0, Runtime: true, Std: true,
		}}
		must(t, s.Step(id, at))
		must(t, s.Read(at.Moment(id), 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: []byte{byte(i), 2}}}))
		want[id] = append(want[id], at)
	}
	for n := range ops {
		id, err := s.Begin(trace.Op{Kind: gomap.Delete, Map: ref})
		must(t, err)
		for i := range n % each {
			step(id, n+i)
		}
		step(first, n)
		must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	}
	must(t, s.Step(first, trace.Stepped{Number: ops + 1, Cut: "too \x1b[31mlong"}))
	want[first] = append(want[first], trace.Stepped{Number: ops + 1, Cut: `too \x1b[31mlong`})
	must(t, s.End(first, trace.Ending{Outcome: trace.Returned}))

	check := func(f *file.File) {
		t.Helper()
		for id := range trace.OpID(ops + 1) {
			id++
			got, err := f.Steps(id)
			if err != nil || !reflect.DeepEqual(got, want[id]) {
				t.Fatalf("op %d: %+v, %v, want %+v", id, got, err, want[id])
			}
			ms, err := f.Moments(id)
			must(t, err)
			moments := 2 + len(want[id])
			if id == first {
				moments--
			}
			if len(ms) != moments {
				t.Fatalf("op %d has the moments %v, want %d", id, ms, moments)
			}
			for _, s := range got {
				mem, _, root, err := f.Memory(s.Moment(id), 0)
				if s.Cut != "" {
					if !errors.Is(err, trace.ErrNoMoment) {
						t.Fatalf("op %d ends at a moment: %v", id, err)
					}
					continue
				}
				var b [2]byte
				if err != nil || root != 0x1000 || mem.ReadAt(b[:], 0x1000, gomap.RoleHeader) != nil || b != [2]byte{byte(s.At.Line), 2} {
					t.Fatalf("op %d step %d: %x at %#x, %v", id, s.Number, b, root, err)
				}
			}
		}
		for _, id := range []trace.OpID{0, ops + 2} {
			if _, err := f.Steps(id); err == nil {
				t.Errorf("there are steps of op %d", id)
			}
		}
	}
	both(t, f, check)
}
