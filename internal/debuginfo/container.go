package debuginfo

import (
	"errors"
)

// container is an executable file's format: ELF, or Mach-O.
type container interface {
	// arch is the GOARCH that the file is for, or the format's own name for it.
	arch() string
	// pie: it is loaded at an address chosen at run time.
	pie() bool
	// library says why the file is a shared library and not a program; "" if it is one.
	library() string
	// has reports whether there is a debug section of that name (debug_info).
	has(name string) bool
	// section is a debug section's contents, decompressed; empty if absent.
	section(name string) (*stream, error)
	// symbols are the defined symbols with a name, in no order.
	symbols() ([]symbol, error)
	// text is the section that holds Go's code.
	text() (addr uint64, data []byte, err error)
	// readAt reads from the file's image at a link-time address.
	readAt(p []byte, addr uint64) error
	close() error
}

// symbol is one name of the symbol table.
type symbol struct {
	name string
	addr uint64
	size uint64 // 0 in Mach-O
	code bool
}

var errNotMapped = errors.New("address is not in the file")
