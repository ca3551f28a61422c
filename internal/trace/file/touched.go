package file

import (
	"encoding/binary"
	"slices"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

var _ moment.Tracker = (*File)(nil)

// Touched implements [moment.Tracker]. No block is unpacked but the one that the
// op is in.
func (f *File) Touched(mapID int, ts []moment.Touch, from, before uint64) (*trace.Op, error) {
	f.mu.RLock()
	blocks, open, ended := len(f.blocks), f.open, f.ended
	f.mu.RUnlock()
	before = min(before, ended+1)
	for i := len(open.ends) - 1; i >= 0; i-- {
		if seq := open.firstSeq + uint64(i); seq >= from && seq < before && anyOf(open.ends[i].touches, ts) {
			if op, err := f.endedOp(&open, seq); err != nil || op.Map.ID == mapID {
				return op, err
			}
		}
	}
	if before <= max(from, 1) {
		return nil, trace.ErrNotFound
	}
	for n := min(f.blockWithSeq(before-1), blocks-1); n >= 0; n-- {
		info := f.sealed(n)
		if info.FirstSeq+uint64(len(info.Marks)) <= from && len(info.Marks) > 0 {
			break
		}
		switch {
		case info.letGo:
			return nil, trace.ErrLetGo
		case info.missing:
			return nil, trace.ErrDamaged
		case !info.mayHaveMap(mapID), !info.untracked && !info.touchable.any(ts):
			continue
		}
		for _, seq := range info.touchedBy(ts, from, before) {
			op, err := f.Seq(seq)
			if err != nil || op.Map.ID == mapID {
				return op, err
			}
		}
	}
	return nil, trace.ErrNotFound
}

func (d *digest) mayHaveMap(id int) bool { return d.MapIDs[id&3]&(1<<(id>>2&63)) != 0 }

// touchedBy lists the ops, the last first, that end in the block, from seq `from` up
// to `before` and without that, and may touch one of ts.
func (d *digest) touchedBy(ts []moment.Touch, from, before uint64) []uint64 {
	var seqs []uint64
	b := d.touched
	for i := range d.Marks {
		seq := d.FirstSeq + uint64(i)
		if seq >= before {
			break
		}
		if d.untracked {
			if seq >= from {
				seqs = append(seqs, seq)
			}
			continue
		}
		n, size := binary.Uvarint(b)
		b = b[size:]
		for k := range int(n) {
			if seq >= from && slices.Contains(ts, touchAt(b, k)) {
				seqs = append(seqs, seq)
				break
			}
		}
		b = b[n*touchSize:]
	}
	slices.Reverse(seqs)
	return seqs
}

const touchSize = 3

func touchAt(b []byte, i int) moment.Touch {
	b = b[i*touchSize:]
	return moment.Touch(b[0]) | moment.Touch(b[1])<<8 | moment.Touch(b[2])<<16
}

func appendTouches(b []byte, ts []moment.Touch) []byte {
	b = appendUint(b, uint64(len(ts)))
	for _, t := range ts {
		b = append(b, byte(t), byte(t>>8), byte(t>>16))
	}
	return b
}

// trackedAll reports whether b lists what so many ops touch, and nothing else.
func trackedAll(b []byte, ops int) bool {
	for range ops {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size)/touchSize {
			return false
		}
		b = b[size+int(n)*touchSize:]
	}
	return len(b) == 0
}

func anyOf(have, ts []moment.Touch) bool {
	return slices.ContainsFunc(have, func(t moment.Touch) bool { return slices.Contains(ts, t) })
}

// touchable is the touches of a block as a set of their lowest bits: a block of
// which it has none is not gone through, touch by touch. It takes four bytes an op.
type touchable [1 << 13 / 64]uint64

func newTouchable(touched []byte, ops int) *touchable {
	s := new(touchable)
	for range ops {
		n, size := binary.Uvarint(touched)
		if size <= 0 {
			break // they are not tracked
		}
		touched = touched[size:]
		for k := range int(n) {
			t := touchAt(touched, k)
			s[t>>6%touchWords] |= 1 << (t & 63)
		}
		touched = touched[n*touchSize:]
	}
	return s
}

// any reports whether one of ts may be in the set; nil is any set.
func (s *touchable) any(ts []moment.Touch) bool {
	return s == nil || slices.ContainsFunc(ts, func(t moment.Touch) bool { return s[t>>6%touchWords]&(1<<(t&63)) != 0 })
}

const touchWords = moment.Touch(len(touchable{}))
