package gomap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// regions is memory of which some is there.
type regions struct {
	from *arena
	have []Range
	err  error // what reading of the rest returns
	// reads are the sizes of the reads that succeeded.
	reads, failed []uint64
}

func (r *regions) ReadAt(p []byte, addr uint64, _ Role) error {
	n := uint64(len(p))
	for _, h := range r.have {
		if addr >= h.Addr && addr+n <= h.Addr+h.Len {
			r.reads = append(r.reads, n)
			return r.from.ReadAt(p, addr, RoleUnknown)
		}
	}
	r.failed = append(r.failed, n)
	return r.err
}

// sparse is regions that know themselves.
type sparse struct{ *regions }

func (s sparse) Next(addr, end uint64) (from, to uint64) {
	from, to = end, end
	for _, h := range s.have {
		lo, hi := max(h.Addr, addr), min(h.Addr+h.Len, end)
		if lo < hi && lo < from {
			from, to = lo, hi
		}
	}
	return from, to
}

// all has all of an arena.
func (a *arena) all() *regions {
	r := &regions{from: a, err: ErrUnread}
	for _, addr := range a.order {
		r.have = append(r.have, Range{addr, uint64(len(a.blocks[addr]))})
	}
	return r
}

// without takes a piece out.
func (r *regions) without(addr, n uint64) {
	var have []Range
	for _, h := range r.have {
		if addr >= h.Addr && addr < h.Addr+h.Len {
			have = append(have, Range{h.Addr, addr - h.Addr}, Range{addr + n, h.Addr + h.Len - addr - n})
			continue
		}
		have = append(have, h)
	}
	r.have = have
}

func swissOf(n int) *swissModel {
	s := newSwissModel(newRand(1), 1<<30, false, 26)
	s.max = 1024
	s.notes = map[uint64][]string{}
	for i := range uint64(n) {
		s.assign(i)
	}
	return s
}

func classicOf(n int) *classicModel {
	c := newClassicModel(newRand(1), 1<<30, 1<<16, false)
	c.notes = map[uint64][]string{}
	for i := range uint64(n) {
		c.assign(i)
	}
	return c
}

func TestDecodeReads(t *testing.T) {
	s1, s13, s800, s3000 := swissOf(5), swissOf(13), swissOf(800), swissOf(3000)
	c5, c60, c1000 := classicOf(5), classicOf(60), classicOf(1000)
	for _, c := range []struct {
		name string
		a    *arena
		l    *Layout
		root uint64
		want []uint64 // sizes, in order; nil: see most
		most int
	}{
		{"new", swissOf(0).arena, s1.l, swissOf(0).h, []uint64{48}, 1},
		{"small", s1.arena, s1.l, s1.h, []uint64{48, 136}, 2},
		{"one table", s13.arena, s13.l, s13.h, []uint64{48, 8, 32, 2 * 136}, 4},
		{"one large table", s800.arena, s800.l, s800.h, []uint64{48, 8, 32, 128 * 136}, 4},
		{"four tables", s3000.arena, s3000.l, s3000.h, nil, 2 + 2*4},
		{"one bucket", c5.arena, classicLayout(), c5.h, []uint64{48, 144}, 2},
		{"16 buckets", c60.arena, classicLayout(), c60.h, nil, 4},
		{"256 buckets with overflow", c1000.arena, classicLayout(), c1000.h, nil, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			mem := c.a.all()
			m, err := Decode(c.l, c.root, mem, Window{})
			if err != nil || len(m.Partial) > 0 {
				t.Fatal(err, m.Partial)
			}
			if len(mem.failed) > 0 {
				t.Errorf("reads of %v failed", mem.failed)
			}
			if c.want != nil && !slices.Equal(mem.reads, c.want) || len(mem.reads) > c.most {
				t.Errorf("reads %v, want %v, %d at most", mem.reads, c.want, c.most)
			}
			if m.RowsTotal != uint64(len(m.Rows)) {
				t.Errorf("%d rows, of %d", len(m.Rows), m.RowsTotal)
			}
		})
	}
}

