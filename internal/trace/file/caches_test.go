package file_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/testenv"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// unruly hands what a tidy source says to two sinks, the one with caches and the
// other without, and is not tidy itself: ops end late, in another block and among
// others on their map; moments that are long over are read more of, and say
// something else then.
type unruly struct {
	trace.Sink
	other trace.Sink
	rnd   *rand.Rand
	late  []trace.OpID
	begun trace.OpID
	refs  map[trace.OpID]trace.MapRef
	after func(ids ...trace.OpID) // is called whenever something was added
}

func (u *unruly) both(f func(trace.Sink) error) error {
	if err := f(u.Sink); err != nil {
		return err
	}
	return f(u.other)
}

func (u *unruly) Info(i trace.Info) error {
	return u.both(func(s trace.Sink) error { return s.Info(i) })
}

func (u *unruly) Layout(l *gomap.Layout) (id trace.LayoutID, err error) {
	err = u.both(func(s trace.Sink) error { id, err = s.Layout(l); return err })
	return id, err
}

func (u *unruly) Begin(op trace.Op) (id trace.OpID, err error) {
	err = u.both(func(s trace.Sink) error { id, err = s.Begin(op); return err })
	u.begun, u.refs[id] = id, op.Map
	return id, err
}

func (u *unruly) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	if m.Phase == trace.Before && u.rnd.IntN(6) == 0 { // somebody wrote to it
		rs = spoiled(rs)
	}
	if m.Phase == trace.After && u.rnd.IntN(20) == 0 {
		rs = rs[:1+u.rnd.IntN(len(rs))]
	}
	if err := u.both(func(s trace.Sink) error { return s.Read(m, mapID, root, rs) }); err != nil {
		return err
	}
	u.after(m.Op)
	if u.rnd.IntN(4) > 0 {
		return nil
	}
	old := trace.Moment{Op: 1 + trace.OpID(u.rnd.IntN(int(u.begun))), Phase: trace.Phase(u.rnd.IntN(2) * 2)}
	if u.rnd.IntN(2) == 0 {
		old.Op = max(1, u.begun-trace.OpID(u.rnd.IntN(4)))
	}
	if old.Op == m.Op {
		return nil
	}
	err := u.both(func(s trace.Sink) error { return s.Read(old, 0, u.refs[old.Op].Addr, spoiled(rs)) })
	u.after(old.Op)
	return err
}

// spoiled has another first control byte in its last region.
func spoiled(rs []trace.Region) []trace.Region {
	rs = append([]trace.Region{}, rs...)
	last := &rs[len(rs)-1]
	last.Data = bytes.Clone(last.Data)
	last.Data[0] ^= 0x11
	return rs
}

func (u *unruly) End(id trace.OpID, e trace.Ending) error {
	if u.begun%100 > 40 { // for a while nothing is late: then ops have one before them
		for _, id := range u.late {
			if err := u.both(func(s trace.Sink) error { return s.End(id, e) }); err != nil {
				return err
			}
		}
		u.late = nil
	} else if u.rnd.IntN(5) == 0 && len(u.late) < 20 {
		u.late = append(u.late, id)
		if u.rnd.IntN(3) > 0 {
			return nil
		}
		i := u.rnd.IntN(len(u.late))
		id = u.late[i]
		u.late = append(u.late[:i], u.late[i+1:]...)
	}
	err := u.both(func(s trace.Sink) error { return s.End(id, e) })
	u.after(id)
	return err
}

// answer is all that is told of an op.
type answer struct {
	op            *trace.Op
	before, after *moment.Look
	delta         *gomap.Delta
	drift         []gomap.Drifted
	errs          string
}

func ask(t *testing.T, tl *file.File, id trace.OpID) answer {
	t.Helper()
	op, err := tl.Op(id)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{op: op}
	act, err := moment.Of(tl, op)
	if err != nil {
		t.Fatal(err)
	}
	a.before, a.after, a.delta = act.Before, act.After, act.Delta
	a.drift, err = moment.Drift(tl, op)
	a.errs = fmt.Sprint(err)
	for _, k := range []*moment.Look{a.before, a.after} {
		if k != nil {
			a.errs += fmt.Sprint(" ", k.Err)
		}
	}
	return a
}

