package moment_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// written is what a scan from the first op on knows of a control byte.
type written struct {
	by     uint64 // seq; 0: it was so when the map was first seen
	ctrl   byte
	before *written // what stood there, or who made the entry that moved here
	moved  bool
}

// scan goes through a timeline from its first op to its last, and notes for each
// control byte of each map who wrote it. It is the question put the other way
// round, with nothing of the answer's way: no index, and no going back.
func scan(t *testing.T, tl trace.Timeline, ask func(op *trace.Op, k *moment.Look, now map[uint64]*written)) {
	maps := map[int]map[uint64]*written{}
	for seq := uint64(1); seq <= uint64(tl.Len()); seq++ {
		op, err := tl.Seq(seq)
		must(t, err)
		a, err := moment.Of(tl, op)
		must(t, err)
		was, first := maps[op.Map.ID], false
		if was == nil {
			was, first = map[uint64]*written{}, true
		}
		entries := map[uint64]*written{}
		each(a.Before, func(addr uint64, ctrl byte, key uint64) {
			if first {
				was[addr] = &written{ctrl: ctrl}
			}
			if was[addr] == nil || was[addr].ctrl != ctrl {
				t.Fatalf("op %d: %#x is not as the op before left it", seq, addr)
			}
			if a.Before.Layout.StateOf(ctrl).Live() {
				entries[key] = was[addr]
			}
		})
		ask(op, a.Before, was)
		now := map[uint64]*written{}
		each(a.After, func(addr uint64, ctrl byte, key uint64) {
			old := was[addr]
			if old != nil && old.ctrl == ctrl {
				now[addr] = old
				return
			}
			w := &written{by: seq, ctrl: ctrl, before: old}
			if a.After.Layout.StateOf(ctrl).Live() && fmt.Sprint(key) != op.KeyText {
				w.before, w.moved = entries[key], true
				if w.before == nil {
					t.Fatalf("op %d: key %d came from nowhere", seq, key)
				}
			}
			now[addr] = w
		})
		maps[op.Map.ID] = now
		ask(op, a.After, now)
	}
}

func each(k *moment.Look, f func(addr uint64, ctrl byte, key uint64)) {
	for i := range k.Map.Rows {
		r := &k.Map.Rows[i]
		for c := range r.Ctrl {
			b, _, err := k.Layout.ReadKey(k.Mem, r, c, 8)
			if err != nil {
				panic(err)
			}
			key := uint64(0)
			for i := range b {
				key |= uint64(b[i]) << (8 * i)
			}
			f(k.Layout.CtrlAddr(r, c), r.Ctrl[c], key)
		}
	}
}

// bare hides what a timeline has beside its interface: the index.
type bare struct{ trace.Timeline }

// TestWriter: on random programs of all layouts, growth, splits and evacuation
// included, the answer is the scan's, with the index and without.
func TestWriter(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    tracetest.Options
	}{
		{"swiss", tracetest.Options{Ops: 400, Layouts: []gomap.LayoutKind{gomap.Swiss}, Keys: 3}},
		{"tables", tracetest.Options{Ops: 500, Layouts: []gomap.LayoutKind{gomap.Swiss}, Keys: 885}},
		{"classic", tracetest.Options{Ops: 500, Layouts: []gomap.LayoutKind{gomap.Classic}, Keys: 10}},
		{"split", tracetest.Options{Ops: 500, Layouts: []gomap.LayoutKind{gomap.SwissSplit}, Keys: 40}},
		{"many maps", tracetest.Options{Ops: 600, Layouts: []gomap.LayoutKind{gomap.Swiss, gomap.Classic, gomap.SwissSplit}, Keys: 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			moves, did := 0, map[moment.Wrote]int{}
			for seed := range uint64(2) {
				tt.o.Seed = seed
				f := tracetest.New(t, tt.o)
				rnd := rand.New(rand.NewPCG(seed, 5))
				scan(t, f, func(op *trace.Op, k *moment.Look, now map[uint64]*written) {
					some := max(1, 2*len(now))
					each(k, func(addr uint64, ctrl byte, _ uint64) {
						if rnd.IntN(some) > 0 {
							return
						}
						spot := moment.Spot{At: k.At, Addr: addr}
						want := now[addr]
						var tl trace.Timeline = f
						if rnd.IntN(20) == 0 {
							tl = bare{f}
						}
						for n := 0; ; n++ {
							w, err := moment.WriterOf(tl, spot)
							must(t, err)
							did[w.Did]++
							if want.by == 0 {
								if w.Did != moment.Unseen || w.Known {
									t.Fatalf("%+v: %+v, but it was so from the first", spot, w)
								}
								return
							}
							if w.Nobody() || w.By.Seq != want.by || w.Ctrl[1] != want.ctrl || (w.Did == moment.Moved) != want.moved {
								t.Fatalf("%+v (%T): %d by %v, ctrl %02x; want op %d, ctrl %02x, moved %v", spot, tl, w.Did, w.By, w.Ctrl, want.by, want.ctrl, want.moved)
							}
							if want.moved {
								moves++
							}
							if w.Known != (want.before != nil) {
								t.Fatalf("%+v: there is a writer before: %v", spot, w.Known)
							}
							if !w.Known || n == 6 {
								return
							}
							spot, want = w.Earlier, want.before
						}
					})
				})
			}
			if moves == 0 || did[moment.Inserted] == 0 || did[moment.Unseen] == 0 {
				t.Errorf("nothing was asked: %d moves, %v", moves, did)
			}
			t.Log(moves, did)
		})
	}
}