// TestDecodeUnread takes pieces of a map away: what is left must be as before.
func TestDecodeUnread(t *testing.T) {
	s, c := swissOf(3000), classicOf(1000)
	for _, m := range []struct {
		name string
		a    *arena
		l    *Layout
		h    uint64
	}{{"swiss", s.arena, s.l, s.h}, {"classic", c.arena, classicLayout(), c.h}} {
		whole, err := Decode(m.l, m.h, m.a, Window{})
		if err != nil {
			t.Fatal(err)
		}
		hole := whole.Rows[37]
		for _, cut := range []struct {
			name   string
			off, n uint64
			read   bool // the control bytes are there still
		}{
			{"row", 0, m.l.Row.Size, false},
			{"a key", 40, 8, true},
			{"a control byte", 3, 1, false},
		} {
			for _, kind := range []string{"sparse", "plain", "broken"} {
				t.Run(m.name+"/"+cut.name+"/"+kind, func(t *testing.T) {
					mem := m.a.all()
					mem.without(hole.Addr+cut.off, cut.n)
					if kind == "broken" {
						mem.err = errors.New("input/output error")
					}
					from := Memory(mem)
					if kind == "sparse" {
						from = sparse{mem}
					}
					got, err := Decode(m.l, m.h, from, Window{})
					if err != nil {
						t.Fatal(err)
					}
					if cut.read != (len(got.Partial) == 0) {
						t.Errorf("partial: %q", got.Partial)
					}
					if len(got.Rows) != len(whole.Rows) {
						t.Fatalf("%d rows, want %d", len(got.Rows), len(whole.Rows))
					}
					for i := range got.Rows {
						want := whole.Rows[i]
						if want.Addr == hole.Addr && !cut.read {
							want = Row{Where: want.Where, Addr: want.Addr}
						}
						if got.Rows[i] != want {
							t.Errorf("row %d: %+v, want %+v", i, got.Rows[i], want)
						}
					}
					if len(mem.failed) > 40 {
						t.Errorf("%d reads failed", len(mem.failed))
					}
				})
			}
		}
	}
}

func TestDecodeHeaderUnread(t *testing.T) {
	s := swissOf(3)
	mem := s.all()
	mem.without(s.h+8, 8)
	m, err := Decode(s.l, s.h, mem, Window{})
	if m != nil || !errors.Is(err, ErrUnread) || !strings.Contains(err.Error(), fmt.Sprintf("%#x", s.h)) {
		t.Errorf("map %v, error %v", m, err)
	}
	m, err = Decode(s.l, 0, mem, Window{})
	if err != nil || m.Root != 0 || m.Header != nil || m.Rows != nil || m.Layout != s.l {
		t.Errorf("nil map: %+v, %v", m, err)
	}
}

func TestDecodeWindow(t *testing.T) {
	s, c := swissOf(5000), classicOf(1000)
	for _, w := range []Window{{MaxRows: 1}, {MaxRows: 100}, {MaxRows: 200}, {MaxTables: 1}, {MaxTables: 3, MaxRows: 200}} {
		m, err := Decode(s.l, s.h, s.arena, w)
		if err != nil {
			t.Fatal(err)
		}
		if w.MaxRows > 0 && len(m.Rows) != w.MaxRows || w.MaxTables > 0 && len(m.Tables) != w.MaxTables || len(m.Partial) == 0 {
			t.Errorf("swiss %+v: %d rows, %d tables, %q", w, len(m.Rows), len(m.Tables), m.Partial)
		}
		if w.MaxTables == 0 && m.RowsTotal <= uint64(len(m.Rows)) {
			t.Errorf("swiss %+v: %d rows in all", w, m.RowsTotal)
		}
		if w.MaxRows == 0 {
			continue
		}
		m, err = Decode(classicLayout(), c.h, c.arena, w)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Rows) != w.MaxRows || len(m.Partial) == 0 || m.RowsTotal <= uint64(len(m.Rows)) {
			t.Errorf("classic %+v: %d rows of %d, %q", w, len(m.Rows), m.RowsTotal, m.Partial)
		}
	}
}

