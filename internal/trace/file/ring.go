package file

// ring is the room of a bounded timeline. Blocks are written one after the other;
// where the room ends they go on at its beginning, over the oldest:
//
//	│ header │ block 7 │ block 8 │ (free) │ block 4 │ block 5 │ block 6 │
//	                             ▲ next            oldest
//
// A block is let go before anything is written over it, the oldest first, so that
// what is held is always the last so many blocks without a gap.
type ring struct {
	size int64 // of the file
	next int64
	high int64    // the file has come to this
	held []extent // the oldest first
	said bool     // that it is bounded
}

// extent is where a block is.
type extent struct {
	block    int
	from, to int64
}

func newRing(size int64) *ring {
	return &ring{size: size, next: fileHeaderSize, high: fileHeaderSize}
}

// place finds room for a block of n bytes, and lists the blocks that have to go
// for it. ok is false if the ring is smaller than that.
func (r *ring) place(block int, n int64) (at int64, gone []int, ok bool) {
	if n > r.size-fileHeaderSize {
		return 0, nil, false
	}
	at = r.next
	end := at + n // of what is to be free, on this lap
	if wrap := end > r.size; wrap {
		at = fileHeaderSize
	}
	for len(r.held) > 0 {
		old := r.held[0]
		behind := at < r.next && old.from >= r.next // passed over at the end of the room
		if !behind && (old.from >= at+n || old.to <= at) {
			break
		}
		gone = append(gone, old.block)
		r.held = r.held[1:]
	}
	r.held = append(r.held, extent{block, at, at + n})
	r.next = at + n
	return at, gone, true
}

// written notes that the last block that was placed is in the file.
func (r *ring) written() { r.high = max(r.high, r.next) }

// full takes back the last block that was placed, which could not be written. If
// the file would have grown by it, the ring is as large as the file has become.
func (r *ring) full() {
	last := r.held[len(r.held)-1]
	r.held = r.held[:len(r.held)-1]
	r.next = last.from
	if last.to > r.high {
		r.size = r.high
	}
}
