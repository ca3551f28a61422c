package debuginfo

import (
	"debug/buildinfo"
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"deltui/internal/gomap"
)

// File is the debug information of one Go program. Its methods may be called
// from several goroutines. All addresses are link-time addresses.
type File struct {
	path string
	c    container

	facts Facts
	syms  map[string]symbol // the wanted ones

	mu        sync.Mutex
	data      *dwarf.Data // made by need; see dwarfData
	scan      *scanner
	units     []*unit
	scanned   map[*unit]bool
	types     map[uint64]uint64 // go_runtime_type → entry
	maps      map[string]uint64 // name of a map type → entry
	structs   map[string]uint64 // name of a struct type → entry
	funcs     map[uint64]funcDIE
	cache     map[uint64]*gomap.Type
	layouts   map[uint64]*gomap.Layout
	lines     map[*unit][]dwarf.LineEntry
	withLines *dwarf.Data
	lists     []byte   // location lists
	sorted    []symbol // code; by address once isSorted
	isSorted  bool
}

// Open opens a Go program. The error, if any, is an [*Error].
func Open(path string) (f *File, err error) {
	defer guard(path, "reading it", &err)
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse(path, NotFound, "check the path", "nothing there")
	case err != nil:
		return nil, refuse(path, NotFound, "check its permissions", "%v", err)
	case fi.IsDir():
		return nil, refuse(path, NotELF, "name a built program in it", "a directory")
	case !fi.Mode().IsRegular():
		return nil, refuse(path, NotELF, "name a built program", "not a regular file")
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, refuse(path, NotFound, "check its permissions", "%v", err)
	}
	f, err = open(path, r, fi.Size())
	if err != nil {
		r.Close()
		return nil, err
	}
	return f, nil
}

type file interface {
	io.ReaderAt
	io.Closer
}

// open reads the file from r, which the File then owns.
func open(path string, r file, size int64) (f *File, err error) {
	defer guard(path, "reading it", &err)
	c, err := openContainer(path, r, size)
	if err != nil {
		return nil, err
	}
	f = &File{
		path: path, c: c,
		scanned: map[*unit]bool{},
		types:   map[uint64]uint64{},
		maps:    map[string]uint64{},
		structs: map[string]uint64{},
		funcs:   map[uint64]funcDIE{},
		cache:   map[uint64]*gomap.Type{},
		layouts: map[uint64]*gomap.Layout{},
	}
	bi, biErr := buildinfo.Read(r)
	syms, err := c.symbols()
	if err != nil {
		return nil, refuse(path, Malformed, "build it again", "%v", err)
	}
	f.wanted(syms)
	_, isRuntime := f.syms["runtime.main"]
	if why := c.library(); why != "" {
		return nil, refuse(path, Library, "watch the program that loads it; only programs with their own runtime are supported", "%s", why)
	}
	if biErr != nil && !isRuntime {
		return nil, refuse(path, NotGo, "name a program built by go build", "no build information of Go in it")
	}
	if arch := c.arch(); arch != runtime.GOARCH {
		return nil, refuse(path, WrongArch, "build it with GOARCH="+runtime.GOARCH, "it is for %s, and this machine is %s", arch, runtime.GOARCH)
	}
	if err := f.readFacts(bi); err != nil {
		return nil, err
	}
	if !c.has("debug_info") {
		return nil, refuse(path, Stripped, "build it without -ldflags=-s or -w, and don't strip it", "it was built or stripped without DWARF")
	}
	if !isRuntime {
		return nil, refuse(path, Stripped, "build it without -ldflags=-s, and don't strip it", "it has DWARF but no symbol table")
	}
	return f, nil
}

func openContainer(path string, r file, size int64) (container, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil {
		return nil, refuse(path, NotELF, "name a program built by go build", "it has only %d bytes", size)
	}
	make := openELF
	switch binary.LittleEndian.Uint32(magic[:]) {
	case 0x464c457f:
	case 0xfeedface, 0xfeedfacf:
		make = openMachO
	default:
		return nil, refuse(path, NotELF, "name a built program, a .go file, or a package directory", "it begins with %q", magic[:])
	}
	c, err := make(r, size)
	if err != nil {
		return nil, refuse(path, Malformed, "build it again", "%v", err)
	}
	return c, nil
}

// Close closes the file.
func (f *File) Close() error { return f.c.close() }

// Path is the path that was opened.
func (f *File) Path() string { return f.path }

// wanted keeps the symbols that are looked up by name, and all code by address.
func (f *File) wanted(syms []symbol) {
	f.syms = make(map[string]symbol, 64)
	f.sorted = syms[:0]
	for _, s := range syms {
		if wantedSymbol(s.name) {
			f.syms[s.name] = s
		}
		if s.code {
			f.sorted = append(f.sorted, s)
		}
	}
}

// load reads the debug information and finds the units. Call it with mu held.
func (f *File) load() error {
	if f.scan != nil {
		return nil
	}
	s := &scanner{order: binary.LittleEndian}
	for name, p := range map[string]*[]byte{"debug_info": &s.info, "debug_abbrev": &s.abbr, "debug_addr": &s.addr} {
		b, err := f.c.section(name)
		if err != nil {
			return refuse(f.path, Malformed, "build it again", "%v", err)
		}
		*p = b
	}
	f.units = s.units()
	for _, u := range f.units {
		s.root(u)
	}
	f.scan = s
	return nil
}

// dwarfData is what debug/dwarf needs to read single entries: not the line
// table and the location lists, which are large. Call it with mu held.
func (f *File) dwarfData() (*dwarf.Data, error) {
	if f.data != nil {
		return f.data, nil
	}
	if err := f.load(); err != nil {
		return nil, err
	}
	str, err := f.c.section("debug_str")
	if err != nil {
		return nil, refuse(f.path, Malformed, "build it again", "%v", err)
	}
	d, err := dwarf.New(f.scan.abbr, nil, nil, f.scan.info, nil, nil, nil, str)
	if err != nil {
		return nil, refuse(f.path, Malformed, "build it again", "%v", err)
	}
	for _, name := range []string{"debug_addr", "debug_line_str", "debug_str_offsets"} {
		b := f.scan.addr
		if name != "debug_addr" {
			if b, err = f.c.section(name); err != nil {
				return nil, refuse(f.path, Malformed, "build it again", "%v", err)
			}
		}
		if err := d.AddSection("."+name, b); err != nil {
			return nil, refuse(f.path, Malformed, "build it again", "%v", err)
		}
	}
	f.data = d
	return d, nil
}
