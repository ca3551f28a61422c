package trace

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Memory is stored as what changed since the same address was last read, for
// the same map and in the same block:
//
//	shape   the regions of one Read: (address, length)…, interned
//	patch   (skip, n, n bytes)… over the shape's bytes, laid end to end
//
// The first time that an address is read in a block nothing is known of it, and
// all its bytes are in the patch. So a block can be decoded by itself, and
// never needs more memory than its own records have bytes.

// span is a region without its bytes.
type span struct {
	addr uint64
	n    int
}

// image is what is known of one map's memory while a block is written or
// replayed: by the first address of a region, the bytes last read there.
type image map[uint64]*[]byte

func (im image) at(addr uint64) *[]byte {
	p := im[addr]
	if p == nil {
		p = new([]byte)
		im[addr] = p
	}
	return p
}

// appendPatch appends the patch for rs to dst and brings the image up to date.
// whole is the number of bytes that the image did not have.
func (im image) appendPatch(dst []byte, rs []Region) (_ []byte, whole int) {
	pos, last := 0, 0
	run := func(start, end int, data []byte) {
		dst = appendUint(dst, uint64(pos+start-last))
		dst = appendUint(dst, uint64(end-start))
		dst = append(dst, data[start:end]...)
		last = pos + end
	}
	for _, r := range rs {
		known := im.at(r.Addr)
		old := *known
		n := min(len(old), len(r.Data))
		for i := 0; i < n; {
			i += samePrefix(old[i:n], r.Data[i:n])
			if i == n {
				break
			}
			start := i
			for i < n {
				if old[i] != r.Data[i] {
					i++
					continue
				}
				// A short stretch of equal bytes costs less than a new run.
				same := samePrefix(old[i:n], r.Data[i:n])
				if same > 2 || i+same == n {
					break
				}
				i += same
			}
			run(start, i, r.Data)
			copy(old[start:i], r.Data[start:i])
		}
		if len(r.Data) > n {
			run(n, len(r.Data), r.Data)
			*known = append(old, r.Data[n:]...)
			whole += len(r.Data) - n
		}
		pos += len(r.Data)
	}
	return dst, whole
}

// apply brings the image up to date by a patch. With keep it returns the
// regions, copied.
func (im image) apply(shape []span, patch []byte, keep bool) ([]Region, error) {
	d := decoder{b: patch}
	var out []Region
	if keep {
		out = make([]Region, 0, len(shape))
	}
	pos, run, n := 0, 0, 0 // the next run is n bytes at run
	next := func() {
		if d.left() == 0 {
			run, n = -1, 0
			return
		}
		run += n + d.small(maxRead)
		if n = d.small(maxRead); n == 0 {
			d.fail()
		}
	}
	next()
	for _, s := range shape {
		known := im.at(s.addr)
		for d.err == nil && n > 0 && run < pos+s.n {
			at := run - pos
			if at < 0 || at+n > s.n || at > len(*known) {
				d.fail()
				break
			}
			data := d.take(n)
			copied := copy((*known)[at:], data)
			*known = append(*known, data[copied:]...)
			next()
		}
		if d.err != nil || len(*known) < s.n {
			return nil, errCorrupt
		}
		if keep {
			out = append(out, Region{s.addr, bytes.Clone((*known)[:s.n])})
		}
		pos += s.n
	}
	if n > 0 || d.err != nil {
		return nil, errCorrupt
	}
	return out, nil
}

// samePrefix is the number of bytes that a and b, of one length, begin with
// alike.
func samePrefix(a, b []byte) int {
	i := 0
	for ; i+8 <= len(a); i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for ; i < len(a) && a[i] == b[i]; i++ {
	}
	return i
}
