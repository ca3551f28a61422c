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
//	shape   the regions of one Read: (address, length, role)…, numbered
//	patch   (skip, n, n bytes)… over the shape's bytes, laid end to end
//
//	read 1   shape 0: header 48, rows 136        patch: all 184 bytes
//	read 2   shape 0                             patch: skip 0, 1 byte; skip 54, 1 byte
//	read 3   shape 1: header 48, rows 272        patch: skip 184, 136 bytes
//
// An op changes a few bytes of a map, and the next op on the map finds it as it was
// left: a before has an empty patch, an after one of some bytes.
//
// What is known, the image, is kept by the first address of a region, and not as
// one memory with addresses. So two regions that overlap are two memories here, and
// neither changes the other; which one counts where is decided when the moment is
// painted (trace.NewMemory). Nothing has to be cut or merged while it is written,
// and a patch's run lies within one region.
//
// Invariants, of the writer's image and of every reader's:
//
//  1. After k reads of a map in a block, the image of both has the same bytes at the
//     same first addresses. Both begin with nothing, and apply the same runs.
//  2. For a region of n bytes at least n bytes are known after its read: a patch has
//     all bytes beyond those that were known. A reader that finds fewer has a file
//     that no writer wrote.
//  3. What is known never grows by more than the bytes of a patch. So a block needs no
//     more memory than it has bytes, and a small file cannot claim a large map.
//  4. It is never cut: a region that becomes shorter leaves the rest known, for when
//     it becomes longer again.
//
// The first time that an address is read in a block nothing is known of it, and all
// its bytes are in the patch: that is what lets a block be understood by itself, and
// what its beginning costs (encoder.full weighs it).

// span is a region without its bytes.
type span struct {
	addr uint64
	n    int
	role gomap.Role
}

// image is what is known of one map's memory while a block is written or
// replayed: by the first address of a region, the bytes last read there.
type image struct {
	known map[uint64]*known
	views map[int]*view // by shape, for replay
}

// known is the bytes last read at an address. Once they are shared they are not
// changed any more, but replaced.
type known struct {
	b      []byte
	shared bool
}

// view is a shape's place in an image: where each region begins among the
// shape's bytes, and its bytes in the image. A map may have thousands of
// regions (overflow buckets), of which an op changes one.
type view struct {
	starts []int
	known  []*known
	whole  bool // all bytes of the shape are known
}

func newImage() *image { return &image{map[uint64]*known{}, map[int]*view{}} }

func (im *image) at(addr uint64) *known {
	k := im.known[addr]
	if k == nil {
		k = new(known)
		im.known[addr] = k
	}
	return k
}

// share returns regions that were just written, as the image has them: what did
// not change since it was last shared is the same bytes, and takes no room.
func (im *image) share(rs []trace.Region) []trace.Region {
	out := make([]trace.Region, len(rs))
	for i, r := range rs {
		k := im.at(r.Addr)
		k.shared = true
		out[i] = trace.Region{Addr: r.Addr, Role: roleOf(r), Data: k.b[:len(r.Data):len(r.Data)]}
	}
	return out
}

func (im *image) view(id int, shape []span) *view {
	v := im.views[id]
	if v == nil {
		v = &view{starts: make([]int, len(shape)), known: make([]*known, len(shape))}
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
		k := im.at(r.Addr)
		old := k.b
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
			if k.shared {
				old, k.shared = bytes.Clone(old), false
				k.b = old
			}
			copy(old[start:i], r.Data[start:i])
		}
		if len(r.Data) > n {
			run(n, len(r.Data), r.Data)
			k.b = append(old, r.Data[n:]...)
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
		if at -= v.starts[k]; at+n > shape[k].n || at > len(known.b) {
			return nil, errCorrupt
		}
		data := d.take(n)
		copied := copy(known.b[at:], data)
		known.b = append(known.b, data[copied:]...)
	}
	if !v.whole {
		for i, s := range shape {
			if len(v.known[i].b) < s.n {
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
		out[i] = trace.Region{Addr: s.addr, Role: s.role, Data: bytes.Clone(v.known[i].b[:s.n])}
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
