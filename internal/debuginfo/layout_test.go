package debuginfo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"deltui/internal/gomap"
)

// TestLayout reads each map of the running sample by its layout, and finds in
// it the one entry that the sample says that it put there.
func TestLayout(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			path := v.build(t)
			f := mustOpen(t, path)
			s := start(t, path, f)
			for _, m := range s.maps {
				l, err := f.Layout(m.rtype - s.slide)
				fromMem, memErr := f.LayoutFromMemory(s, m.rtype, s.slide)
				if memErr != nil {
					t.Errorf("%s from memory: %v", m.name, memErr)
					continue
				}
				switch m.word {
				case "map":
					if errors.Is(err, ErrNoType) && f.Facts().PIE {
						l = fromMem // it has only its descriptor
					} else if err != nil {
						t.Errorf("%s: %v", m.name, err)
						continue
					}
					checkEntry(t, s, l, m)
					checkTypes(t, f, s, l, m)
					byName, err := f.LayoutByName(l.Type)
					if _, ok := f.types[m.rtype-s.slide-f.syms["runtime.types"].addr]; ok && (err != nil || !reflect.DeepEqual(byName, l)) {
						t.Errorf("%s by name: %+v, %v", l.Type, byName, err)
					}
					// The descriptor's name of a named map type has less of
					// the package.
					fromMem.Type = l.Type
					if !reflect.DeepEqual(fromMem, l) {
						t.Errorf("%s from memory:\n%+v, from DWARF:\n%+v", m.name, fromMem, l)
					}
				case "made":
					if l != nil && m.name != l.Type {
						t.Errorf("%s has the layout of %s", m.name, l.Type)
					}
					if l == nil && !errors.Is(err, ErrNoType) {
						t.Error(err)
					}
					checkEntry(t, s, fromMem, m)
					checkTypes(t, f, s, fromMem, m)
				case "large":
					checkLarge(t, s, l, m)
				}
			}
		})
	}
}

func (s *sample) word(t *testing.T, addr uint64) uint64 {
	t.Helper()
	var b [8]byte
	if err := s.ReadAt(b[:], addr, gomap.RoleUnknown); err != nil {
		t.Fatalf("reading %#x: %v", addr, err)
	}
	return binary.LittleEndian.Uint64(b[:])
}

// field reads a field by name.
func (s *sample) field(t *testing.T, fs []gomap.Field, base uint64, name string) uint64 {
	t.Helper()
	for _, f := range fs {
		if f.Name == name {
			var b [8]byte
			if err := s.ReadAt(b[:f.Size], base+f.Off, gomap.RoleUnknown); err != nil {
				t.Fatal(err)
			}
			return binary.LittleEndian.Uint64(b[:])
		}
	}
	t.Fatalf("no field %s in %v", name, fs)
	return 0
}

// firstRow is the address of a map's only bucket or group, and its count.
func (s *sample) firstRow(t *testing.T, l *gomap.Layout, header uint64) (row, used uint64) {
	t.Helper()
	if l.Kind == gomap.Classic {
		return s.field(t, l.Header, header, "buckets"), s.field(t, l.Header, header, "count")
	}
	return s.field(t, l.Header, header, "dirPtr"), s.field(t, l.Header, header, "used")
}

func checkEntry(t *testing.T, s *sample, l *gomap.Layout, m said) {
	t.Helper()
	if l.Row.Size != m.row {
		t.Errorf("%s: row of %d bytes, the descriptor says %d", m.name, l.Row.Size, m.row)
	}
	row, used := s.firstRow(t, l, m.header)
	if used != 1 {
		t.Errorf("%s: used %d, not 1", m.name, used)
	}
	b := make([]byte, l.Row.Size)
	if err := s.ReadAt(b, row, gomap.RoleUnknown); err != nil {
		t.Fatal(err)
	}
	full := 0
	for i := range gomap.CellsPerRow {
		if l.StateOf(b[int(l.Row.Ctrl)+i]) != gomap.Full {
			continue
		}
		full++
		r := &gomap.Row{Addr: row}
		checkCell(t, s, m.name+" key", l.KeyAddr(r, i), l.Key, l.KeyIndirect, m.key)
		checkCell(t, s, m.name+" elem", l.ElemAddr(r, i), l.Elem, l.ElemIndirect, m.elem)
	}
	if full != 1 {
		t.Errorf("%s: %d cells are full, not 1: % x", m.name, full, b[l.Row.Ctrl:l.Row.Ctrl+8])
	}
	if l.Kind == gomap.Classic && s.word(t, row+l.Row.Overflow) != 0 {
		t.Errorf("%s: a bucket overflows", m.name)
	}
}

func checkCell(t *testing.T, s *sample, what string, at uint64, typ *gomap.Type, indirect bool, want []byte) {
	t.Helper()
	if uint64(len(want)) != typ.Size {
		t.Errorf("%s: %d bytes, the sample says %d", what, typ.Size, len(want))
		return
	}
	if indirect != (len(want) > 128) {
		t.Errorf("%s of %d bytes: indirect %v", what, len(want), indirect)
	}
	if indirect {
		at = s.word(t, at)
	}
	got := make([]byte, len(want))
	if err := s.ReadAt(got, at, gomap.RoleUnknown); err != nil {
		t.Errorf("%s at %#x: %v", what, at, err)
		return
	}
	if typ.Kind == reflect.Interface { // the value was boxed anew
		got, want = got[:8], want[:8]
	}
	if strings.Contains(describe(typ), "interface") && typ.Kind != reflect.Interface {
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: % x, the sample says % x", what, got, want)
	}
}

