package file

import (
	"encoding/binary"
	"errors"
)

// errCorrupt is what every decoding of damaged or hostile bytes comes to.
var errCorrupt = errors.New("corrupt data")

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

func appendInt(b []byte, v int64) []byte { return binary.AppendVarint(b, v) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// decoder reads varints from bytes. After the first error it returns zeroes,
// so that callers check once.
type decoder struct {
	b   []byte
	off int
	err error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errCorrupt
	}
	d.off = len(d.b)
}

func (d *decoder) left() int { return len(d.b) - d.off }

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b[d.off:])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.off += n
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b[d.off:])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.off += n
	return v
}

// small reads a number that must not be more than most.
func (d *decoder) small(most int) int {
	v := d.uint()
	if v > uint64(most) {
		d.fail()
		return 0
	}
	return int(v)
}

// count reads the number of things that follow, each at least size bytes long.
func (d *decoder) count(size int) int { return d.small(d.left() / size) }

func (d *decoder) byte() byte {
	if d.left() < 1 {
		d.fail()
		return 0
	}
	d.off++
	return d.b[d.off-1]
}

func (d *decoder) bool() bool { return d.byte() != 0 }

// take returns the next n bytes, not copied.
func (d *decoder) take(n int) []byte {
	if n < 0 || n > d.left() {
		d.fail()
		return nil
	}
	d.off += n
	return d.b[d.off-n : d.off : d.off]
}

func (d *decoder) text() string { return string(d.take(d.count(1))) }
