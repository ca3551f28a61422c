package file_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// million is the memory of a classic map of a million entries, four in each of
// its buckets: one region of 36 MiB.
func million(entries int) []trace.Region {
	const b = 18
	head := make([]byte, 48)
	binary.LittleEndian.PutUint64(head, uint64(entries))
	head[9] = b
	binary.LittleEndian.PutUint64(head[16:], 0xc010000000)
	l := tracetest.ClassicLayout()
	rows := make([]byte, int(l.Row.Size)<<b)
	for i := range entries {
		row, cell := rows[uint64(i/4)*l.Row.Size:], uint64(i%4)
		row[cell] = byte(5 + i%250)
		binary.LittleEndian.PutUint64(row[l.Row.Keys+8*cell:], uint64(i))
		binary.LittleEndian.PutUint64(row[l.Row.Elems+8*cell:], uint64(2*i))
	}
	return []trace.Region{{Addr: 0xc000001000, Role: gomap.RoleHeader, Data: head}, {Addr: 0xc010000000, Role: gomap.RoleRow, Data: rows}}
}

// twice runs check on both forms of what write writes.
func twice(t *testing.T, write func(*file.File), check func(*file.File)) {
	t.Helper()
	f, err := file.Create(filepath.Join(t.TempDir(), "x.deltui"))
	if err != nil {
		t.Fatal(err)
	}
	write(f)
	both(t, f, check)
}

