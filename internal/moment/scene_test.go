package moment_test

import (
	"encoding/binary"
	"strconv"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

const (
	header = 0xc000100000
	group  = 0xc000200000
)

// small is the memory of a small map[uint64]int: its control bytes, key i being
// 10+i and its elem 100+i in every cell.
func small(used int, ctrl [8]byte) []trace.Region {
	h := make([]byte, 48)
	binary.LittleEndian.PutUint64(h, uint64(used))
	binary.LittleEndian.PutUint64(h[16:], group)
	g := make([]byte, 8+8*16)
	copy(g, ctrl[:])
	for i := range 8 {
		binary.LittleEndian.PutUint64(g[8+16*i:], uint64(10+i))
		if ctrl[i] < 0x80 {
			binary.LittleEndian.PutUint64(g[16+16*i:], uint64(100+i))
		}
	}
	return []trace.Region{{Addr: header, Data: h}, {Addr: group, Data: g}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func timeline(t *testing.T) (*file.File, trace.Sink, trace.MapRef) {
	t.Helper()
	f, err := file.Create("")
	must(t, err)
	t.Cleanup(func() { f.Close() })
	s := f.Sink()
	id, err := s.Layout(tracetest.SwissLayout())
	must(t, err)
	return f, s, trace.MapRef{ID: 1, Addr: header, Type: "map[uint64]int", Layout: id}
}

func raw(key uint64) []byte { return binary.LittleEndian.AppendUint64(nil, key) }

// begin enters a delete at a before.
func begin(t *testing.T, s trace.Sink, m trace.MapRef, key string, used int, ctrl [8]byte) trace.OpID {
	t.Helper()
	n, err := strconv.ParseUint(key, 10, 64)
	must(t, err)
	main := trace.Frame{Func: "main.main", File: "main.go", Line: 3}
	id, err := s.Begin(trace.Op{
		Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Goroutine: 1, Map: m, Key: raw(n), KeyText: key,
		Stack: []trace.Frame{{Func: "runtime.mapdelete_fast64", Runtime: true}, main}, Caller: main,
	})
	must(t, err)
	if m.Addr != 0 {
		must(t, s.Read(trace.Moment{Op: id}, 0, header, small(used, ctrl)))
	}
	return id
}

func end(t *testing.T, s trace.Sink, id trace.OpID, used int, ctrl [8]byte) {
	t.Helper()
	if used >= 0 {
		must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, header, small(used, ctrl)))
	}
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
}

var (
	three = [8]byte{0x11, 0x22, 0x33, 0x80, 0x80, 0x80, 0x80, 0x80}
	two   = [8]byte{0x11, 0x80, 0x33, 0x80, 0x80, 0x80, 0x80, 0x80}
	other = [8]byte{0x11, 0x80, 0x33, 0x44, 0x80, 0x80, 0x80, 0x80}
)

func TestBeforeAndAfter(t *testing.T) {
	f, s, m := timeline(t)
	id := begin(t, s, m, "11", 3, three)
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.After}) // in progress: only its before can be shown
	must(t, err)
	if sc.Moment.Phase != trace.Before || sc.Late() || sc.Delta != nil {
		t.Errorf("an op in progress: phase %v, delta %v", sc.Moment.Phase, sc.Delta)
	}
	if !sc.Focused || sc.Focus != (gomap.Place{Cell: 1}) {
		t.Errorf("the key is in cell 1 of row 0, not %v", sc.Focus)
	}
	if got := sc.KeyOf(sc.Focus, 10) + "=" + sc.ElemOf(sc.Focus, 10); got != "11=101" {
		t.Errorf("the cell holds %s", got)
	}
	end(t, s, id, 2, two)
	sc, err = moment.Load(f, trace.Moment{Op: id, Phase: trace.After})
	must(t, err)
	ch := sc.Change(sc.Focus)
	if ch == nil || ch.From != 0x22 || ch.To != 0x80 || !sc.RowChanged(0) {
		t.Fatalf("the change at %v: %+v", sc.Focus, ch)
	}
	if sc.Rule == nil || sc.Rule.Name != "swiss.delete.small" {
		t.Errorf("the rule is %+v", sc.Rule)
	}
	c, ok := sc.Cell(sc.Focus, 10)
	if !ok || !c.Changed || c.State != [2]gomap.State{gomap.Full, gomap.Empty} || c.Key.Text != [2]string{"11", "11"} || c.Elem.Text != [2]string{"101", "0"} {
		t.Errorf("the cell: %+v", c)
	}
	if was, now, ok := sc.RowBytes(0); !ok || was != three || now != two {
		t.Errorf("the row's bytes: %x, %x", was, now)
	}
	_, b, _ := sc.RowMemory(0)
	if b[1] != (moment.Byte{Now: 0x80, Read: true, Changed: true}) || b[0] != (moment.Byte{Now: 0x11, Read: true}) {
		t.Errorf("the row's memory: %+v", b[:8])
	}
	if f := sc.Caller(); f == nil || f.Func != "main.main" {
		t.Errorf("the caller is %+v", f)
	}
}

