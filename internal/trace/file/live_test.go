package file_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// Readers see whole ops while one goroutine writes. It is of use under -race.
func TestConcurrentReaders(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 0))
			q, _ := trace.Parse([]string{"op=delete", "tombstones>0", "key=7", "evict"}[i])
			for n := 0; ; n++ {
				select {
				case <-done:
					if n > 0 {
						return
					}
				default:
				}
				if err := look(f, rnd, q); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	err = tracetest.Fill(f.Sink(), tracetest.Options{Ops: 2000, Keys: 30, Pending: true})
	close(done)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
}

func look(f *file.File, rnd *rand.Rand, q trace.Query) error {
	n := uint64(f.Len())
	f.Info()
	f.Fate()
	f.Usage()
	f.Maps()
	f.Output(1000)
	f.Source("/home/gopher/evict/cache.go")
	f.Changed()
	if m := f.Marks(1, n); len(m) != int(n) {
		return fmt.Errorf("%d marks of %d ops", len(m), n)
	}
	for _, id := range f.Pending() {
		op, err := f.Op(id)
		if err != nil {
			return err
		}
		if _, err := moment.Of(f, op); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	op, err := f.Seq(1 + rnd.Uint64N(n))
	if err != nil {
		return err
	}
	d, err := moment.Of(f, op)
	if err != nil {
		return err
	}
	if d.Before.Map == nil || d.After.Map == nil || d.Delta == nil || len(d.Delta.Changes) != op.Summary.Changes || d.Delta.Rule != op.Summary.Rule {
		return fmt.Errorf("op %d decodes to %+v, its summary is %+v", op.Seq, d, op.Summary)
	}
	found, err := f.Find(q, op.Seq, rnd.IntN(2) == 0)
	if err != nil && !errors.Is(err, trace.ErrNotFound) || err == nil && !q.Match(found) {
		return fmt.Errorf("Find(%s): %+v, %v", q, found, err)
	}
	return nil
}

// Find agrees with a search of every op, in both directions, also where digests
// let blocks be passed over.
func TestFind(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 2500, Keys: 60})
	for _, text := range []string{
		"op=clear", "op!=assign", "mark=x", "event=grow", "to=deleted", "tombstones>8", "used==0", "used>200", "found=false", "key=77",
		"map=2 op=delete", "goroutine=18", "rule~evac", "seq>=2500", "seq=1", "changes>20", "nothing like it", "outcome=panicked", "evict map=1", "",
	} {
		q, err := trace.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var want []uint64
		for seq := uint64(1); seq <= uint64(f.Len()); seq++ {
			op, err := f.Seq(seq)
			if err != nil {
				t.Fatal(err)
			}
			if q.Match(op) {
				want = append(want, seq)
			}
		}
		for _, back := range []bool{false, true} {
			var got []uint64
			from := uint64(0)
			if back {
				from = uint64(f.Len()) + 1
			}
			for {
				op, err := f.Find(q, from, back)
				if errors.Is(err, trace.ErrNotFound) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				from = op.Seq
				if back {
					got = append([]uint64{from}, got...)
				} else {
					got = append(got, from)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("Find(%q), back %v:\n%v, want\n%v", text, back, got, want)
			}
		}
		if text == "op=clear" && len(want) == 0 {
			t.Error("nothing was found at all")
		}
	}
}

func TestChanged(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ch := f.Changed()
	select {
	case <-ch:
		t.Fatal("changed before anything was written")
	default:
	}
	if err := f.Sink().Info(trace.Info{Target: "x"}); err != nil {
		t.Fatal(err)
	}
	<-ch
	if f.Changed() == ch {
		t.Error("the same channel again")
	}
}

