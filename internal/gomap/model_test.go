package gomap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// The models are maps written anew from the runtime's algorithm, on raw bytes
// and with hashes that the test chooses. They know nothing of this package's
// rules: they note why they wrote each control byte, as they write it. What
// Compare makes of the bytes must be what they noted.

// arena is memory in separate blocks.
type arena struct {
	blocks map[uint64][]byte // by address
	order  []uint64
	next   uint64
	// notes are the reasons for which each control byte was written in this
	// op, in order.
	notes map[uint64][]string
}

func newArena() *arena { return &arena{blocks: map[uint64][]byte{}, next: 0xc000000000} }

func (a *arena) alloc(n int) uint64 {
	addr := a.next
	a.next += uint64(n)/256*256 + 512
	a.blocks[addr] = make([]byte, n)
	a.order = append(a.order, addr)
	return addr
}

// mem is the memory from addr to the end of its block.
func (a *arena) mem(addr uint64) []byte {
	i, ok := slices.BinarySearch(a.order, addr)
	if !ok {
		i--
	}
	if i < 0 {
		return nil
	}
	b := a.blocks[a.order[i]]
	if off := addr - a.order[i]; off < uint64(len(b)) {
		return b[off:]
	}
	return nil
}

func (a *arena) ReadAt(p []byte, addr uint64, _ Role) error {
	b := a.mem(addr)
	if len(b) < len(p) {
		return ErrUnread
	}
	copy(p, b)
	return nil
}

func (a *arena) u8(addr uint64) byte             { return a.mem(addr)[0] }
func (a *arena) u16(addr uint64) uint16          { return binary.LittleEndian.Uint16(a.mem(addr)) }
func (a *arena) u64(addr uint64) uint64          { return binary.LittleEndian.Uint64(a.mem(addr)) }
func (a *arena) put8(addr uint64, v byte)        { a.mem(addr)[0] = v }
func (a *arena) put16(addr uint64, v uint16)     { binary.LittleEndian.PutUint16(a.mem(addr), v) }
func (a *arena) put32(addr uint64, v uint32)     { binary.LittleEndian.PutUint32(a.mem(addr), v) }
func (a *arena) put64(addr uint64, v uint64)     { binary.LittleEndian.PutUint64(a.mem(addr), v) }
func (a *arena) add64(addr uint64, d int)        { a.put64(addr, a.u64(addr)+uint64(d)) }
func (a *arena) add16(addr uint64, d int)        { a.put16(addr, a.u16(addr)+uint16(d)) }
func (a *arena) zero(addr uint64, n int)         { clear(a.mem(addr)[:n]) }
func (a *arena) fill(addr uint64, n int, v byte) { copy(a.mem(addr), bytes.Repeat([]byte{v}, n)) }

// control writes a control byte and notes why.
func (a *arena) control(addr uint64, v byte, why string) {
	a.put8(addr, v)
	a.notes[addr] = append(a.notes[addr], why)
}

// told is what a model says of its op.
type told struct {
	rule   string // of the op
	found  bool
	events []Event
}

func (t *told) event(e Event) {
	if !slices.Contains(t.events, e) {
		t.events = append(t.events, e)
	}
}

// model is a map that can be told what to do.
type model interface {
	assign(key uint64) told
	remove(key uint64) told
	clear() told
	// hash is the hash of a key.
	hash(key uint64) uint64
	// rows lists the addresses of the control bytes that belong to the map.
	rows() []uint64
	// noise changes what iterators change.
	noise(r *rand.Rand)
}

// hasher deals hashes to keys: few distinct ones, so that cells crowd.
type hasher struct {
	rng  *rand.Rand
	low  uint64 // distinct low parts
	top  uint64 // distinct high parts
	near bool   // keys of one 32 have the same low part
	seen map[uint64]uint64
}

// irreflexive keys are like NaN: equal to nothing, hashed anew each time.
func irreflexive(key uint64) bool { return key>>62 == 3 }

func (h *hasher) hash(key uint64) uint64 {
	if !irreflexive(key) {
		if v, ok := h.seen[key]; ok {
			return v
		}
	}
	v := h.rng.Uint64N(h.low)<<7 | h.rng.Uint64N(128) | h.rng.Uint64N(h.top)<<48
	if h.near {
		v = v>>32<<32 | key/32
	}
	h.seen[key] = v
	return v
}

func (h *hasher) reseed() uint64 { clear(h.seen); return h.rng.Uint64() }