// TestDecodeBroken decodes maps that no runtime made.
func TestDecodeBroken(t *testing.T) {
	for _, c := range []struct {
		name    string
		layout  *Layout
		build   func(a *arena) uint64
		rows    int
		partial string
	}{
		{
			"a directory of 2^60", swissLayout(false),
			func(a *arena) uint64 {
				h := a.alloc(48)
				a.put64(h+16, a.alloc(64))
				a.put64(h+24, 1<<60)
				return h
			},
			0, "directory",
		},
		{
			"a negative directory", swissLayout(false),
			func(a *arena) uint64 {
				h := a.alloc(48)
				a.put64(h+16, ^uint64(0)-3)
				a.put64(h+24, ^uint64(0))
				return h
			},
			0, "directory",
		},
		{
			"one table in all places", swissLayout(false),
			func(a *arena) uint64 {
				h, dir, tab := a.alloc(48), a.alloc(64), a.alloc(32)
				a.put64(h+16, dir)
				a.put64(h+24, 8)
				for i := range uint64(8) {
					a.put64(dir+8*i, tab+32*(i%2))
				}
				a.put64(tab+16, a.alloc(136))
				return h
			},
			1, "table 1",
		},
		{
			"groups without end", swissLayout(false),
			func(a *arena) uint64 {
				h, dir, tab := a.alloc(48), a.alloc(8), a.alloc(32)
				a.put64(h+16, dir)
				a.put64(h+24, 1)
				a.put64(dir, tab)
				a.put64(tab+16, a.alloc(136*3))
				a.put64(tab+24, ^uint64(0)>>1)
				return h
			},
			1000, "table 0",
		},
		{
			"no groups", swissLayout(false),
			func(a *arena) uint64 {
				h, dir, tab := a.alloc(48), a.alloc(8), a.alloc(32)
				a.put64(h+16, dir)
				a.put64(h+24, 1)
				a.put64(dir, tab)
				a.put64(tab+24, ^uint64(0))
				return h
			},
			0, "no groups",
		},
		{
			"2^255 buckets", classicLayout(),
			func(a *arena) uint64 {
				h := a.alloc(48)
				a.put8(h+cB, 255)
				a.put64(h+cBuckets, a.alloc(144))
				return h
			},
			1000, "rows decoded",
		},
		{
			"an overflow chain that comes back", classicLayout(),
			func(a *arena) uint64 {
				h, b := a.alloc(48), a.alloc(144)
				o, p := a.alloc(144), a.alloc(144)
				a.put64(h+cBuckets, b)
				a.put64(b+bucketLink, o)
				a.put64(o+bucketLink, p)
				a.put64(p+bucketLink, o)
				return h
			},
			3, "comes back",
		},
		{
			"an overflow chain of all buckets there are", classicLayout(),
			func(a *arena) uint64 {
				h, b := a.alloc(48), a.alloc(144*3000)
				a.put64(h+cBuckets, b)
				for i := range uint64(2999) {
					a.put64(b+i*144+bucketLink, b+(i+1)*144)
				}
				return h
			},
			1000, "cut off",
		},
		{
			"an overflow chain into nowhere", classicLayout(),
			func(a *arena) uint64 {
				h, b := a.alloc(48), a.alloc(144)
				a.put64(h+cBuckets, b)
				a.put64(b+bucketLink, ^uint64(0)-10)
				return h
			},
			2, "overflow 1 could not be read",
		},
		{
			"old buckets of none", classicLayout(),
			func(a *arena) uint64 {
				h, b := a.alloc(48), a.alloc(144)
				a.put64(h+cBuckets, b)
				a.put64(h+cOld, b)
				return h
			},
			1, "B is 0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArena()
			m, err := Decode(c.layout, c.build(a), a, Window{MaxRows: 1000, MaxTables: 100})
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Rows) != c.rows || !strings.Contains(strings.Join(m.Partial, "; "), c.partial) {
				t.Errorf("%d rows, want %d; %q, want %q", len(m.Rows), c.rows, m.Partial, c.partial)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(l *Layout)
	}{
		{"kind", func(l *Layout) { l.Kind = 9 }},
		{"row of 0 bytes", func(l *Layout) { l.Row.Size = 0 }},
		{"row of 1099511627776 bytes", func(l *Layout) { l.Row.Size = 1 << 40 }},
		{"control bytes", func(l *Layout) { l.Row.Ctrl = l.Row.Size - 7 }},
		{"control bytes", func(l *Layout) { l.Row.Ctrl = ^uint64(0) }},
		{"keys", func(l *Layout) { l.Row.Keys = ^uint64(0) }},
		{"keys", func(l *Layout) { l.Row.KeyStride = l.Row.Size }},
		{"keys", func(l *Layout) { l.Row.ElemStride = ^uint64(0) / 7 }},
		{"overflow", func(l *Layout) { l.Kind, l.Row.Overflow = Classic, l.Row.Size-7 }},
		{"header", func(l *Layout) { l.HeaderSize = 1 << 40 }},
		{"field used", func(l *Layout) { l.Header[0].Off = 41 }},
		{"field used", func(l *Layout) { l.Header[0].Size = 3 }},
		{"no field used", func(l *Layout) { l.Header[0].Name = "count" }},
		{"groups", func(l *Layout) { l.Table.GroupsData = 25 }},
		{"field used is not within the table", func(l *Layout) { l.Table.Fields[0].Off = ^uint64(0) }},
	} {
		l := swissLayout(false)
		c.spoil(l)
		if err := l.Check(); err == nil || !strings.Contains(err.Error(), c.name) || !strings.Contains(err.Error(), l.Type) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := Decode(l, 1, noMemory{}, Window{}); err == nil {
			t.Errorf("%s: decoded", c.name)
		}
	}
	if err := (*Layout)(nil).Check(); err == nil {
		t.Error("no layout is fit")
	}
	for _, l := range []*Layout{classicLayout(), swissLayout(false), swissLayout(true)} {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestFields(t *testing.T) {
	data := []byte{0xff, 0xfe, 0xff, 0xfd, 0xff, 0xff, 0xff, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	fs := []Field{{"a", 0, 1, FieldSint}, {"b", 1, 2, FieldSint}, {"c", 3, 4, FieldSint}, {"d", 7, 8, FieldSint}, {"e", 1, 2, FieldInt}, {"f", 3, 4, FieldHash}}
	want := []int64{-1, -2, -3, -4, 0xfffe, 0xfffffffd}
	for i, v := range fieldValues(fs, data) {
		if int64(v.Value) != want[i] {
			t.Errorf("%s is %d, want %d", v.Name, int64(v.Value), want[i])
		}
	}
	m := &Map{Header: fieldValues(fs, data)}
	if v, ok := m.Field("e"); !ok || v != 0xfffe {
		t.Error(v, ok)
	}
	if _, ok := m.Field("x"); ok {
		t.Error("a field x")
	}
}

func TestReadSlots(t *testing.T) {
	a := newArena()
	l := swissLayout(false)
	l.KeyIndirect = true
	l.Key = &Type{Name: "main.Big", Size: 200}
	g, big := a.alloc(136), a.alloc(200)
	a.put64(big, 77)
	a.put64(g+8, big)
	a.put64(g+16, 5)
	r := &Row{Addr: g, Read: true}
	key, addr, err := l.ReadKey(a, r, 0, 16)
	if err != nil || addr != big || len(key) != 16 || binary.LittleEndian.Uint64(key) != 77 {
		t.Errorf("key %v at %#x: %v", key, addr, err)
	}
	if _, _, err := l.ReadKey(a, r, 1, 16); !errors.Is(err, ErrCleared) {
		t.Errorf("a cleared key: %v", err)
	}
	a.put64(g+24, 12345)
	if _, _, err := l.ReadKey(a, r, 1, 16); !errors.Is(err, ErrUnread) {
		t.Errorf("a key that is not there: %v", err)
	}
	if elem, _, err := l.ReadElem(a, r, 0, 1<<40); err != nil || elem[0] != 5 {
		t.Errorf("elem %v: %v", elem, err)
	}
	ctrl, k, e := l.Ranges(r, 2)
	if ctrl != (Range{g + 2, 1}) || k != (Range{g + 8 + 32, 8}) || e != (Range{g + 16 + 32, 8}) {
		t.Error(ctrl, k, e)
	}
}

// A window's rows are read, each with its chain, and of a larger map nothing
// else but the headers.
func TestWindow(t *testing.T) {
	for _, kind := range []LayoutKind{Classic, Swiss} {
		var l *Layout
		var header uint64
		var a *arena
		rng := rand.New(rand.NewPCG(1, 2))
		if kind == Classic {
			c := newClassicModel(rng, 1<<30, 1<<16, false)
			for k := range uint64(3000) {
				c.notes = map[uint64][]string{}
				c.assign(k)
			}
			l, header, a = classicLayout(), c.h, c.arena
		} else {
			s := newSwissModel(rng, 1<<30, false, 26)
			for k := range uint64(3000) {
				s.notes = map[uint64][]string{}
				s.assign(k)
			}
			l, header, a = s.l, s.h, s.arena
		}
		all, err := Decode(l, header, a, Window{})
		if err != nil || len(all.Rows) < 400 {
			t.Fatal(len(all.Rows), err)
		}
		whole, err := Decode(l, header, a, Window{Bytes: all.RowsTotal * l.Row.Size})
		if err != nil || len(whole.Rows) != len(all.Rows) {
			t.Errorf("%s: a window as large as the map has %d of %d rows, %v", kind, len(whole.Rows), len(all.Rows), err)
		}
		want := all.Rows[100]
		for want.Where.Overflow > 0 || want.Where.Old {
			t.Fatalf("row 100 is %s: choose another", want.Where)
		}
		mem := &noted{from: a}
		few, err := Decode(l, header, mem, Window{Bytes: 1 << 10, Rows: []uint64{want.Addr + 11, want.Addr}, Near: 2})
		if err != nil {
			t.Fatal(err)
		}
		heads := 0
		for i := range few.Rows {
			r := &few.Rows[i]
			k := all.index(r.Addr)
			if k < 0 || all.Rows[k] != *r {
				t.Errorf("%s: %s is %+v", kind, r.Where, r)
			}
			if r.Where.Overflow == 0 {
				heads++
			}
		}
		if heads != 5 || len(few.Partial) == 0 || few.Tombstones() != all.Tombstones() || few.Used != all.Used {
			t.Errorf("%s: %d rows, %v", kind, heads, few.Partial)
		}
		read := uint64(0)
		for _, p := range mem.pieces {
			if p.role == RoleRow {
				read += uint64(len(p.data))
			}
		}
		if read > 10*l.Row.Size {
			t.Errorf("%s: %d bytes of rows were read for 5 of them", kind, read)
		}
	}
}

// index finds a row by its address.
func (m *Map) index(addr uint64) int {
	return slices.IndexFunc(m.Rows, func(r Row) bool { return r.Addr == addr })
}