// both runs check on a timeline, closes it, and runs check on its recording,
// which must be sound.
func both(t *testing.T, f *file.File, check func(*file.File)) {
	t.Helper()
	check(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := file.Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	check(g)
	if len(g.Damage()) > 0 {
		t.Errorf("damage: %q", g.Damage())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestClearMillion: an op of a map that fits into no record is kept whole, and
// the ops around it are what they were.
func TestClearMillion(t *testing.T) {
	const entries = 1 << 20
	full, none := million(entries), million(0)
	twice(t, func(f *file.File) {
		s := f.Sink()
		id, err := s.Layout(tracetest.ClassicLayout())
		must(t, err)
		ref := trace.MapRef{ID: 1, Addr: full[0].Addr, Type: "map[uint64]int", Layout: id}
		for i, rs := range [][2][]trace.Region{{full, none}, {none, none}} {
			id, err := s.Begin(trace.Op{Kind: gomap.Clear, Func: "runtime.mapclear", Map: ref})
			must(t, err)
			must(t, s.Read(trace.Moment{Op: id}, 0, ref.Addr, rs[0]))
			must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, ref.Addr, rs[1]))
			must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
			if op, err := f.Seq(uint64(i + 1)); err != nil || op.TooBig {
				t.Fatalf("op %d: %+v, %v", i+1, op, err)
			}
		}
	}, func(f *file.File) {
		op, err := f.Seq(1)
		must(t, err)
		s := op.Summary
		if !s.Known || s.Used != [2]uint64{entries, 0} || s.Changes != entries || s.Unexplained != 0 {
			t.Errorf("the clear of a million: %+v", s)
		}
		for phase, want := range map[trace.Phase][]trace.Region{trace.Before: full, trace.After: none} {
			mem, _, _, err := f.Memory(trace.Moment{Op: op.ID, Phase: phase}, 0)
			must(t, err)
			got := make([]byte, len(want[1].Data))
			must(t, mem.ReadAt(got, want[1].Addr, gomap.RoleRow))
			if !slices.Equal(got, want[1].Data) {
				t.Errorf("%v: the memory is another", phase)
			}
		}
		if op, err = f.Seq(2); err != nil || op.Summary.Mark != trace.MarkClear || op.Drift != 0 || op.Since != 1 {
			t.Errorf("the op after it: %+v, %v", op, err)
		}
	})
}

// many is a lot of regions of a byte, that do not touch.
func many(n int) []trace.Region {
	rs := make([]trace.Region, n)
	data := make([]byte, n)
	for i := range rs {
		data[i] = byte(i)
		rs[i] = trace.Region{Addr: 0xc010000000 + 2*uint64(i), Role: gomap.RoleRow, Data: data[i : i+1]}
	}
	return rs
}

// TestManyRegions: more regions than a record may have are several records.
func TestManyRegions(t *testing.T) {
	rs := many(600_000)
	twice(t, func(f *file.File) {
		id, err := f.Sink().Begin(trace.Op{Map: trace.MapRef{ID: 1, Addr: 0x1000}})
		must(t, err)
		must(t, f.Sink().Read(trace.Moment{Op: id}, 0, 0x1000, rs))
	}, func(f *file.File) {
		mem, _, _, err := f.Memory(trace.Moment{Op: 1}, 0)
		must(t, err)
		if got := trace.Regions(mem); !reflect.DeepEqual(got, rs) {
			t.Errorf("%d regions are there, or others, of %d", len(got), len(rs))
		}
	})
}

// TestTooBig: a moment larger than a timeline takes is left out whole, whether it
// is read at once or bit by bit; the op says so, its other moment and all other
// ops are there.
func TestTooBig(t *testing.T) {
	bytes := []trace.Region{{Addr: 0xc010000000, Role: gomap.RoleRow, Data: make([]byte, 257<<20)}}
	l := tracetest.ClassicLayout()
	ref := trace.MapRef{ID: 1, Addr: 0xc000001000, Type: l.Type, Layout: 1}
	small := smallClassic()
	twice(t, func(f *file.File) {
		s := f.Sink()
		_, err := s.Layout(l)
		must(t, err)
		op := func(before, after [][]trace.Region) {
			id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete", KeyText: "1", Map: ref})
			must(t, err)
			for phase, reads := range map[trace.Phase][][]trace.Region{trace.Before: before, trace.After: after} {
				for _, rs := range reads {
					must(t, s.Read(trace.Moment{Op: id, Phase: phase}, 0, ref.Addr, rs))
				}
			}
			must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
		}
		small, bytes, many := [][]trace.Region{small}, [][]trace.Region{bytes}, [][]trace.Region{many(600_000)}
		op(small, small)
		op(small, append(small, bytes...))                 // 2: its after, at once
		op(append(small, append(many, many...)...), small) // 3: its before, bit by bit
		op(small, small)
		must(t, s.Read(trace.Moment{Op: 4}, 0, ref.Addr, bytes[0])) // what is over stays
		must(t, s.Read(trace.Moment{Op: 3}, 0, ref.Addr, small[0])) // what was left out, too
		m, err := s.Survey(ref, 0)
		must(t, err)
		must(t, s.Read(m, 0, ref.Addr, small[0]))
		must(t, s.Read(m, 0, ref.Addr, bytes[0]))
	}, func(f *file.File) {
		for seq, tooBig := range map[uint64][2]bool{1: {}, 2: {false, true}, 3: {true, false}, 4: {}} {
			op, err := f.Seq(seq)
			must(t, err)
			any := tooBig[0] || tooBig[1]
			if op.TooBig != any || op.Summary.Known == any {
				t.Errorf("op %d: too big %v, summary %+v", seq, op.TooBig, op.Summary)
			}
			a, err := moment.Of(f, op)
			must(t, err)
			for i, k := range []*moment.Look{a.Before, a.After} {
				if (k.Map == nil) != tooBig[i] || errors.Is(k.Err, trace.ErrTooBig) != tooBig[i] {
					t.Errorf("op %d, look %d: map %v, %v", seq, i, k.Map, k.Err)
				}
			}
		}
		k, err := moment.At(f, trace.Moment{Phase: trace.Survey, Step: 1}, 0)
		if err != nil || !errors.Is(k.Err, trace.ErrTooBig) {
			t.Errorf("the survey: %+v, %v", k, err)
		}
	})
}

// smallClassic is the memory of a map of one bucket.
func smallClassic() []trace.Region {
	rs := million(0)
	rs[0].Data[9] = 0
	rs[1].Data = rs[1].Data[:tracetest.ClassicLayout().Row.Size]
	return rs
}

// TestFactsFull: layouts and types for which there is no room, or that cannot be
// kept, end no watch: ops on such maps go on, and a note tells.
func TestFactsFull(t *testing.T) {
	var kept trace.LayoutID
	deep := &gomap.Type{Name: "T"}
	for range 100 {
		deep = &gomap.Type{Name: "T", Elem: deep}
	}
	twice(t, func(f *file.File) {
		s := f.Sink()
		must(t, s.Info(trace.Info{Target: "x", Notes: []string{"the source's"}}))
		l := tracetest.SwissLayout()
		l.Key = deep
		if id, err := s.Layout(l); id != 0 || err != nil {
			t.Errorf("a type of 100 levels: layout %d, %v", id, err)
		}
		must(t, s.Type(1, deep))
		for i := range 1000 {
			l := tracetest.SwissLayout()
			l.Type = fmt.Sprint("map[", strings.Repeat("k", 60000), i, "]int")
			id, err := s.Layout(l)
			must(t, err)
			if id == 0 {
				break
			}
			kept = id
		}
		must(t, s.Type(2, &gomap.Type{Name: strings.Repeat("t", 60000)}))
		must(t, s.Source("x.go", 1, []string{strings.Repeat("x", 60000)}))
		id, err := s.Begin(trace.Op{Kind: gomap.Delete, Map: trace.MapRef{ID: 1, Addr: 16, Type: "map[T]int"}})
		must(t, err)
		must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
		must(t, s.Fate(trace.Fate{Ended: true, Text: "exited"}))
		must(t, s.Info(trace.Info{Target: "y", Args: slices.Repeat([]string{strings.Repeat("a", 1000)}, 5000)}))
	}, func(f *file.File) {
		if kept < 100 || kept > 900 {
			t.Errorf("%d layouts were kept", kept)
		}
		if f.Len() != 1 || !f.Fate().Ended || f.Info().Target != "y" {
			t.Errorf("%d ops, %+v, %s", f.Len(), f.Fate(), f.Info().Target)
		}
		notes := strings.Join(f.Info().Notes, "\n")
		for _, want := range []string{"type T is too large", "more types of maps than a timeline takes", "dynamic types"} {
			if strings.Count(notes, want) != 1 {
				t.Errorf("the notes tell %q %d times:\n%s", want, strings.Count(notes, want), notes)
			}
		}
	})
}

// TestManyPending: ops that never end do not end a watch.
func TestManyPending(t *testing.T) {
	const most = 1 << 16
	twice(t, func(f *file.File) {
		s := f.Sink()
		for range most + 10 {
			_, err := s.Begin(trace.Op{Kind: gomap.Delete})
			must(t, err)
		}
		must(t, s.End(1, trace.Ending{Outcome: trace.Returned}))
		must(t, s.End(most, trace.Ending{Outcome: trace.Returned}))
	}, func(f *file.File) {
		if f.Len() != 11 || len(f.Pending()) != most-1 {
			t.Fatalf("%d ops have ended, %d are in progress", f.Len(), len(f.Pending()))
		}
		op, err := f.Seq(1)
		if err != nil || op.ID != 1 || op.Outcome != trace.Detached || op.Message == "" {
			t.Errorf("the op that was forgotten: %+v, %v", op, err)
		}
	})
}

// TestRoles: what a region is comes back, whether it is known or not.
func TestRoles(t *testing.T) {
	var rs []trace.Region
	for role := gomap.RoleUnknown; role < 200; role++ {
		rs = append(rs, trace.Region{Addr: 0x1000 + 16*uint64(role), Role: role, Data: []byte{byte(role)}})
	}
	twice(t, func(f *file.File) {
		id, err := f.Sink().Begin(trace.Op{Map: trace.MapRef{ID: 1, Addr: 0x1000}})
		must(t, err)
		must(t, f.Sink().Read(trace.Moment{Op: id}, 0, 0x1000, rs))
	}, func(f *file.File) {
		want := slices.Clone(rs)
		for i := range want {
			if !want[i].Role.Known() {
				want[i].Role = gomap.RoleUnknown
			}
		}
		mem, _, _, err := f.Memory(trace.Moment{Op: 1}, 0)
		must(t, err)
		if got := trace.Regions(mem); !reflect.DeepEqual(got, want) {
			t.Errorf("the regions are %v, want %v", got, want)
		}
	})
}