// runModel does random ops and holds Compare against what the model tells.
func runModel(t *testing.T, a *arena, l *Layout, header uint64, m model, rng *rand.Rand, steps, keys int, wave bool, seen map[string]int) {
	t.Helper()
	if !testenv.All() {
		steps /= 3
	}
	var mem *noted
	decode := func() *Map {
		mem = &noted{from: a}
		d, err := Decode(l, header, mem, Window{})
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Partial) > 0 {
			t.Fatal(d.Partial)
		}
		n := 0
		for i := range d.Rows {
			if l.Kind != Classic {
				n += d.Rows[i].count(ctrlDeleted)
			}
		}
		for _, v := range Verify(d) {
			// The model does as 1.24 does, which has no such field, and does not
			// number a table anew that a split of the directory moves.
			if !strings.Contains(v.What, "tombstonePossible") && !strings.Contains(v.What, "its index is") {
				t.Fatal(v)
			}
		}
		if d.Tombstones() != n {
			t.Fatalf("%d tombstones by the tables' headers, %d in the groups", d.Tombstones(), n)
		}
		return d
	}
	bytesOf := func() map[uint64]byte {
		bs := map[uint64]byte{}
		for _, row := range m.rows() {
			for i := range uint64(CellsPerRow) {
				bs[row+i] = a.u8(row + i)
			}
		}
		return bs
	}
	was := bytesOf()
	fill := 0.8
	for n := range steps {
		if n%150 == 0 {
			fill = 0.15 + 0.75*rng.Float64()
		}
		m.noise(rng)
		before := decode()
		memBefore := mem
		key := uint64(rng.IntN(keys))
		if wave { // fill one place after the other, and empty it again
			key = uint64(n/300%(keys/32)*32 + rng.IntN(32))
			if fill = 0; n%300 < 100 {
				fill = 0.95
			}
		} else if rng.IntN(40) == 0 {
			key |= 3 << 62
		}
		w := windowOf{a: a, l: l, root: header, w: Window{Bytes: 1, Hash: Hash{Known: !irreflexive(key)}}}
		if w.w.Hash.Known {
			w.w.Hash.Value = m.hash(key)
		}
		w.take(t, 0)
		a.notes = map[uint64][]string{}
		var op OpKind
		var say told
		switch r := rng.Float64(); {
		case r < 0.006:
			op, say = Clear, m.clear()
		case r < fill:
			op, say = Assign, m.assign(key)
		default:
			op, say = Delete, m.remove(key)
		}
		after := decode()
		now := bytesOf()
		var want []Change
		for addr, to := range now {
			from, ok := was[addr]
			if !ok || from == to {
				continue
			}
			want = append(want, Change{Addr: addr, From: from, To: to, Rule: ruleOf(a.notes[addr], l, to)})
		}
		slices.SortFunc(want, func(x, y Change) int { return int(x.Addr) - int(y.Addr) })
		d := Compare(op, before, after)
		name := fmt.Sprintf("step %d %s(%#x)", n, op, key)
		if op != Clear {
			w.take(t, 1)
			w.compare(t, name, op, d)
		}
		if n%3 == 0 {
			fromTelling(t, name, op, l, [2]uint64{header, header}, [2]*Map{before, after}, [2]*noted{memBefore, mem}, d)
		}
		if d.Unexplained != 0 || len(d.Changes) != len(want) {
			t.Fatalf("%s: %d unexplained\ngot  %+v\nwant %+v\nwhy  %s", name, d.Unexplained, d.Changes, want, d.Why)
		}
		alike(d.Changes, want)
		for i, c := range d.Changes {
			if w := want[i]; c.Addr != w.Addr || c.From != w.From || c.To != w.To || c.Rule != w.Rule {
				t.Fatalf("%s:\ngot  %+v\nwant %+v", name, c, w)
			}
			seen[c.Rule]++
		}
		if d.Rule != say.rule {
			t.Fatalf("%s: rule %q, want %q; %s", name, d.Rule, say.rule, d.Why)
		}
		if op != Clear && d.Found != say.found {
			t.Fatalf("%s: found %v", name, d.Found)
		}
		if slices.Sort(d.Events); true {
			slices.Sort(say.events)
		}
		if !slices.Equal(d.Events, say.events) {
			t.Fatalf("%s: events %v, want %v", name, d.Events, say.events)
		}
		for _, e := range d.Events {
			seen["event "+string(e)]++
		}
		seen["op "+d.Rule]++
		forge(t, rng, op, before, after, d, name)
		forgeOwn(t, rng, op, before, after, d, name)
		was = now
	}
}

// alike gives want the order of got where the bytes cannot tell two changes
// apart: an entry that arrived and one that was inserted, both with the same
// control byte, after the old buckets are gone.
func alike(got, want []Change) {
	for i := range got {
		for j := range want[:i] {
			g, w := &got[i], &got[j]
			if g.To == w.To && g.From == emptyRest && w.From == emptyRest && want[i].Rule == w.Rule && want[j].Rule == g.Rule && g.Rule != w.Rule {
				want[i].Rule, want[j].Rule = want[j].Rule, want[i].Rule
			}
		}
	}
}