func checkTypes(t *testing.T, f *File, s *sample, l *gomap.Layout, m said) {
	t.Helper()
	if got := describe(l.Key); got != m.keyDesc {
		t.Errorf("%s: key %s, the sample says %s", m.name, got, m.keyDesc)
	}
	if got := describe(l.Elem); got != m.elemDesc {
		t.Errorf("%s: elem %s, the sample says %s", m.name, got, m.elemDesc)
	}
	for _, typ := range []struct {
		rtype uint64
		want  *gomap.Type
	}{{m.keyType, l.Key}, {m.elemType, l.Elem}} {
		if got, err := f.TypeFromMemory(s, typ.rtype, s.slide); err != nil || !reflect.DeepEqual(got, typ.want) {
			t.Errorf("%s: type at %#x from memory: %+v, %v; want %+v", m.name, typ.rtype, got, err, typ.want)
		}
		if m.word == "made" {
			continue // its types need not be in the file
		}
		if got := f.TypeAt(typ.rtype - s.slide); !(got == nil && f.Facts().PIE) && !reflect.DeepEqual(got, typ.want) {
			t.Errorf("%s: type at %#x: %+v, want %+v", m.name, typ.rtype, got, typ.want)
		}
	}
}

// checkLarge walks a map of many rows, and counts.
func checkLarge(t *testing.T, s *sample, l *gomap.Layout, m said) {
	t.Helper()
	full := 0
	count := func(row uint64) {
		var ctrl [8]byte
		if err := s.ReadAt(ctrl[:], row+l.Row.Ctrl, gomap.RoleUnknown); err != nil {
			t.Fatal(err)
		}
		for _, c := range ctrl {
			if l.StateOf(c) == gomap.Full {
				full++
			}
		}
	}
	if l.Kind == gomap.Classic {
		for _, name := range []string{"buckets", "oldbuckets"} {
			n := uint64(1) << s.field(t, l.Header, m.header, "B")
			base := s.field(t, l.Header, m.header, name)
			if name == "oldbuckets" {
				n /= 2
			}
			for i := uint64(0); base != 0 && i < n; i++ {
				for row := base + i*l.Row.Size; row != 0; row = s.word(t, row+l.Row.Overflow) {
					count(row)
				}
			}
		}
	} else {
		dir, n := s.field(t, l.Header, m.header, "dirPtr"), s.field(t, l.Header, m.header, "dirLen")
		used, last := uint64(0), uint64(0)
		for i := range n {
			table := s.word(t, dir+8*i)
			if table == last {
				continue
			}
			last = table
			used += s.field(t, l.Table.Fields, table, "used")
			groups := s.word(t, table+l.Table.LengthMask) + 1
			if c := s.field(t, l.Table.Fields, table, "capacity"); c != 8*groups {
				t.Errorf("capacity %d of %d groups", c, groups)
			}
			for g := range groups {
				count(s.word(t, table+l.Table.GroupsData) + g*l.Row.Size)
			}
		}
		if used != m.row {
			t.Errorf("tables use %d, len is %d", used, m.row)
		}
	}
	if uint64(full) != m.row {
		t.Errorf("%d cells are full, len is %d", full, m.row)
	}
}

func TestLayoutUnknown(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, variants()[0].build(t))
	for _, rtype := range []uint64{0, 1, f.syms["runtime.types"].addr, f.syms["runtime.etypes"].addr, 1 << 63} {
		if l, err := f.Layout(rtype); err == nil {
			t.Errorf("Layout(%#x) = %v, %v", rtype, l, err)
		}
		if typ := f.TypeAt(rtype); typ != nil {
			t.Errorf("TypeAt(%#x) = %v", rtype, typ)
		}
	}
	if _, err := f.LayoutByName("map[nobody]home"); !errors.Is(err, ErrNoType) {
		t.Error(err)
	}
	_, _, err := f.Field("runtime.g", "nonsense")
	var e *Error
	if !errors.As(err, &e) || e.Reason != Unknown || !strings.Contains(e.Detail, "wanted nonsense; found ") || !strings.Contains(e.Detail, "goid") {
		t.Errorf("a field that is not there: %v", err)
	}
	if _, _, err := f.Field("runtime.nothing", "x"); !errors.As(err, &e) || e.Reason != Unknown {
		t.Errorf("a struct that is not there: %v", err)
	}
}

// TestConcurrent calls all methods at once, for the race detector.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	f := mustOpen(t, variants()[0].build(t))
	var wg sync.WaitGroup
	for _, call := range []func() error{
		func() error { _, err := f.EntryPoints(); return err },
		func() error { _, err := f.LayoutByName("map[uint64]int"); return err },
		func() error { _, _, err := f.Field("runtime.g", "goid"); return err },
		func() error { _, err := f.CallSites(gomap.Delete); return err },
		func() error { _, err := f.Watchable(); return err },
		func() error { f.Facts(); f.IsStd("sort.Sort", ""); f.Transparent("maps.Clone"); return nil },
		func() error { f.TypeAt(f.syms["runtime.types"].addr + 64); return nil },
	} {
		for range 2 {
			wg.Go(func() {
				if err := call(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}
