package debuginfo

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// counts are what an index of a program's DWARF holds.
type counts struct{ funcs, maps, types int }

// indexByLibrary makes by debug/dwarf the index that indexAll makes by hand.
func indexByLibrary(path string) (c counts, err error) {
	d, done, err := openLibrary(path)
	if err != nil {
		return c, err
	}
	defer done()
	types := map[int64]bool{}
	maps := map[string]bool{}
	funcs := map[uint64]bool{}
	golang := false
	for r := d.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			return c, err
		}
		if e == nil {
			return counts{len(funcs), len(maps), len(types)}, nil
		}
		if e.Tag == dwarf.TagCompileUnit {
			const langGo = 0x16
			lang, _ := e.Val(dwarf.AttrLanguage).(int64)
			golang = lang == langGo
			continue
		}
		if e.Children {
			r.SkipChildren()
		}
		if !golang {
			continue
		}
		if pc, ok := e.Val(dwarf.AttrLowpc).(uint64); ok && e.Tag == dwarf.TagSubprogram {
			funcs[pc] = true
			continue
		}
		if rt, ok := runtimeType(e); ok {
			types[rt] = true
		}
		if kind, _ := e.Val(attrGoKind).(int64); e.Tag == dwarf.TagTypedef && kind == int64(reflect.Map) {
			name, _ := e.Val(dwarf.AttrName).(string)
			maps[name] = true
		}
	}
}

func runtimeType(e *dwarf.Entry) (int64, bool) {
	switch v := e.Val(attrGoRuntimeType).(type) {
	case uint64:
		return int64(v), v != 0
	case int64:
		return v, v != 0
	}
	return 0, false
}

// entriesByLibrary finds by debug/dwarf the functions named; it stops when it has
// found all, and so much as looks at none of their arguments, returns and lines.
func entriesByLibrary(path string, names []string) error {
	d, done, err := openLibrary(path)
	if err != nil {
		return err
	}
	defer done()
	for r := d.Reader(); len(names) > 0; {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e == nil {
			return fmt.Errorf("not found: %v", names)
		}
		if e.Tag == dwarf.TagCompileUnit {
			continue
		}
		if e.Children {
			r.SkipChildren()
		}
		if e.Tag == dwarf.TagSubprogram {
			name, _ := e.Val(dwarf.AttrName).(string)
			names = slices.DeleteFunc(names, func(n string) bool { return n == name })
		}
	}
	return nil
}

func openLibrary(path string) (*dwarf.Data, func(), error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, nil, err
	}
	d, err := f.DWARF()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return d, func() { f.Close() }, nil
}

func indexByHand(path string) (c counts, err error) {
	f, err := Open(path)
	if err != nil {
		return c, err
	}
	defer f.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.indexAll(); err != nil {
		return c, err
	}
	return counts{len(f.funcs), len(f.maps), len(f.types)}, nil
}

func entriesByHand(path string) (names []string, err error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	eps, err := f.EntryPoints()
	for i := range eps {
		names = append(names, eps[i].Name)
	}
	return names, err
}

// TestIndexes: the two indexes that BenchmarkDWARF compares have the same in them.
func TestIndexes(t *testing.T) {
	path := variant{tc: testenv.Local}.build(t)
	hand, err := indexByHand(path)
	if err != nil {
		t.Fatal(err)
	}
	library, err := indexByLibrary(path)
	if err != nil {
		t.Fatal(err)
	}
	if hand != library || hand.maps == 0 || hand.funcs == 0 || hand.types == 0 {
		t.Errorf("by hand %+v, by debug/dwarf %+v", hand, library)
	}
}

// BenchmarkDWARF prints what reading DWARF by hand saves, against debug/dwarf:
// for the entry points, which are all that is needed to start (by hand with their
// arguments, returns and lines; by debug/dwarf they are only found), and for an
// index of all types and functions. In turns, so that both meet the same machine.
func BenchmarkDWARF(b *testing.B) {
	const rounds = 9
	small := variant{tc: testenv.Local}.build(b)
	large := testenv.Local.BuildProgram(b, testenv.Program{Dir: b.TempDir(), Pkg: "cmd/compile"})
	took := func(run func() error) float64 {
		start := time.Now()
		if err := run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(start).Seconds() * 1e3
	}
	mid := func(v []float64) string {
		slices.Sort(v)
		return fmt.Sprintf("%.1f (%.1f–%.1f)", v[len(v)/2], v[0], v[len(v)-1])
	}
	fmt.Printf("%-30s %24s %24s %20s\n", "ms, median (least–most)", "by hand", "debug/dwarf", "ratio")
	for _, path := range []string{small, large} {
		fi, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		names, err := entriesByHand(path)
		if err != nil || len(names) == 0 {
			b.Fatal(errors.Join(err, errors.New("no entry points")))
		}
		for _, job := range []struct {
			name          string
			hand, library func() error
		}{
			{
				"entry points", func() error { _, err := entriesByHand(path); return err },
				func() error { return entriesByLibrary(path, slices.Clone(names)) },
			},
			{
				"all types and functions", func() error { _, err := indexByHand(path); return err },
				func() error { _, err := indexByLibrary(path); return err },
			},
		} {
			var hand, library, ratio []float64
			for range rounds {
				h, l := took(job.hand), took(job.library)
				hand, library, ratio = append(hand, h), append(library, l), append(ratio, l/h)
			}
			fmt.Printf("%-30s %24s %24s %20s\n", fmt.Sprintf("%.1f MB: %s", float64(fi.Size())/1e6, job.name), mid(hand), mid(library), mid(ratio))
		}
	}
	b.ReportMetric(0, "ns/op")
}
