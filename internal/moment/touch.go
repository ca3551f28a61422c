package moment

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Touch stands for a control byte, for a row, or for all rows of a map, in 24
// bits. Two may stand for different things and be the same, so an index of them
// says "perhaps" or "certainly not".
type Touch uint32

// Touches lists what an op may have to do with, for an index of who wrote what:
// was is the map at the end of the op before on it, nil where that cannot be told,
// and first says that there was none. An op touches
//
//   - a control byte that differs from one of these three looks to the next, and
//   - a row that only one of two such looks has read: it came or went with its
//     array, or it was outside of what was read.
//
// Invariant, which [WriterOf] leans on: along a map's ops, a control byte is known and
// the same, or is not known, in all looks from one op that touches it to the next.
// Where that cannot be said, or too much is touched, the op touches all of the map.
func Touches(op *trace.Op, first bool, was, before, after *gomap.Map) []Touch {
	if op.Map.ID == 0 {
		return nil
	}
	if before == nil || after == nil || was == nil && !first {
		return []Touch{AllTouch(op.Map.ID)}
	}
	t := toucher{op: op}
	if !first {
		t.between(was, before)
	}
	t.between(before, after)
	if len(t.found) > maxTouches {
		return []Touch{AllTouch(op.Map.ID)}
	}
	return t.found
}

// maxTouches bounds what is listed of an op: a table that is replaced by two has
// fewer rows.
const maxTouches = 1 << 10

type toucher struct {
	op    *trace.Op
	found []Touch
}

func (t *toucher) row(m *gomap.Map, r *gomap.Row) {
	if r.Read && len(t.found) <= maxTouches {
		t.found = append(t.found, rowTouch(t.op.Map.ID, settled(&t.op.Map, m, r.Addr)))
	}
}

func (t *toucher) between(a, b *gomap.Map) {
	var index map[uint64]int // of a's rows, where they do not come in the same order
	met := 0
	var gone []bool
	for k := range b.Rows {
		rb := &b.Rows[k]
		i := k
		if i >= len(a.Rows) || t.at(a, &a.Rows[i]) != t.at(b, rb) {
			if index == nil {
				index = make(map[uint64]int, len(a.Rows))
				for j := range a.Rows {
					index[t.at(a, &a.Rows[j])] = j
				}
			}
			j, ok := index[t.at(b, rb)]
			if !ok {
				t.row(b, rb)
				continue
			}
			i = j
		}
		if gone == nil && i != met {
			gone = make([]bool, len(a.Rows))
			for j := range met {
				gone[j] = true
			}
		}
		if gone != nil {
			gone[i] = true
		}
		met++
		ra := &a.Rows[i]
		switch {
		case ra.Read && rb.Read:
			for c := range rb.Ctrl {
				if ra.Ctrl[c] != rb.Ctrl[c] && len(t.found) <= maxTouches {
					addr := settled(&t.op.Map, b, b.Layout.CtrlAddr(rb, c))
					t.found = append(t.found, cellTouch(t.op.Map.ID, addr))
				}
			}
		case ra.Read:
			t.row(a, ra)
		default:
			t.row(b, rb)
		}
	}
	for i := range a.Rows {
		if gone == nil && i >= met || gone != nil && !gone[i] {
			t.row(a, &a.Rows[i])
		}
	}
}

func (t *toucher) at(m *gomap.Map, r *gomap.Row) uint64 { return settled(&t.op.Map, m, r.Addr) }

// settled is an address that stays the same where a stack moves: of a map whose
// header and row lie side by side on one, the row's distance from the header.
func settled(ref *trace.MapRef, m *gomap.Map, addr uint64) uint64 {
	if d := addr - m.Root; ref.OnStack && d+besides < 2*besides {
		return 1<<63 | (d + besides)
	}
	return addr
}

// unsettled is the address that a settled one is in a look.
func unsettled(m *gomap.Map, addr uint64) uint64 {
	if addr>>63 != 0 {
		return addr&^(1<<63) - besides + m.Root
	}
	return addr
}

// besides is how far from its header a row may be on a stack, in bytes.
const besides = 4096

// AllTouch stands for all of a map.
func AllTouch(mapID int) Touch { return touch(mapID, 0, 0) }

// TogetherTouch stands for an op on a map while another on it was in progress.
func TogetherTouch(mapID int) Touch { return touch(mapID, 3, 0) }

func rowTouch(mapID int, a uint64) Touch  { return touch(mapID, 1, a) }
func cellTouch(mapID int, a uint64) Touch { return touch(mapID, 2, a) }

// touch is FNV-1a over the map's ID, a byte for what it is, and the address, each
// number as 8 bytes from the lowest on; its highest 24 bits, and its lowest ones
// laid over them.
func touch(mapID int, what byte, addr uint64) Touch {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for v, i := uint64(mapID), 0; i < 8; i++ {
		h = (h ^ v&0xff) * prime
		v >>= 8
	}
	h = (h ^ uint64(what)) * prime
	for v, i := addr, 0; i < 8; i++ {
		h = (h ^ v&0xff) * prime
		v >>= 8
	}
	return Touch((h>>40 ^ h) & 0xffffff)
}
