package debuginfo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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
	section(name string) ([]byte, error)
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

// maxSection bounds what one section may unpack to.
const maxSection = 1 << 31

// inflate reads size bytes that n bytes in the file unpack to. What the file
// claims is believed for the allocation only as far as compilers compress.
func inflate(r io.Reader, size, n uint64) ([]byte, error) {
	if size > maxSection {
		return nil, fmt.Errorf("unpacks to %d bytes, more than %d", size, int64(maxSection))
	}
	if size <= 32*n+4096 {
		b := make([]byte, size)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	m, err := io.Copy(&b, io.LimitReader(r, int64(size)))
	if err == nil && uint64(m) != size {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// inflateZdebug unpacks the older form of compression, a .zdebug_ section.
func inflateZdebug(b []byte) ([]byte, error) {
	if len(b) < 12 || string(b[:4]) != "ZLIB" {
		return b, nil
	}
	r, err := zlib.NewReader(bytes.NewReader(b[12:]))
	if err != nil {
		return nil, err
	}
	return inflate(r, binary.BigEndian.Uint64(b[4:12]), uint64(len(b)))
}