// TestDrift: what changed between two ops is told at the second's before, byte
// by byte, and is no change of either.
func TestDrift(t *testing.T) {
	f, s, m := timeline(t)
	end(t, s, begin(t, s, m, "11", 3, three), 2, two)
	id := begin(t, s, m, "12", 3, other)
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.Before})
	must(t, err)
	if sc.Op.Drift != 1 || len(sc.Drift) != 1 || sc.DriftSince != 1 {
		t.Fatalf("drift %d, %v since %d", sc.Op.Drift, sc.Drift, sc.DriftSince)
	}
	for c := range 8 {
		was, ok := sc.Drifted(gomap.Place{Cell: c})
		if ok != (c == 3) || ok && was != 0x80 {
			t.Errorf("cell %d: drift %v, was %x", c, ok, was)
		}
	}
}

func TestNilMap(t *testing.T) {
	f, s, _ := timeline(t)
	id := begin(t, s, trace.MapRef{Type: "map[uint64]int"}, "1", 0, three)
	end(t, s, id, -1, three)
	for _, p := range []trace.Phase{trace.Before, trace.After} {
		sc, err := moment.Load(f, trace.Moment{Op: id, Phase: p})
		must(t, err)
		if sc.Shown().Shows() || sc.Shown().Lacks() == "" {
			t.Errorf("phase %v: %+v", p, sc.Shown())
		}
		if _, ok := sc.Cell(gomap.Place{}, 10); ok {
			t.Error("a nil map has a cell")
		}
	}
}

// TestAbsent: a key is said not to be there only where all keys were compared;
// a stale one is not the entry.
func TestAbsent(t *testing.T) {
	f, s, m := timeline(t)
	for _, tt := range []struct {
		key    uint64
		absent bool
	}{{12, false}, {11, true}, {99, true}} {
		id := begin(t, s, m, strconv.FormatUint(tt.key, 10), 2, two)
		sc, err := moment.Load(f, trace.Moment{Op: id})
		must(t, err)
		if sc.Absent != tt.absent || sc.Focused == tt.absent {
			t.Errorf("key %d: absent %v, focused %v", tt.key, sc.Absent, sc.Focused)
		}
	}
	// The group was not read: nobody knows.
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: raw(12), KeyText: "12"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, header, small(2, two)[:1])) // the header alone
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.Before})
	must(t, err)
	if !sc.Shown().Shows() || sc.Absent {
		t.Error("a key is said to be absent from cells that were not read")
	}
}

// TestUnread: a map whose after was not read is shown as it was before.
func TestUnread(t *testing.T) {
	f, s, m := timeline(t)
	id := begin(t, s, m, "11", 3, three)
	must(t, s.End(id, trace.Ending{Outcome: trace.Exited}))
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.After})
	must(t, err)
	if sc.Late() || !sc.Shown().Shows() || !sc.Focused {
		t.Errorf("late %v, shown %v", sc.Late(), sc.Shown().Lacks())
	}
}
