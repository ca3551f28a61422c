package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// model is a timeline as simple as can be: everything in slices and maps. It
// is written beside a File, and the File must say the same.
type model struct {
	ops     []trace.Op // by ID - 1
	ended   []trace.OpID
	pending []trace.OpID
	memory  map[where]map[uint64]byte
	roots   map[where]uint64
	maps    []trace.MapSeen
	surveys []trace.Surveyed
	steps   map[trace.OpID]map[int]bool
}

type where struct {
	at    trace.Moment
	mapID int
}

func newModel() *model {
	return &model{memory: map[where]map[uint64]byte{}, roots: map[where]uint64{}, steps: map[trace.OpID]map[int]bool{}}
}

func (m *model) read(at trace.Moment, mapID int, root uint64, rs []trace.Region) {
	if mapID == 0 {
		mapID = m.own(at)
	}
	if at.Phase == trace.Step {
		if m.steps[at.Op] == nil {
			m.steps[at.Op] = map[int]bool{}
		}
		m.steps[at.Op][at.Step] = true
	}
	w := where{at, mapID}
	if m.memory[w] == nil {
		m.memory[w] = map[uint64]byte{}
	}
	m.roots[w] = root
	for _, r := range rs {
		for i, b := range r.Data {
			m.memory[w][r.Addr+uint64(i)] = b
		}
	}
}

// own is the map of a moment's op or survey.
func (m *model) own(at trace.Moment) int {
	if at.Phase == trace.Survey {
		return m.surveys[at.Step-1].Map.ID
	}
	return m.ops[at.Op-1].Map.ID
}

// seen counts ops of a map.
func (m *model) seen(ref trace.MapRef, ops int, last trace.OpID) {
	i := slices.IndexFunc(m.maps, func(m trace.MapSeen) bool { return m.ID == ref.ID })
	if i < 0 {
		i = len(m.maps)
		m.maps = append(m.maps, trace.MapSeen{})
	}
	m.maps[i] = trace.MapSeen{MapRef: ref, Ops: m.maps[i].Ops + ops, Last: max(m.maps[i].Last, last)}
}

// since is the last op on a map that has ended, if none is in progress.
func (m *model) since(mapID int) trace.OpID {
	if slices.ContainsFunc(m.pending, func(id trace.OpID) bool { return m.ops[id-1].Map.ID == mapID }) || mapID == 0 {
		return 0
	}
	for i := len(m.ended) - 1; i >= 0; i-- {
		if id := m.ended[i]; m.ops[id-1].Map.ID == mapID {
			return id
		}
	}
	return 0
}

// driver writes a random session to a sink and a model.
type driver struct {
	t    *testing.T
	rnd  *rand.Rand
	s    trace.Sink
	m    *model
	now  time.Duration
	mems [6][]byte // the memory of each map, by ID; 0 is of none
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(3, 3)) }

func newDriver(t *testing.T, s trace.Sink, seed uint64) *driver {
	d := &driver{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), s: s, m: newModel()}
	for i := range d.mems {
		d.mems[i] = make([]byte, 64<<min(i, 4))
		for j := range d.mems[i] {
			d.mems[i][j] = byte(d.rnd.Uint32())
		}
	}
	return d
}

func (d *driver) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *driver) run(ops int) {
	for len(d.m.ended) < ops {
		d.step()
	}
}

func (d *driver) step() {
	d.now += time.Duration(d.rnd.IntN(1e6))
	switch r := d.rnd.IntN(100); {
	case len(d.m.pending) == 0 || r < 15 && len(d.m.pending) < 5:
		d.begin()
	case r < 60:
		d.end(d.rnd.IntN(len(d.m.pending)))
	case r < 75: // more of a moment that may be long over
		d.read(trace.Moment{Op: 1 + trace.OpID(d.rnd.IntN(len(d.m.ops))), Phase: trace.Phase(d.rnd.IntN(2) * 2)}, d.rnd.IntN(len(d.mems)))
	case r < 80:
		d.read(trace.Moment{Op: d.m.ops[len(d.m.ops)-1].ID, Phase: trace.Step, Step: 1 + d.rnd.IntN(3)}, 0)
	case r < 82:
		d.survey()
	case r < 85 && len(d.m.surveys) > 0:
		d.read(d.m.surveys[d.rnd.IntN(len(d.m.surveys))].Moment(), d.rnd.IntN(len(d.mems)))
	default: // the target goes on
		m := d.mems[d.rnd.IntN(len(d.mems))]
		for range d.rnd.IntN(10) {
			m[d.rnd.IntN(len(m))] = byte(d.rnd.Uint32())
		}
	}
}

