package file

import "deltui/internal/trace"

// A block is a stretch of the timeline that can be understood by itself. Three
// kinds of records follow each other in it, in the order in which things were
// seen:
//
//	begin  an op has been entered; it gets the next ID
//	read   regions of a map at a moment: root, shape, patch
//	end    an op has ended; it gets the next seq
//
// An op may end, or be read more of, in a later block than it began in: the
// index has a list of those.

// The kinds of records. Others are skipped, so that a later version may add
// some, as long as nothing else refers to what they say.
const (
	recBegin = 1
	recRead  = 2
	recEnd   = 3
)

// block is a decoded block. All its slices only ever grow, so that a copy of
// the struct is a snapshot that needs no lock.
type block struct {
	firstID  trace.OpID
	firstSeq uint64
	raw      []byte
	ops      []trace.Op // begun here, in the order of their IDs, as they began
	ends     []end
	reads    []read
	shapes   [][]span
}

// end is how an op ended.
type end struct {
	id      trace.OpID
	ending  trace.Ending
	drift   int
	summary trace.Summary
}

// read is one Read: the patch is raw[from:to].
type read struct {
	at       trace.Moment
	mapID    int
	root     uint64
	shape    int
	from, to int
}

// op returns the op as it began, if it began here.
func (b *block) op(id trace.OpID) (trace.Op, bool) {
	if id < b.firstID || uint64(id-b.firstID) >= uint64(len(b.ops)) {
		return trace.Op{}, false
	}
	return b.ops[id-b.firstID], true
}

// finish adds what an end here says of op.
func (b *block) finish(op *trace.Op) bool {
	for i := len(b.ends) - 1; i >= 0; i-- {
		if b.ends[i].id == op.ID {
			b.ends[i].finish(op, b.firstSeq+uint64(i))
			return true
		}
	}
	return false
}

func (e *end) finish(op *trace.Op, seq uint64) {
	op.Seq = seq
	op.Outcome = e.ending.Outcome
	op.Message = e.ending.Message
	op.Ended = nanoseconds(e.ending.Ended)
	op.Drift = e.drift
	op.Summary = e.summary
}

// replay appends the regions that were read of a map at a moment to rs, and
// returns them with the header's address then. found is false if there was no
// such read.
func (b *block) replay(rs []trace.Region, at trace.Moment, mapID int) (_ []trace.Region, root uint64, found bool, err error) {
	match := func(r read) bool { return r.mapID == mapID && r.at == at }
	last := -1
	for i := len(b.reads) - 1; i >= 0; i-- {
		if match(b.reads[i]) {
			last = i
			break
		}
	}
	if last < 0 {
		return rs, 0, false, nil
	}
	size := 0
	for _, r := range b.reads[:last+1] {
		if match(r) {
			for _, s := range b.shapes[r.shape] {
				size += s.n
			}
			if size > maxRead+maxRaw {
				return rs, 0, true, errCorrupt
			}
		}
	}
	im := newImage()
	for _, r := range b.reads[:last+1] {
		if r.mapID != mapID {
			continue
		}
		got, err := im.apply(r.shape, b.shapes[r.shape], b.raw[r.from:r.to], match(r))
		if err != nil {
			return rs, 0, true, err
		}
		rs = append(rs, got...)
	}
	return rs, b.reads[last].root, true, nil
}

// size is about how many bytes the block takes in memory.
func (b *block) size() int {
	n := len(b.raw) + len(b.ops)*512 + len(b.ends)*192 + len(b.reads)*64
	for _, s := range b.shapes {
		n += len(s) * 16
	}
	return n
}