// TestWriterDrift: where something else wrote in between, nobody is blamed.
func TestWriterDrift(t *testing.T) {
	f, s, m := timeline(t)
	one := begin(t, s, m, "11", 3, three)
	end(t, s, one, 2, two)
	drifted := [8]byte{0x11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}
	twoth := begin(t, s, m, "15", 1, drifted)
	end(t, s, twoth, 1, drifted)
	for _, at := range []trace.Moment{{Op: twoth}, {Op: twoth, Phase: trace.After}} {
		w, err := moment.WriterOf(f, moment.Spot{At: at, Addr: group + 2})
		must(t, err)
		if w.Did != moment.Drifted || !w.Nobody() || w.Since.ID != one || w.By.ID != twoth || w.Ctrl != [2]byte{three[2], 0x80} {
			t.Errorf("%+v", w)
		}
	}
	w, err := moment.WriterOf(f, moment.Spot{At: trace.Moment{Op: twoth}, Addr: group + 1})
	must(t, err)
	if w.Did != moment.Emptied || w.By.ID != one {
		t.Errorf("of the cell that op 1 emptied: %+v", w)
	}
	if ws, more, err := moment.History(f, w.Spot, 9); err != nil || more || len(ws) != 2 || ws[1].Did != moment.Unseen {
		t.Errorf("its history: %v %v %v", ws, more, err)
	}
	if _, err := moment.WriterOf(f, moment.Spot{At: trace.Moment{Op: one}, Addr: 0x1234}); !errors.Is(err, moment.ErrSpotUnread) {
		t.Error(err)
	}
}

// TestWriterGap: rows that were not recorded for a while have changed meanwhile.
func TestWriterGap(t *testing.T) {
	f, s, m := timeline(t)
	one := begin(t, s, m, "11", 3, three)
	end(t, s, one, 2, two)
	for range 3 {
		id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: raw(99), KeyText: "99"})
		must(t, err)
		must(t, s.Read(trace.Moment{Op: id}, 0, header, small(2, two)[:1]))
		must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, header, small(2, two)[:1]))
		must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	}
	other := two
	other[2] = 0x80
	last := begin(t, s, m, "15", 1, other)
	end(t, s, last, 1, other)
	for _, tl := range []trace.Timeline{f, bare{f}} {
		w, err := moment.WriterOf(tl, moment.Spot{At: trace.Moment{Op: last}, Addr: group + 2})
		must(t, err)
		if w.Did != moment.Drifted || w.Since.ID != one || w.By.ID != last {
			t.Errorf("%T: %+v", tl, w)
		}
		w, err = moment.WriterOf(tl, moment.Spot{At: trace.Moment{Op: last}, Addr: group + 1})
		must(t, err)
		if w.Did != moment.Emptied || w.By.ID != one {
			t.Errorf("%T: %+v", tl, w)
		}
	}
}

// TestWriterTogether: of two ops in progress at once only the key can tell whose a
// change is.
func TestWriterTogether(t *testing.T) {
	f, s, m := timeline(t)
	a := begin(t, s, m, "11", 3, three)
	b := begin(t, s, m, "12", 3, three)
	both := [8]byte{0x11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}
	end(t, s, b, 1, both)
	end(t, s, a, 1, both)
	for addr, want := range map[uint64]trace.OpID{group + 1: a, group + 2: b} {
		for _, at := range []trace.OpID{a, b} {
			w, err := moment.WriterOf(f, moment.Spot{At: trace.Moment{Op: at, Phase: trace.After}, Addr: addr})
			must(t, err)
			if at == want && (w.Did != moment.Emptied || w.By.ID != want) || at != want && w.Did != moment.Together {
				t.Errorf("%#x after op %d: %+v", addr, at, w)
			}
		}
	}
}
