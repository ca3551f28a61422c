package debuginfo

import (
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// A stream is a section that is unpacked only as far as it has been asked for.
// Most of the time to open a program goes into unpacking, and what is needed
// is near the front: the runtime's packages come first in each section, since
// they depend on none.
type stream struct {
	r    io.Reader
	size uint64
	b    []byte // so far
}

const (
	// maxSection bounds what one section may unpack to.
	maxSection = 1 << 30
	// streamStep is how much is unpacked at a time.
	streamStep = 1 << 17
)

// newStream is a section of size bytes, to be unpacked from n bytes by r. What
// the file claims is believed for the allocation only as far as compilers
// compress.
func newStream(r io.Reader, size, n uint64) (*stream, error) {
	if size > maxSection {
		return nil, fmt.Errorf("unpacks to %d bytes, more than %d", size, int64(maxSection))
	}
	s := &stream{r: r, size: size}
	if size <= 32*n+4096 {
		s.b = make([]byte, 0, size)
	}
	return s, nil
}

// newZdebug is a __zdebug_ section of Mach-O, which debug/macho leaves packed.
func newZdebug(r io.Reader, n uint64) (*stream, error) {
	var hdr [12]byte
	if _, err := io.ReadFull(r, hdr[:]); err != nil {
		return nil, err
	}
	if string(hdr[:4]) != "ZLIB" {
		return nil, fmt.Errorf("it begins with %q, not ZLIB", hdr[:4])
	}
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, err
	}
	return newStream(z, binary.BigEndian.Uint64(hdr[4:]), n)
}

// upTo is at least the first n bytes, or all if there are not so many.
func (s *stream) upTo(n uint64) ([]byte, error) {
	if n = min(n, s.size); uint64(len(s.b)) >= n {
		return s.b, nil
	}
	n = min(s.size, max(n, uint64(len(s.b))+streamStep))
	for uint64(len(s.b)) < n {
		if len(s.b) == cap(s.b) {
			s.b = append(s.b, 0)[:len(s.b)]
		}
		end := min(uint64(cap(s.b)), n)
		m, err := io.ReadFull(s.r, s.b[len(s.b):end])
		s.b = s.b[:len(s.b)+m]
		if err != nil {
			return s.b, err
		}
	}
	return s.b, nil
}

// all is the whole section.
func (s *stream) all() ([]byte, error) { return s.upTo(s.size) }