// forge changes one more byte in the moment after, and no rule must explain it.
func forge(t *testing.T, rng *rand.Rand, op OpKind, before, after *Map, d *Delta, name string) {
	t.Helper()
	if len(after.Rows) == 0 {
		return
	}
	k := rng.IntN(len(after.Rows))
	c := comparison{b: before, a: after}
	if c.was(k) < 0 {
		return
	}
	forged := *after
	forged.Rows = slices.Clone(after.Rows)
	i := rng.IntN(CellsPerRow)
	cell := &forged.Rows[k].Ctrl[i]
	from := before.Rows[c.was(k)].Ctrl[i]
	if from != *cell {
		return // the op's own change: another tophash or h2 there is as good
	}
	values := []byte{0x80, 0xfe, 0x11, 0x22}
	if after.Layout.Kind == Classic {
		values = []byte{0, 1, 2, 3, 4, 0x11, 0xab}
	}
	if *cell = values[rng.IntN(len(values))]; *cell == from {
		return
	}
	if got := Compare(op, before, &forged); got.Unexplained == 0 {
		t.Fatalf("%s: a forged %#x → %#x in cell %d of %s was explained:\n%+v\nunforged %+v",
			name, from, *cell, i, forged.Rows[k].Where, got, d)
	}
}

// forgeOwn makes one of the op's changes another one: another state, or the
// next cell, or with a growthLeft that does not go with it.
func forgeOwn(t *testing.T, rng *rand.Rand, op OpKind, before, after *Map, d *Delta, name string) {
	t.Helper()
	if len(d.Changes) == 0 {
		return
	}
	ch := d.Changes[rng.IntN(len(d.Changes))]
	l := after.Layout
	forged := *after
	forged.Rows = slices.Clone(after.Rows)
	forged.Tables = slices.Clone(after.Tables)
	k := slices.IndexFunc(forged.Rows, func(r Row) bool { return r.Where == ch.Where })
	cell := &forged.Rows[k].Ctrl[ch.Cell]
	how := ""
	switch n := rng.IntN(3); {
	case n == 0 && op != Clear && ch.Where.Table >= 0:
		how = "growthLeft"
		fs := slices.Clone(after.Tables[ch.Where.Table].Fields)
		fs[slices.IndexFunc(fs, func(f FieldValue) bool { return f.Name == "growthLeft" })].Value++
		forged.Tables[ch.Where.Table].Fields = fs
	case n == 1 && op == Assign && ch.State[1] == Full:
		how = "next cell"
		if ch.Cell+1 >= CellsPerRow || l.Kind == Classic && len(d.Events) > 0 {
			return
		}
		next := &forged.Rows[k].Ctrl[ch.Cell+1]
		if *next != ch.From {
			return
		}
		*cell, *next = ch.From, ch.To
	default:
		values := []byte{0x80, 0xfe, 0x11}
		if l.Kind == Classic {
			values = []byte{0, 1, 2, 3, 4, 0xab}
		}
		to := values[rng.IntN(len(values))]
		moved := func(b byte) bool { return b == evacuatedX || b == evacuatedY }
		if l.StateOf(to) == ch.State[1] || to == ch.From || l.Kind == Classic && moved(to) && moved(ch.To) {
			return
		}
		how = fmt.Sprintf("%#x", to)
		*cell = to
	}
	if got := Compare(op, before, &forged); got.Unexplained == 0 {
		t.Fatalf("%s: %+v forged to %s was explained:\n%+v", name, ch, how, got)
	}
}

// ruleOf translates the notes of a control byte's writes.
func ruleOf(notes []string, l *Layout, to byte) string {
	if len(notes) == 0 {
		return ""
	}
	last := notes[len(notes)-1]
	if slices.Contains(notes, "moved in") && last != "moved in" && last != "moved away x" && last != "moved away y" {
		return "classic.delete.arrived"
	}
	return map[string]string{
		"small delete":       "swiss.delete.small",
		"group had empty":    "swiss.delete.group-has-empty",
		"group had no empty": "swiss.delete.group-full",
		"small insert":       "swiss.assign.small",
		"insert at empty":    "swiss.assign.empty",
		"insert at deleted":  "swiss.assign.tombstone",
		"pruned":             "swiss.assign.prune",
		"cleared full":       "swiss.clear.full",
		"cleared deleted":    "swiss.clear.tombstone",
		"cleared small":      "swiss.clear.small",
		"one":                "classic.delete.empty-one",
		"rest":               "classic.delete.empty-rest",
		"rest back":          "classic.delete.empty-rest-backwards",
		"into rest":          "classic.assign.empty-rest",
		"into one":           "classic.assign.empty-one",
		"zeroed":             "classic.clear",
		"moved away x":       "classic.evacuate.x",
		"moved away y":       "classic.evacuate.y",
		"nothing moved":      "classic.evacuate.empty",
		"moved in":           "classic.evacuate.arrive",
	}[last]
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