func sameAnswer(t *testing.T, what string, a, b answer) {
	t.Helper()
	if !reflect.DeepEqual(a.op, b.op) {
		t.Fatalf("%s: op %d is\n%+v, and\n%+v", what, a.op.ID, *a.op, *b.op)
	}
	if a.errs != b.errs || !reflect.DeepEqual(a.drift, b.drift) {
		t.Fatalf("%s: op %d drifted by %v (%s), and %v (%s)", what, a.op.ID, a.drift, a.errs, b.drift, b.errs)
	}
	for i, ks := range [][2]*moment.Look{{a.before, b.before}, {a.after, b.after}} {
		x, y := ks[0], ks[1]
		if (x == nil) != (y == nil) {
			t.Fatalf("%s: op %d, look %d: %v, and %v", what, a.op.ID, i, x, y)
		}
		if x != nil && (x.At != y.At || x.MapID != y.MapID || x.Root != y.Root || !reflect.DeepEqual(x.Map, y.Map) || !reflect.DeepEqual(x.Mem, y.Mem)) {
			t.Fatalf("%s: op %d, look %d:\n%+v, and\n%+v", what, a.op.ID, i, *x, *y)
		}
	}
	if !reflect.DeepEqual(a.delta, b.delta) {
		t.Fatalf("%s: op %d did\n%+v, and\n%+v", what, a.op.ID, a.delta, b.delta)
	}
}

// TestCaches: what is asked of a timeline has one answer, whether it is held in
// memory or read again; asked at every op, while it runs and after, live and of
// the recording.
func TestCaches(t *testing.T) {
	few := 3 // asked for all, the caches have more to forget
	if testenv.All() {
		few = 1
	}
	for _, o := range []tracetest.Options{
		{Ops: 500 / few, Keys: 30},                                            // many ops on each of two maps
		{Ops: 600, Keys: 12, Layouts: make([]gomap.LayoutKind, 290)},          // an op's Since is two blocks back, and its look forgotten
		{Ops: 8 / few, Keys: 60000, Layouts: []gomap.LayoutKind{gomap.Swiss}}, // more than is held of a moment
	} {
		for i := range o.Layouts {
			o.Layouts[i] = gomap.Swiss
		}
		t.Run(fmt.Sprint(len(o.Layouts), " maps of ", o.Keys), func(t *testing.T) {
			dir := t.TempDir()
			with, err := file.Create(filepath.Join(dir, "with"))
			if err != nil {
				t.Fatal(err)
			}
			without, err := file.Create(filepath.Join(dir, "without"), file.Uncached)
			if err != nil {
				t.Fatal(err)
			}
			rnd := rand.New(rand.NewPCG(4, 2))
			drifts, sinces := 0, 0
			u := &unruly{Sink: with.Sink(), other: without.Sink(), rnd: rnd, refs: map[trace.OpID]trace.MapRef{}}
			u.after = func(ids ...trace.OpID) {
				for _, id := range append(ids, u.begun, 1+trace.OpID(rnd.IntN(int(u.begun)))) {
					a := ask(t, with, id)
					sameAnswer(t, "live, with and without caches", a, ask(t, without, id))
					drifts += a.op.Drift
					if a.op.Since != 0 {
						sinces++
					}
				}
			}
			if err := tracetest.Fill(u, o); err != nil {
				t.Fatal(err)
			}
			none, err := u.Begin(trace.Op{Kind: gomap.Delete, KeyText: "1", Map: trace.MapRef{Type: "map[uint64]int"}}) // of a nil map
			if err == nil {
				err = u.End(none, trace.Ending{Outcome: trace.Returned})
			}
			if err != nil {
				t.Fatal(err)
			}
			sameAnswer(t, "of a nil map", ask(t, with, none), ask(t, without, none))
			if drifts == 0 || sinces == 0 {
				t.Errorf("%d control bytes drifted, %d answers had an op before: it asks nothing", drifts, sinces)
			}
			live := map[trace.OpID]answer{}
			for id := trace.OpID(1); id <= u.begun; id++ {
				live[id] = ask(t, with, id)
			}
			if err := with.Close(); err != nil {
				t.Fatal(err)
			}
			if err := without.Close(); err != nil {
				t.Fatal(err)
			}
			reopened, err := file.Open(with.Name())
			if err != nil {
				t.Fatal(err)
			}
			defer reopened.Close()
			for id := trace.OpID(1); id <= u.begun; id++ {
				sameAnswer(t, "live and of the recording", live[id], ask(t, reopened, id))
			}
		})
	}
}
