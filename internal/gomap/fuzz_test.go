package gomap

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzBase is where a fuzzed memory begins.
const fuzzBase = 0x10000

// flat is memory from fuzzBase on: with the input's pages repeated, so that
// long arrays are there too. It counts what is asked for.
type flat struct {
	data  []byte
	pages uint64
	reads int
	bytes uint64
}

func (f *flat) ReadAt(p []byte, addr uint64, _ Role) error {
	f.reads++
	size := uint64(len(f.data))
	if size == 0 || addr < fuzzBase || addr-fuzzBase+uint64(len(p)) > size*f.pages {
		return ErrUnread
	}
	f.bytes += uint64(len(p))
	for len(p) > 0 {
		n := copy(p, f.data[(addr-fuzzBase)%size:])
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}

// fuzzWindow is small, so that what is too much shows.
var fuzzWindow = Window{MaxRows: 512, MaxTables: 32}

// imaged is an arena as a flat memory, its pointers moved along.
func imaged(a *arena, root uint64) (data []byte, at uint16) {
	moved := map[uint64]uint64{}
	for _, addr := range a.order {
		moved[addr] = fuzzBase + uint64(len(data))
		data = append(data, a.blocks[addr]...)
		data = append(data, make([]byte, 16)...)
	}
	for i := 0; i+8 <= len(data); i += 8 {
		p := binary.LittleEndian.Uint64(data[i:])
		for _, addr := range a.order {
			if p >= addr && p < addr+uint64(len(a.blocks[addr])) {
				binary.LittleEndian.PutUint64(data[i:], p-addr+moved[addr])
			}
		}
	}
	return data, uint16(moved[root] - fuzzBase)
}

func fuzzLayout(kind uint8) *Layout {
	switch kind % 3 {
	case 0:
		return classicLayout()
	case 1:
		return swissLayout(false)
	}
	return swissLayout(true)
}

func seeds(f *testing.F, add func(kind uint8, data []byte, at uint16)) {
	f.Helper()
	for _, n := range []int{0, 3, 9, 40} {
		c := classicOf(n)
		data, at := imaged(c.arena, c.h)
		add(0, data, at)
		s := swissOf(n)
		data, at = imaged(s.arena, s.h)
		add(1, data, at)
	}
}

// checkMap holds what Decode promises of any map.
func checkMap(t *testing.T, m *Map, w Window) {
	t.Helper()
	if len(m.Rows) > w.MaxRows || len(m.Tables) > w.MaxTables || len(m.Partial) > maxPartial {
		t.Fatalf("%d rows, %d tables, %d remarks", len(m.Rows), len(m.Tables), len(m.Partial))
	}
	if uint64(len(m.Rows)) > m.RowsTotal {
		t.Fatalf("%d rows of %d", len(m.Rows), m.RowsTotal)
	}
	unread := false
	for i := range m.Rows {
		r := &m.Rows[i]
		unread = unread || !r.Read
		if !r.Read && r.Ctrl != [CellsPerRow]byte{} {
			t.Fatalf("%s was not read, and has control bytes", r.Where)
		}
		if r.Where.Classic != (m.Layout.Kind == Classic) || r.Where.Table >= len(m.Tables) {
			t.Fatalf("%+v", r.Where)
		}
	}
	if (unread || uint64(len(m.Rows)) < m.RowsTotal) && len(m.Partial) == 0 {
		t.Fatalf("%d rows of %d, and no remark", len(m.Rows), m.RowsTotal)
	}
}

// allocated runs f and fails if it took more than limit bytes of memory.
func allocated(t *testing.T, limit uint64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > limit {
		t.Fatalf("%d bytes allocated, %d at most", n, limit)
	}
}

func FuzzDecode(f *testing.F) {
	seeds(f, func(kind uint8, data []byte, at uint16) { f.Add(kind, data, at, uint8(1)) })
	f.Fuzz(func(t *testing.T, kind uint8, data []byte, at uint16, pages uint8) {
		l := fuzzLayout(kind)
		mem := &flat{data: data, pages: uint64(pages)}
		var m *Map
		var err error
		// The buffer, the directory, the rows; twice for what grows.
		allocated(t, 40<<20, func() { m, err = Decode(l, fuzzBase+uint64(at), mem, fuzzWindow) })
		if err != nil {
			if m != nil {
				t.Fatal("a map and an error")
			}
			return
		}
		checkMap(t, m, fuzzWindow)
		if mem.reads > 2*maxUnread || mem.bytes > 64<<20 {
			t.Fatalf("%d reads, %d bytes", mem.reads, mem.bytes)
		}
		for i := range m.Rows {
			for k := range CellsPerRow {
				if key, _, err := l.ReadKey(mem, &m.Rows[i], k, 64); err == nil {
					Format(l.Key, key, mem, nil, 64)
				}
			}
		}
		Compare(Delete, m, m)
	})
}

// FuzzLayout decodes by layouts that may be anything.
func FuzzLayout(f *testing.F) {
	f.Add(uint8(1), uint64(136), uint64(0), uint64(8), uint64(16), uint64(16), uint64(16), uint64(48), uint64(16), uint64(0), uint64(8))
	f.Add(uint8(0), uint64(144), uint64(0), uint64(8), uint64(8), uint64(72), uint64(8), uint64(48), uint64(136), uint64(9), uint64(1))
	f.Fuzz(func(t *testing.T, kind uint8, size, ctrl, keys, ks, elems, es, header, over, off, width uint64) {
		l := fuzzLayout(kind)
		l.Row = RowLayout{Size: size, Ctrl: ctrl, Keys: keys, KeyStride: ks, Elems: elems, ElemStride: es, Overflow: over}
		l.HeaderSize = header
		l.Table.GroupsData = over
		l.Header[2].Off, l.Header[2].Size = off, width
		mem := &flat{data: make([]byte, 4096), pages: 16}
		for i := range mem.data {
			mem.data[i] = byte(i * 7)
		}
		binary.LittleEndian.PutUint64(mem.data[16:], fuzzBase+64)
		m, err := Decode(l, fuzzBase, mem, fuzzWindow)
		if err == nil {
			checkMap(t, m, fuzzWindow)
			for i := range m.Rows {
				for k := range CellsPerRow {
					l.ReadKey(mem, &m.Rows[i], k, 64)
					l.ReadElem(mem, &m.Rows[i], k, 64)
				}
			}
		}
	})
}

// FuzzCompare compares two moments of which the second differs from the first
// in some bytes, or in all.
func FuzzCompare(f *testing.F) {
	seeds(f, func(kind uint8, data []byte, at uint16) {
		f.Add(kind, uint8(1), data, at, []byte{0, 100, 0xfe}, uint8(1))
		f.Add(kind, uint8(3), data, at, []byte{0, 200, 0x80, 0, 0, 7}, uint8(1))
	})
	f.Fuzz(func(t *testing.T, kind, op uint8, data []byte, at uint16, edits []byte, pages uint8) {
		l := fuzzLayout(kind)
		decode := func(data []byte) *Map {
			m, err := Decode(l, fuzzBase+uint64(at), &flat{data: data, pages: uint64(pages)}, fuzzWindow)
			if err != nil {
				return nil
			}
			return m
		}
		before := decode(data)
		data = append([]byte(nil), data...)
		for ; len(edits) >= 3; edits = edits[3:] {
			if i := int(edits[0])<<8 | int(edits[1]); i < len(data) {
				data[i] = edits[2]
			}
		}
		after := decode(data)
		d := Compare(OpKind(op%4), before, after)
		unexplained := 0
		for i, c := range d.Changes {
			if c.From == c.To || i > 0 && c.Addr < d.Changes[i-1].Addr {
				t.Fatalf("%+v", d.Changes)
			}
			if c.Rule == "" {
				unexplained++
			} else if r, ok := RuleNamed(c.Rule); !ok {
				t.Fatalf("%s is no rule", c.Rule)
			} else if !strings.HasPrefix(c.Rule, strings.Split(l.Kind.String(), "-")[0]) || len(r.Layouts) == 0 {
				t.Fatalf("%s on a %s map", c.Rule, l.Kind)
			}
		}
		if unexplained == 0 && strings.Contains(d.Why, "Not explained") {
			unexplained = 1 // by no byte at all
		}
		if unexplained != d.Unexplained || d.Why == "" && op%4 != 0 || strings.Contains(d.Why, "%!") {
			t.Fatalf("%+v", d)
		}
	})
}

// fuzzType makes a type tree out of bytes.
type fuzzTypes struct {
	data []byte
	made []*Type
}

func (f *fuzzTypes) byte() byte {
	if len(f.data) == 0 {
		return 0
	}
	b := f.data[0]
	f.data = f.data[1:]
	return b
}

func (f *fuzzTypes) make(depth int) *Type {
	t := &Type{Name: fmt.Sprintf("main.T%c", 'a'+f.byte()%26), Kind: reflect.Kind(f.byte() % 30), Size: uint64(f.byte())}
	b := f.byte()
	t.Direct, t.Methods = b&1 != 0, b&2 != 0
	if b&4 != 0 {
		t.Name = string([]byte{f.byte(), f.byte(), f.byte()})
	}
	if b&8 != 0 {
		t.Size = ^uint64(0) - t.Size
	}
	if depth < 4 {
		switch t.Kind {
		case reflect.Array:
			t.Elem, t.Len = f.make(depth+1), uint64(f.byte())<<(f.byte()%64)
		case reflect.Struct:
			for range f.byte() % 5 {
				t.Fields = append(t.Fields, TypeField{string(rune(f.byte())), uint64(f.byte()), f.make(depth + 1)})
			}
		}
	}
	f.made = append(f.made, t)
	return t
}

func (f *fuzzTypes) TypeAt(addr uint64) *Type {
	if i := addr % 64; i < uint64(len(f.made)) {
		return f.made[i]
	}
	return nil
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte{0, 24, 16}, make([]byte, 32), uint16(10))
	f.Add([]byte{1, 25, 200, 0, 4, 65, 0, 1, 24, 16}, []byte("\x00\x00\x01\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00key\xe2\x80\xae"), uint16(40))
	f.Add([]byte{1, 17, 200, 0, 1, 20, 16, 0, 9, 20}, []byte("\x00\x00\x01\x00\x00\x00\x00\x00\x05\x00\x01\x00\x00\x00\x00\x00"), uint16(300))
	f.Fuzz(func(t *testing.T, shape, data []byte, limit uint16) {
		types := &fuzzTypes{data: shape}
		typ := types.make(0)
		mem := &flat{data: data, pages: 300}
		max := int(limit % 2000)
		var text string
		var whole int
		allocated(t, 64<<20, func() { text, whole = Format(typ, data, mem, types, max) })
		if len(text) > max || whole != 0 && whole < len(text) || whole < 0 {
			t.Fatalf("%d bytes of %d, whole %d", len(text), max, whole)
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unseen) {
			t.Fatalf("%q", text)
		}
		again, _ := Format(typ, data, mem, types, max+10)
		if !strings.HasPrefix(again, text) {
			t.Fatalf("%q is not the beginning of %q", text, again)
		}
		Wants(typ, data, mem, types, max)
	})
}
