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

	facts    Facts
	learned  sync.Once         // see learn
	factsErr error             // why learn failed
	syms     map[string]symbol // the wanted ones

	mu                 sync.Mutex
	data               *dwarf.Data // of the first dataInfo and dataLine bytes
	dataInfo, dataLine uint64
	lineSec            *stream
	lists              *stream // location lists
	strings            [len(stringSections)][]byte
	scan               *scanner
	units              []*unit
	scanned            map[*unit]bool
	types              map[uint64]uint64 // go_runtime_type → entry
	maps               map[string]uint64 // name of a map type → entry
	structs            map[string]uint64 // name of a struct type → entry
	funcs              map[uint64]funcDIE
	abstract           map[uint64]string // entry points that were also inlined
	cache              map[uint64]*gomap.Type
	layouts            map[uint64]*gomap.Layout
	sorted             []symbol // code; by address once isSorted
	isSorted           bool
	tested             map[string]bool // packages with tests, of a test binary; see underTest
}

// This machine's; a test reads another's programs.
var (
	hostOS   = runtime.GOOS
	hostArch = runtime.GOARCH
)

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
	if _, mach := f.c.(*machoFile); mach != (hostOS == "darwin") {
		f.Close()
		system := "darwin"
		if !mach {
			system = "an ELF system such as linux"
		}
		return nil, refuse(path, WrongArch, "build it with GOOS="+hostOS, "it is for %s, and this machine is %s", system, hostOS)
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
		scanned:  map[*unit]bool{},
		types:    map[uint64]uint64{},
		maps:     map[string]uint64{},
		structs:  map[string]uint64{},
		funcs:    map[uint64]funcDIE{},
		abstract: map[uint64]string{},
		cache:    map[uint64]*gomap.Type{},
		layouts:  map[uint64]*gomap.Layout{},
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
	if arch := c.arch(); arch != hostArch {
		return nil, refuse(path, WrongArch, "build it with GOARCH="+hostArch, "it is for %s, and this machine is %s", arch, hostArch)
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

// malformed is a refusal of the file's contents.
func (f *File) malformed(format string, args ...any) error {
	return refuse(f.path, Malformed, "build it again", format, args...)
}

// load prepares for reading the debug information. Call it with mu held.
func (f *File) load() error {
	if f.scan != nil {
		return nil
	}
	s := &scanner{order: binary.LittleEndian}
	var err error
	if s.info, err = f.c.section("debug_info"); err != nil {
		return f.malformed("%v", err)
	}
	if s.abbr, err = f.whole("debug_abbrev"); err != nil {
		return err
	}
	if s.addr, err = f.whole("debug_addr"); err != nil {
		return err
	}
	f.scan = s
	return nil
}

// whole is all of a section.
func (f *File) whole(name string) ([]byte, error) {
	s, err := f.c.section(name)
	if err != nil {
		return nil, f.malformed("%v", err)
	}
	b, err := s.all()
	if err != nil {
		return nil, f.malformed("section %s: %v", name, err)
	}
	return b, nil
}

// dwarfUpTo is the debug information for debug/dwarf, with at least all units
// that begin before infoEnd, and lineEnd bytes of the line table. Call it with
// mu held.
func (f *File) dwarfUpTo(infoEnd, lineEnd uint64) (*dwarf.Data, error) {
	if err := f.load(); err != nil {
		return nil, err
	}
	for f.scan.next < infoEnd && f.moreUnits() {
	}
	infoEnd = f.scan.next
	if f.data != nil && f.dataInfo >= infoEnd && f.dataLine >= lineEnd {
		return f.data, nil
	}
	lineEnd = max(lineEnd, f.dataLine)
	if f.lineSec == nil {
		var err error
		if f.lineSec, err = f.c.section("debug_line"); err != nil {
			return nil, f.malformed("%v", err)
		}
		for i, name := range stringSections {
			if f.strings[i], err = f.whole(name); err != nil {
				return nil, err
			}
		}
	}
	line, err := f.lineSec.upTo(lineEnd)
	if err != nil {
		return nil, f.malformed("line table: %v", err)
	}
	if lineEnd == 0 {
		line = nil
	}
	d, err := dwarf.New(f.scan.abbr, nil, nil, f.scan.bytes(infoEnd)[:infoEnd], line, nil, nil, f.strings[0])
	if err != nil {
		return nil, f.malformed("%v", err)
	}
	for i, name := range stringSections {
		if i > 0 {
			err = errors.Join(err, d.AddSection("."+name, f.strings[i]))
		}
	}
	if err = errors.Join(err, d.AddSection(".debug_addr", f.scan.addr)); err != nil {
		return nil, f.malformed("%v", err)
	}
	f.data, f.dataInfo, f.dataLine = d, infoEnd, uint64(len(line))
	return d, nil
}

// stringSections are small in Go programs, or not there.
var stringSections = [...]string{"debug_str", "debug_line_str", "debug_str_offsets"}
