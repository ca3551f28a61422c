package file

import (
	"slices"

	"deltui/internal/trace"
)

// The temporary file of a timeline that nobody asked to record is a ring: where it
// has come to its bound, or the disk has no more room, it goes on from the start,
// over the oldest blocks. Only blocks are written to it. Nothing reads it but this
// process, by the places that it remembers.
//
//	│ header │ block 7 │ block 8 │ free │ block 3 │ block 4 │ …  block 6 │
//	                             ▲ off                                  ▲ bound
//	                             └ the next frame goes here; what it meets is forgotten
type ring struct {
	bound int64 // the file's size at most
	kept  []int // blocks in the file, the oldest first
	why   error // why the bound is lower than what was asked for
	// forgot counts the ops that have ended and are no longer to be had.
	forgot int
	// pinned are blocks that are no longer in the file, of ops in progress.
	pinned map[int]*block
}

// tempBound is the bound of a temporary file where none is given.
const tempBound = 1 << 30

// Bound limits the size of a temporary file, in bytes.
func Bound(n int64) Option { return func(o *options) { o.bound = n } }

// Forgotten counts the ops that are no longer on a timeline with a temporary file,
// the oldest ones; why is nil if that is only because of its bound.
func (f *File) Forgotten() (ops int, why error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.ring.forgot, f.ring.why
}

// writeRing writes a frame of the block that is about to be sealed. If there is no
// room for it even over all others, the timeline goes on without that block.
func (f *File) writeRing(b []byte) (kept bool) {
	r := &f.ring
	for range 2 {
		if f.off+int64(len(b)) > r.bound {
			f.off = fileHeaderSize
		}
		if f.off+int64(len(b)) > r.bound {
			break
		}
		f.forget(f.off, f.off+int64(len(b)))
		_, err := f.w.WriteAt(b, f.off)
		if err == nil {
			f.off += int64(len(b))
			return true
		}
		// What has been written so far has room; more has not. A part of the frame
		// may have been written.
		f.mu.Lock()
		r.bound, r.why = f.off, err
		f.mu.Unlock()
	}
	return false
}

// forget gives up the blocks that lie between two places of the file.
func (f *File) forget(from, to int64) {
	f.ring.kept = slices.DeleteFunc(f.ring.kept, func(n int) bool {
		info := f.blocks[n] // only the writer adds to blocks
		for _, p := range info.parts {
			if p.off < to && from < p.off+int64(p.data.n) {
				f.drop(n, info, nil)
				return true
			}
		}
		return false
	})
}

// drop gives up block n, whose contents are b, if they are at hand. An op in
// progress is still to be told, with its before: what holds of it stays in memory.
func (f *File) drop(n int, info *blockInfo, b *block) {
	if f.inProgress(n, info) {
		if b == nil {
			b, _ = f.block(n)
		}
	} else {
		b = nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	info.forgotten = true
	f.ring.forgot += len(info.Marks)
	for old := range f.ring.pinned {
		if !f.inProgressLocked(old, f.blocks[old]) {
			delete(f.ring.pinned, old)
		}
	}
	if b != nil {
		if f.ring.pinned == nil {
			f.ring.pinned = make(map[int]*block)
		}
		f.ring.pinned[n] = b
	}
}

// inProgress reports whether a block holds something of an op that has not ended.
func (f *File) inProgress(n int, info *blockInfo) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.inProgressLocked(n, info)
}

func (f *File) inProgressLocked(n int, info *blockInfo) bool {
	return slices.ContainsFunc(f.pending, func(id trace.OpID) bool {
		return id >= info.firstID && id < info.firstID+trace.OpID(info.begun) || slices.Contains(f.others[id], n)
	})
}

// lost is why a block cannot be had.
func (f *File) lost(info *blockInfo) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if info.forgotten {
		return trace.ErrForgotten
	}
	return nil
}
