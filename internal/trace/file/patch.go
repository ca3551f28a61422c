package file

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sort"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Memory is stored as what changed since the same address was last read, for
// the same map and in the same block:
//
//	shape   the regions of one Read: (address, length, role)…, interned
//	patch   (skip, n, n bytes)… over the shape's bytes, laid end to end
//
// The first time that an address is read in a block nothing is known of it, and
// all its bytes are in the patch. So a block can be decoded by itself, and
// never needs more memory than its own records have bytes.

// span is a region without its bytes.
type span struct {
	addr uint64
	n    int
	role gomap.Role
}

// image is what is known of one map's memory while a block is written or
// replayed: by the first address of a region, the bytes last read there.
type image struct {
	known map[uint64]*[]byte
	views map[int]*view // by shape, for replay
}

// view is a shape's place in an image: where each region begins among the
// shape's bytes, and its bytes in the image. A map may have thousands of
// regions (overflow buckets), of which an op changes one.
type view struct {
	starts []int
	known  []*[]byte
	whole  bool // all bytes of the shape are known
}

func newImage() *image { return &image{map[uint64]*[]byte{}, map[int]*view{}} }

func (im *image) at(addr uint64) *[]byte {
	p := im.known[addr]
	if p == nil {
		p = new([]byte)
		im.known[addr] = p
	}
	return p
}

func (im *image) view(id int, shape []span) *view {
	v := im.views[id]
	if v == nil {
		v = &view{starts: make([]int, len(shape)), known: make([]*[]byte, len(shape))}
		pos := 0
		for i, s := range shape {
			v.starts[i], v.known[i] = pos, im.at(s.addr)
			pos += s.n
		}
		im.views[id] = v
	}
	return v
}

// appendPatch appends the patch for rs to dst and brings the image up to date.
// whole is the number of bytes that the image did not have.
func (im *image) appendPatch(dst []byte, rs []trace.Region) (_ []byte, whole int) {
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

// apply brings the image up to date by a patch over a shape, of which id is the
// number. With keep it returns the regions, copied.
func (im *image) apply(id int, shape []span, patch []byte, keep bool) ([]trace.Region, error) {
	v := im.view(id, shape)
	d := decoder{b: patch}
	for k, end := 0, 0; d.left() > 0; {
		at := end + d.small(maxRead)
		n := d.small(maxRead)
		end = at + n
		// The region that the run is in: the last that begins at or before it.
		k += sort.Search(len(v.starts)-k, func(i int) bool { return v.starts[k+i] > at }) - 1
		if n == 0 || k < 0 {
			return nil, errCorrupt
		}
		known := v.known[k]
		if at -= v.starts[k]; at+n > shape[k].n || at > len(*known) {
			return nil, errCorrupt
		}
		data := d.take(n)
		copied := copy((*known)[at:], data)
		*known = append(*known, data[copied:]...)
	}
	if !v.whole {
		for i, s := range shape {
			if len(*v.known[i]) < s.n {
				return nil, errCorrupt
			}
		}
		v.whole = true
	}
	if d.err != nil || !keep {
		return nil, d.err
	}
	out := make([]trace.Region, len(shape))
	for i, s := range shape {
		out[i] = trace.Region{Addr: s.addr, Role: s.role, Data: bytes.Clone((*v.known[i])[:s.n])}
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
