package tracetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// heap hands out addresses, and hash seeds.
type heap struct {
	next uint64
	rnd  *rand.Rand
}

func (h *heap) alloc(n int) uint64 {
	at := h.next
	h.next += uint64(n+63) &^ 63
	return at
}

// mix is a hash.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// simulated is a map that is acted out.
type simulated interface {
	layout() *gomap.Layout
	root() uint64
	assign(k, v uint64)
	delete(k uint64)
	clear()
	keys() []uint64
	regions() []trace.Region
}

// Options says what Fill makes. The zero Options are 100 ops on a Swiss and a
// classic map, the same at every call.
type Options struct {
	Ops     int
	Seed    uint64
	Layouts []gomap.LayoutKind // a map of each; default Swiss and Classic
	Keys    int                // about so many keys in a map; default 60
	// Pending leaves one op more, in its before, as at a live end.
	Pending bool
	// Running leaves the target running; otherwise it exits with status 0.
	Running bool
}

// New returns a timeline that is closed when the test ends.
func New(tb testing.TB, o Options) *file.File {
	tb.Helper()
	f, err := file.Create("")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	if err := Fill(f.Sink(), o); err != nil {
		tb.Fatal(err)
	}
	return f
}

// Fill writes a session to a sink.
func Fill(s trace.Sink, o Options) error {
	if o.Ops == 0 {
		o.Ops = 100
	}
	if len(o.Layouts) == 0 {
		o.Layouts = []gomap.LayoutKind{gomap.Swiss, gomap.Classic}
	}
	if o.Keys == 0 {
		o.Keys = 60
	}
	rnd := rand.New(rand.NewPCG(o.Seed, 7))
	w := &writer{sink: s, rnd: rnd, heap: &heap{0xc000100000, rnd}, options: o}
	if err := w.start(); err != nil {
		return err
	}
	for i := range o.Ops {
		if err := w.op(i); err != nil {
			return err
		}
	}
	if o.Pending {
		if err := w.pending(); err != nil {
			return err
		}
	}
	if !o.Running {
		if err := s.Fate(trace.Fate{Ended: true, Text: "exited with status 0"}); err != nil {
			return err
		}
	}
	return s.Usage(trace.Usage{
		Ops: o.Ops, Stops: 2 * o.Ops, Bytes: uint64(o.Ops) * 4096,
		Elapsed: w.now, Paused: w.now * 4 / 10,
	})
}

type writer struct {
	sink    trace.Sink
	rnd     *rand.Rand
	heap    *heap
	options Options
	maps    []simulated
	refs    []trace.MapRef
	now     time.Duration
	next    uint64 // key
}

func (w *writer) start() error {
	if err := w.sink.Info(trace.Info{
		Target: "./evict", Args: []string{"-n", "100"}, GoVersion: "go1.26.8", Arch: "amd64", PID: 4211,
		Layout: "swiss", Goroot: goroot, Started: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Ops: []string{"delete", "assign", "clear"},
	}); err != nil {
		return err
	}
	for i, kind := range w.options.Layouts {
		var m simulated
		switch kind {
		case gomap.Classic:
			m = newClassic(w.heap)
		case gomap.SwissSplit:
			m = splitMap{newSwiss(w.heap)}
		default:
			m = newSwiss(w.heap)
		}
		id, err := w.sink.Layout(m.layout())
		if err != nil {
			return err
		}
		w.maps = append(w.maps, m)
		w.refs = append(w.refs, trace.MapRef{ID: i + 1, Addr: m.root(), Type: m.layout().Type, Layout: id})
		for range w.options.Keys {
			w.next++
			m.assign(w.next, w.next*10)
		}
	}
	if err := w.sink.Source(userFile, 1, strings.Split(strings.TrimSuffix(userSource, "\n"), "\n")); err != nil {
		return err
	}
	return w.sink.Source(tableFile, 470, tableSource)
}

// choose picks an op: deletes of keys and assigns of new ones, so that a map
// grows and shrinks, and now and then a key that is not there, or a clear.
func (w *writer) choose(m simulated, i int) (gomap.OpKind, uint64) {
	keys := m.keys()
	want := w.options.Keys * (1 + i/100%4) / 2
	r := w.rnd.IntN(100)
	switch {
	case i%333 == 332:
		return gomap.Clear, 0
	case r < 8:
		return gomap.Delete, 1<<40 + w.rnd.Uint64N(1000)
	case len(keys) == 0 || len(keys) < want && r < 80 || r < 30:
		w.next++
		return gomap.Assign, w.next
	}
	return gomap.Delete, keys[w.rnd.IntN(len(keys))]
}

func (w *writer) op(i int) error {
	n := i % len(w.maps)
	m := w.maps[n]
	kind, k := w.choose(m, i)
	id, err := w.begin(n, kind, k)
	if err != nil {
		return err
	}
	switch kind {
	case gomap.Delete:
		m.delete(k)
	case gomap.Assign:
		m.assign(k, w.rnd.Uint64N(1000))
	case gomap.Clear:
		m.clear()
	}
	if err := w.sink.Read(trace.Moment{Op: id, Phase: trace.After}, 0, m.root(), m.regions()); err != nil {
		return err
	}
	w.now += 300 * time.Microsecond
	if err := w.sink.End(id, trace.Ending{Outcome: trace.Returned, Ended: int64(w.now)}); err != nil {
		return err
	}
	if i%10 == 0 {
		err = w.sink.Output(1+i%20/10, fmt.Appendf(nil, "evicted %d\n", k))
	}
	return err
}

func (w *writer) pending() error {
	kind, k := w.choose(w.maps[0], 0)
	_, err := w.begin(0, kind, k)
	return err
}

func (w *writer) begin(n int, kind gomap.OpKind, k uint64) (trace.OpID, error) {
	w.now += time.Duration(1+w.rnd.IntN(2000)) * time.Microsecond
	op := trace.Op{
		Kind: kind, Goroutine: 1 + w.rnd.Int64N(3)*17, Map: w.refs[n], Began: w.now,
		Key: le.AppendUint64(nil, k), KeyText: fmt.Sprint(k),
	}
	switch kind {
	case gomap.Delete:
		op.Func = "runtime.mapdelete_fast64"
	case gomap.Assign:
		op.Func = "runtime.mapassign_fast64"
	case gomap.Clear:
		op.Func, op.Key, op.KeyText = "runtime.mapclear", nil, ""
	}
	op.Stack = stack(op.Func, kind)
	op.Caller = op.Stack[1]
	id, err := w.sink.Begin(op)
	if err != nil {
		return 0, err
	}
	return id, w.sink.Read(trace.Moment{Op: id}, 0, w.maps[n].root(), w.maps[n].regions())
}