func (d *driver) begin() {
	n := d.rnd.IntN(len(d.mems))
	id := trace.OpID(len(d.m.ops) + 1)
	op := trace.Op{
		ID: id, Kind: gomap.OpKind(1 + d.rnd.IntN(3)), Func: fmt.Sprint("runtime.f", d.rnd.IntN(4)), Goroutine: d.rnd.Int64N(20) - 1,
		KeyText: fmt.Sprint(d.rnd.IntN(50)), KeyAddr: d.rnd.Uint64N(2) * d.rnd.Uint64(), KeyLen: d.rnd.IntN(2) * 300, Began: d.now,
	}
	if n > 0 {
		op.Map = d.ref(n)
	}
	if d.rnd.IntN(4) > 0 {
		op.Key = make([]byte, d.rnd.IntN(12))
		for i := range op.Key {
			op.Key[i] = byte(d.rnd.Uint32())
		}
	}
	for range d.rnd.IntN(5) {
		k := d.rnd.IntN(6)
		op.Stack = append(op.Stack, trace.Frame{
			Func: fmt.Sprint("main.g", k), File: fmt.Sprintf("/src/%d.go", k/2), Line: 10 * k, PC: uint64(0x400000 + k*16),
			Inlined: k == 2, Runtime: k == 0, Std: k < 2,
		})
	}
	if len(op.Stack) > 2 {
		op.Caller = op.Stack[2]
	}
	got, err := d.s.Begin(op)
	d.must(err)
	if got != id {
		d.t.Fatalf("op %d got ID %d", id, got)
	}
	op.Since = d.m.since(n) // the sink sets it
	d.m.ops = append(d.m.ops, op)
	d.m.pending = append(d.m.pending, id)
	if n > 0 {
		d.m.seen(op.Map, 1, id)
		d.read(trace.Moment{Op: id}, 0)
	}
}

func (d *driver) survey() {
	ref := d.ref(1 + d.rnd.IntN(len(d.mems)-1))
	s := trace.Surveyed{Number: len(d.m.surveys) + 1, Map: ref, Time: d.now, After: uint64(len(d.m.ended))}
	got, err := d.s.Survey(ref, d.now)
	d.must(err)
	if got != s.Moment() {
		d.t.Fatalf("survey %d got the moment %+v", s.Number, got)
	}
	d.m.surveys = append(d.m.surveys, s)
	d.m.seen(ref, 0, 0)
	if d.rnd.IntN(4) > 0 {
		d.read(got, 0)
	}
}

func (d *driver) ref(n int) trace.MapRef {
	ref := trace.MapRef{ID: n, Addr: uint64(n) << 20, Type: fmt.Sprint("map[K]V", n), OnStack: n == 5}
	if ref.OnStack { // it moves
		ref.Addr += uint64(d.rnd.IntN(4)) << 16
	}
	return ref
}

func (d *driver) end(i int) {
	id := d.m.pending[i]
	op := &d.m.ops[id-1]
	if d.rnd.IntN(8) > 0 {
		d.read(trace.Moment{Op: id, Phase: trace.After}, 0)
	}
	e := trace.Ending{Outcome: trace.Returned, Ended: int64(d.now)}
	if d.rnd.IntN(10) == 0 {
		e.Outcome, e.Message = trace.Panicked, "assignment to entry in nil map"
	}
	d.must(d.s.End(id, e))
	d.m.pending = slices.Delete(d.m.pending, i, i+1)
	d.m.ended = append(d.m.ended, id)
	op.Seq, op.Outcome, op.Message, op.Ended = uint64(len(d.m.ended)), e.Outcome, e.Message, time.Duration(e.Ended)
}

// read reads random regions, which may overlap, in one call or more.
func (d *driver) read(at trace.Moment, mapID int) {
	n := mapID
	if n == 0 {
		n = d.m.own(at)
	}
	mem, base := d.mems[n], uint64(n)<<20
	if n == 5 {
		base += uint64(d.rnd.IntN(2)) << 16
	}
	for range 1 + d.rnd.IntN(2) {
		var rs []trace.Region
		if d.rnd.IntN(3) > 0 { // as always
			rs = []trace.Region{{Addr: base, Data: mem[:48]}, {Addr: base + 64, Data: mem[64:]}}
		} else {
			for range d.rnd.IntN(4) {
				from := d.rnd.IntN(len(mem))
				rs = append(rs, trace.Region{Addr: base + uint64(from), Data: mem[from : from+d.rnd.IntN(len(mem)-from+1)]})
			}
		}
		for i := range rs { // the sink must copy
			rs[i].Data = bytes.Clone(rs[i].Data)
		}
		d.must(d.s.Read(at, mapID, base, rs))
		d.m.read(at, mapID, base, rs)
		for _, r := range rs {
			clear(r.Data)
		}
	}
}

