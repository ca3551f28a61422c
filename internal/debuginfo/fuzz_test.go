package debuginfo

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/testenv"
)

// memFile is a file in memory.
type memFile struct{ *bytes.Reader }

func (memFile) Close() error { return nil }

// FuzzOpen changes bytes of a small Go program: no input may make a reader
// panic, hang, or take more memory than the file's size explains. An edit is
// an offset and what is written there.
func FuzzOpen(f *testing.F) {
	if runtime.GOOS != "linux" {
		f.Skip("skipped: the file is an ELF file of the local toolchain")
	}
	dir := testenv.Unpack(f, []byte(tiny))
	// Not compressed, or else most edits would only break the compression.
	path := tinyBinary(f, dir, ".", nil, "-ldflags=-compressdwarf=false")
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	good, err := Open(path)
	if err != nil {
		f.Fatal(err)
	}
	elfFile := good.c.(*elfFile).f
	// Begin where the interesting bytes are.
	for _, name := range []string{".debug_info", ".debug_abbrev", ".debug_line", ".debug_loclists", ".debug_addr", ".symtab", ".strtab", ".go.buildinfo"} {
		if s := elfFile.Section(name); s != nil {
			for i := range uint64(4) {
				f.Add(s.Offset+i*s.FileSize/4+i, []byte{0xff, 0xff, 0xff, 0x7f}, uint64(len(data)))
				f.Add(s.Offset+i, []byte{0}, uint64(len(data)))
			}
		}
	}
	shoff := uint64(len(data)) - 64*30
	f.Add(uint64(16), []byte{3}, uint64(len(data)))
	f.Add(uint64(40), []byte{0, 0, 0, 0, 0, 0, 0, 0x40}, uint64(len(data)))
	f.Add(shoff, []byte{0xff, 0xff, 0xff, 0xff, 0xff}, uint64(len(data)))
	f.Add(uint64(0), []byte{}, uint64(100))
	rtype := good.syms["runtime.types"].addr
	good.Close()
	debug.SetMemoryLimit(1 << 30)
	f.Fuzz(func(t *testing.T, off uint64, edit []byte, size uint64) {
		b := bytes.Clone(data[:min(size, uint64(len(data)))])
		if off < uint64(len(b)) {
			copy(b[off:], edit)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		exercise(t, b, rtype)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<30 {
			t.Errorf("%d bytes allocated", n)
		}
	})
}

// exercise calls all there is on a file that may be broken.
func exercise(t *testing.T, b []byte, rtype uint64) {
	var e *Error
	check := func(err error) {
		if err != nil && !errors.As(err, &e) && !errors.Is(err, ErrNoType) && !errors.Is(err, io.EOF) && !errors.Is(err, errNotMapped) {
			t.Errorf("%T: %v", err, err)
		}
	}
	f, err := open("fuzz", memFile{bytes.NewReader(b)}, int64(len(b)))
	check(err)
	if err != nil {
		return
	}
	eps, err := f.EntryPoints()
	check(err)
	for _, ep := range eps {
		if ep.Stop < ep.Entry || ep.Stop >= ep.End {
			t.Errorf("%+v", ep)
		}
	}
	l, err := f.LayoutByName("map[int]int")
	check(err)
	if l != nil && (l.Row.Size == 0 || l.Row.Keys+8*l.Row.KeyStride < l.Row.Keys) {
		t.Errorf("%+v", l)
	}
	for off := uint64(0); off < 1<<12; off += 32 {
		f.TypeAt(rtype + off)
		_, err := f.Layout(rtype + off)
		check(err)
	}
	_, _, err = f.Field("runtime.g", "stack.lo")
	check(err)
	_, err = f.CallSites(gomap.Delete)
	check(err)
	_, err = f.Watchable()
	check(err)
	f.Facts()
}
