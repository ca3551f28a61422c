package file

import (
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// The kinds of records. Others are skipped, so that a later version may add
// some, as long as nothing else refers to what they say.
const (
	recBegin   = 1 // an op has been entered; it gets the next ID
	recRead    = 2 // regions of a map at a moment: root, shape, patch
	recEnd     = 3 // an op has ended; it gets the next seq
	recSurvey  = 4 // a look outside any op; it gets the next number
	recLeftOut = 5 // a moment of a map is more than a timeline takes
	recStep    = 6 // where in the runtime a step of an op was
)

// block is a stretch of the timeline that can be understood by itself, decoded.
// An op may end, or be read more of, in a later block than it began in, and so
// may a survey: the digests have lists of those.
//
// All its slices only ever grow, and what is in them never changes. So a copy of
// the struct is a snapshot: the writer appends to the block while readers walk
// over the copies that they were handed, without a lock.
type block struct {
	firstID     trace.OpID
	firstSeq    uint64
	firstSurvey int
	raw         []byte
	ops         []trace.Op // begun here, in the order of their IDs, as they began
	ends        []end
	reads       []read
	surveys     []trace.Surveyed
	steps       []step
	shapes      [][]span
}

// end is how an op ended.
type end struct {
	id      trace.OpID
	ending  trace.Ending
	drift   int
	tooBig  bool
	summary trace.Summary
	// touches is known of the open block alone: of the others the digest has it.
	touches []moment.Touch
}

// read is one Read: the patch is raw[from:to]. With leftOut it is none, and says
// that all reads of this map at this moment, here and elsewhere, do not count.
type read struct {
	at       trace.Moment
	mapID    int
	root     uint64
	shape    int
	from, to int
	leftOut  bool
}

// step is a step of an op.
type step struct {
	id trace.OpID
	at trace.Stepped
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
	op.Drift, op.TooBig = e.drift, e.tooBig
	op.Summary = e.summary
}

// survey returns a survey that was made here.
func (b *block) survey(n int) (trace.Surveyed, bool) {
	if i := n - b.firstSurvey; i >= 0 && i < len(b.surveys) {
		return b.surveys[i], true
	}
	return trace.Surveyed{}, false
}

// replayed is what was read of a map at a moment, as far as blocks were asked.
type replayed struct {
	regions []trace.Region
	size    size
	root    uint64 // as of the last read
	found   bool
	tooBig  bool
}

// size is how much was read at a moment.
type size struct{ bytes, spans int }

func (s size) plus(o size) size { return size{s.bytes + o.bytes, s.spans + o.spans} }

// fits reports whether a moment may be so large.
func (s size) fits() bool { return s.bytes <= maxMoment && s.spans <= maxMomentSpans }

// replay adds what this block has of a map at a moment.
//
// A patch says what changed since the same addresses were last read, so all
// reads of the map must be gone through from the beginning of the block, in
// order, up to the last one that is wanted. Only those that are wanted are
// copied out.
func (b *block) replay(r *replayed, at trace.Moment, mapID int) error {
	last := -1
	for i := range b.reads {
		switch rd := &b.reads[i]; {
		case rd.mapID != mapID || rd.at != at:
		case rd.leftOut:
			r.tooBig, r.found = true, true
		default:
			last = i
			r.size = r.size.plus(b.sizeOf(rd))
		}
	}
	if last < 0 || r.tooBig {
		return nil
	}
	if !r.size.fits() {
		return errCorrupt
	}
	im := newImage()
	for i := range b.reads[:last+1] {
		rd := &b.reads[i]
		if rd.mapID != mapID || rd.leftOut {
			continue
		}
		got, err := im.apply(rd.shape, b.shapes[rd.shape], b.raw[rd.from:rd.to], rd.at == at)
		if err != nil {
			return err
		}
		r.regions = append(r.regions, got...)
	}
	r.root, r.found = b.reads[last].root, true
	return nil
}

// sizeAt is how much this block has of a map at a moment.
func (b *block) sizeAt(at trace.Moment, mapID int) (n size, leftOut bool) {
	for i := range b.reads {
		if r := &b.reads[i]; r.mapID == mapID && r.at == at {
			if r.leftOut {
				leftOut = true
				continue
			}
			n = n.plus(b.sizeOf(r))
		}
	}
	return n, leftOut
}

func (b *block) sizeOf(r *read) size {
	n := size{spans: len(b.shapes[r.shape])}
	for _, s := range b.shapes[r.shape] {
		n.bytes += s.n
	}
	return n
}

// held is about how many bytes the block takes in memory.
func (b *block) held() int {
	n := len(b.raw) + len(b.ops)*512 + len(b.ends)*192 + len(b.reads)*72 + len(b.surveys)*96 + len(b.steps)*160
	for _, s := range b.shapes {
		n += len(s) * 24
	}
	return n
}