// Drift is what changed between the ops, and is told while the op still runs.
func TestDrift(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Sink()
	l := tracetest.SwissLayout()
	id, err := s.Layout(l)
	if err != nil {
		t.Fatal(err)
	}
	const root, group = 0x1000, 0x2000
	head := make([]byte, l.HeaderSize)
	head[0], head[17] = 3, group>>8
	row := make([]byte, l.Row.Size)
	copy(row, "\x11\x12\x13\x80\x80\x80\x80\x80")
	ref := trace.MapRef{ID: 1, Addr: root, Type: l.Type, Layout: id}
	begin := func() trace.OpID {
		id, err := s.Begin(trace.Op{Kind: gomap.Delete, Map: ref})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Read(trace.Moment{Op: id}, 0, root, []trace.Region{{Addr: root, Role: gomap.RoleHeader, Data: head}, {Addr: group, Role: gomap.RoleRow, Data: row}}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	end := func(id trace.OpID) {
		if err := s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, root, []trace.Region{{Addr: root, Role: gomap.RoleHeader, Data: head}, {Addr: group, Role: gomap.RoleRow, Data: row}}); err != nil {
			t.Fatal(err)
		}
		if err := s.End(id, trace.Ending{Outcome: trace.Returned}); err != nil {
			t.Fatal(err)
		}
	}
	drift := func(id trace.OpID, want int) {
		t.Helper()
		op, err := f.Op(id)
		if err != nil {
			t.Fatal(err)
		}
		if op.Drift != want {
			t.Errorf("drift of op %d (%v) is %d, want %d", id, op.Outcome, op.Drift, want)
		}
	}
	a := begin()
	row[0], head[0] = 0x80, 2
	end(a)
	drift(a, 0)

	row[1], row[3], head[0] = 0x80, 0x44, 2 // nobody saw this
	b := begin()
	drift(b, 2)
	row[1] = 0x55
	end(b)
	drift(b, 2)

	c := begin()
	row[7] = 0x01 // by d, so it is not drift
	d := begin()
	end(c)
	end(d)
	drift(c, 0)
	drift(d, 0)
	op, err := f.Op(a)
	if err != nil || op.Summary.Mark != trace.MarkEmptied || op.Summary.Used != [2]uint64{3, 2} || op.Summary.Changes != 1 {
		t.Errorf("op %d has the summary %+v, %v", a, op.Summary, err)
	}
}

// Nothing that a target says comes out as it may be obeyed.
func TestHostileTexts(t *testing.T) {
	const bad = "\x1b[2J\u202e\x00\x9b\xff\u200b\U000e0041\r\n"
	path := t.TempDir() + "/x.deltui"
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Sink()
	l := tracetest.SwissLayout()
	l.Type = bad
	key := *l.Key
	key.Name = bad
	l.Key = &key
	l.Header = append(l.Header, gomap.Field{Name: bad, Off: 0, Size: 1})
	s.Info(trace.Info{Target: bad, Args: []string{bad}, Notes: []string{bad}, GoVersion: bad, Goroot: bad})
	lid, err := s.Layout(l)
	if err != nil {
		t.Fatal(err)
	}
	s.Type(16, &key)
	id, err := s.Begin(trace.Op{
		Func: bad, KeyText: bad, Map: trace.MapRef{ID: 1, Addr: 1, Type: bad, Layout: lid},
		Stack: []trace.Frame{{Func: bad, File: bad}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.End(id, trace.Ending{Outcome: trace.Panicked, Message: bad})
	s.Source("x.go"+bad, 1, []string{bad + "\t"})
	s.Output(1, []byte(bad))
	s.Output(2, []byte(bad[:len(bad)-2]))
	s.Fate(trace.Fate{Text: bad, Signal: bad})

	check := func(f *file.File) {
		t.Helper()
		op, err := f.Op(id)
		if err != nil {
			t.Fatal(err)
		}
		_, layout, _, err := f.Memory(trace.Moment{Op: id}, 0)
		if err != nil {
			t.Fatal(err)
		}
		src := f.Source("x.go" + `\x1b[2J\u202e\x00\x9b\xff\u200b\U000e0041\r\n`)
		if len(src) != 1 {
			t.Errorf("%d lines of source", len(src))
		}
		if len(f.Output(1e4)) != 2 {
			t.Errorf("output is %v", f.Output(1e4))
		}
		all := fmt.Sprintf("%v %v %v %v %v %v %v %v %v", *op, f.Info(), f.Fate(), layout.Type, layout.Key.Name, layout.Header[len(layout.Header)-1].Name,
			f.Maps(), f.Types().TypeAt(16).Name, f.Output(1e4)) + strings.Join(mapValues(src), "")
		for _, r := range all {
			if unicode.In(r, unicode.Cc, unicode.Cf) && r != '\t' || r == unicode.ReplacementChar {
				t.Fatalf("%U is in %q", r, all)
			}
		}
		if n := strings.Count(all, `\u202e`); n < 16 {
			t.Errorf("only %d texts are made visible in %q", n, all)
		}
	}
	both(t, f, check)
}

func mapValues(m map[int]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func TestOutput(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Sink()
	s.Output(1, []byte("one\ntw"))
	s.Output(2, []byte("oops\n"))
	s.Output(1, []byte("o\nname? "))
	want := "[{1 0 one} {2 0 oops} {1 0 two} {1 0 name? }]"
	if got := fmt.Sprint(f.Output(1000)); got != want {
		t.Errorf("output is %s, want %s", got, want)
	}
	if got := fmt.Sprint(f.Output(3)); got != "[{1 0 two} {1 0 name? }]" {
		t.Errorf("the end of the output is %s", got)
	}
	if err := s.Output(3, nil); err == nil {
		t.Error("output on stream 3")
	}
	// A flood is bounded in memory, and its end is what is kept.
	line := strings.Repeat("x", 1000) + "\n"
	for i := range 5000 {
		s.Output(1, []byte(line))
		s.Output(1, fmt.Appendf(nil, "%d\n", i))
	}
	out, size := f.Output(1<<30), 0
	for _, l := range out {
		size += len(l.Text)
	}
	if size > 1<<20 || out[len(out)-1].Text != "4999" {
		t.Errorf("%d bytes of output are held, the last line is %q", size, out[len(out)-1].Text)
	}
}

// What was seen is in the file within about a second, without Close.
func TestFlushedByTime(t *testing.T) {
	path := t.TempDir() + "/x.deltui"
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tracetest.Fill(f.Sink(), tracetest.Options{Ops: 10}); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		g, err := file.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		n := g.Len()
		g.Close()
		if n == 10 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the ops of an open timeline are not in its file after 30 s")
}

// An op with more steps than a block may hold is spread over blocks.
func TestManySteps(t *testing.T) {
	path := t.TempDir() + "/x.deltui"
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Sink()
	id, err := s.Begin(trace.Op{Map: trace.MapRef{ID: 1, Addr: 0x1000}})
	if err != nil {
		t.Fatal(err)
	}
	const steps = 70000
	mem := make([]byte, 64)
	for i := range steps {
		mem[i%64]++
		if err := s.Read(trace.Moment{Op: id, Phase: trace.Step, Step: i}, 0, 0x1000, []trace.Region{{Addr: 0x1000, Data: mem}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.End(id, trace.Ending{Outcome: trace.Returned}); err != nil {
		t.Fatal(err)
	}
	check := func(f *file.File) {
		t.Helper()
		for _, i := range []int{0, 1, 63, 1000, 65535, 65536, steps - 1} {
			m, _, _, err := f.Memory(trace.Moment{Op: id, Phase: trace.Step, Step: i}, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 64)
			if err := m.ReadAt(got, 0x1000, gomap.RoleUnknown); err != nil {
				t.Fatal(err)
			}
			for j, b := range got {
				if want := byte((i + 64 - j) / 64); b != want {
					t.Fatalf("byte %d at step %d is %d, want %d", j, i, b, want)
				}
			}
		}
		if _, _, _, err := f.Memory(trace.Moment{Op: id, Phase: trace.Step, Step: steps}, 0); !errors.Is(err, trace.ErrNoMoment) {
			t.Errorf("a step that was not: %v", err)
		}
		if op, err := f.Seq(1); err != nil || op.ID != id {
			t.Errorf("the op is %+v, %v", op, err)
		}
	}
	both(t, f, check)
}