// sample is how the comparison picks ops: all, or some.
func (d *driver) compare(tl *file.File, every int) {
	d.t.Helper()
	m := d.m
	if tl.Len() != len(m.ended) {
		d.t.Fatalf("Len is %d, want %d", tl.Len(), len(m.ended))
	}
	if got := tl.Pending(); !slices.Equal(got, m.pending) {
		d.t.Fatalf("Pending is %v, want %v", got, m.pending)
	}
	if got := tl.Maps(); !reflect.DeepEqual(got, m.maps) {
		d.t.Fatalf("Maps are\n%+v, want\n%+v", got, m.maps)
	}
	marks := tl.Marks(1, uint64(len(m.ended)))
	for i, id := range m.ended {
		if i%every != 0 && i != len(m.ended)-1 {
			continue
		}
		op, err := tl.Seq(uint64(i + 1))
		d.must(err)
		if op.ID != id || op.Summary.Mark != marks[i] {
			d.t.Fatalf("seq %d is op %d with mark %c, want %d and %c", i+1, op.ID, op.Summary.Mark, id, marks[i])
		}
	}
	for i := range m.ops {
		if i%every != 0 && i < len(m.ops)-10 {
			continue
		}
		d.compareOp(tl, m.ops[i])
	}
	if tl.Surveys() != len(m.surveys) {
		d.t.Fatalf("%d surveys, want %d", tl.Surveys(), len(m.surveys))
	}
	for i, want := range m.surveys {
		if got, err := tl.Survey(i + 1); err != nil || got != want {
			d.t.Fatalf("survey %d is\n%+v, %v, want\n%+v", i+1, got, err, want)
		}
	}
	for i, w := range d.places() {
		if i%every == 0 {
			d.compareMemory(tl, w)
		}
	}
}

// places are the moments that have a memory, in no order.
func (d *driver) places() []where {
	var ws []where
	for w := range d.m.memory {
		ws = append(ws, w)
	}
	return ws
}

func (d *driver) compareOp(tl *file.File, want trace.Op) {
	d.t.Helper()
	got, err := tl.Op(want.ID)
	d.must(err)
	g := *got
	g.Summary, g.Drift = trace.Summary{}, 0 // derived
	if len(want.Stack) == 0 {
		want.Stack = nil
	}
	if !reflect.DeepEqual(g, want) {
		d.t.Fatalf("op %d is\n%+v, want\n%+v", want.ID, g, want)
	}
	ms := []trace.Moment{{Op: want.ID}}
	for i := range 4 {
		if d.m.steps[want.ID][i] {
			ms = append(ms, trace.Moment{Op: want.ID, Phase: trace.Step, Step: i})
		}
	}
	if want.Outcome != trace.Running {
		ms = append(ms, trace.Moment{Op: want.ID, Phase: trace.After})
	}
	if got, err := tl.Moments(want.ID); err != nil || !slices.Equal(got, ms) {
		d.t.Fatalf("moments of op %d are %v, %v, want %v", want.ID, got, err, ms)
	}
	if want.Outcome == trace.Panicked && got.Summary.Mark != trace.MarkBroken {
		d.t.Fatalf("op %d panicked and has mark %c", want.ID, got.Summary.Mark)
	}
	for _, ph := range []trace.Phase{trace.Before, trace.After} {
		w := where{trace.Moment{Op: want.ID, Phase: ph}, want.Map.ID}
		if d.m.memory[w] != nil {
			continue // compared by its bytes
		}
		mem, _, root, err := tl.Memory(w.at, 0)
		if ph == trace.After && want.Outcome == trace.Running {
			if !errors.Is(err, trace.ErrNoMoment) {
				d.t.Fatalf("op %d runs, but has an after: %v", want.ID, err)
			}
			continue
		}
		d.must(err)
		if err := mem.ReadAt(make([]byte, 1), root, gomap.RoleUnknown); root != want.Map.Addr || !errors.Is(err, gomap.ErrUnread) {
			d.t.Fatalf("unread memory of op %d: root %#x, %v", want.ID, root, err)
		}
	}
}

func (d *driver) compareMemory(tl *file.File, w where) {
	d.t.Helper()
	mem, _, root, err := tl.Memory(w.at, w.mapID)
	if err != nil {
		d.t.Fatalf("memory of map %d at %+v: %v", w.mapID, w.at, err)
	}
	if root != d.m.roots[w] {
		d.t.Fatalf("root of map %d at %+v is %#x, want %#x", w.mapID, w.at, root, d.m.roots[w])
	}
	want := d.m.memory[w]
	var addrs []uint64
	for a := range want {
		addrs = append(addrs, a)
	}
	slices.Sort(addrs)
	for i := 0; i < len(addrs); {
		j := i + 1 // a stretch without a gap
		for j < len(addrs) && addrs[j] == addrs[j-1]+1 {
			j++
		}
		got := make([]byte, j-i)
		if err := mem.ReadAt(got, addrs[i], gomap.RoleUnknown); err != nil {
			d.t.Fatalf("map %d at %+v: %v", w.mapID, w.at, err)
		}
		for k, b := range got {
			if b != want[addrs[i+k]] {
				d.t.Fatalf("map %d at %+v: %#x is %02x, want %02x", w.mapID, w.at, addrs[i+k], b, want[addrs[i+k]])
			}
		}
		for _, beyond := range []struct {
			addr uint64
			n    int
		}{{addrs[i] - 1, 1}, {addrs[j-1] + 1, 1}, {addrs[i] - 1, 2}, {addrs[j-1], 2}} {
			if err := mem.ReadAt(make([]byte, beyond.n), beyond.addr, gomap.RoleUnknown); !errors.Is(err, gomap.ErrUnread) {
				d.t.Fatalf("map %d at %+v: %#x was never read, but: %v", w.mapID, w.at, beyond.addr, err)
			}
		}
		i = j
	}
}
