package file

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

func nanoseconds(n int64) time.Duration { return time.Duration(n) }

// encoder writes one block: it appends records to raw, and keeps the block
// decoded beside it, for readers of a timeline that is being written. What it
// keeps is what a reader of raw would get, to the last character: texts made
// visible and cut, numbers clipped. TestRoundTrip compares the two.
type encoder struct {
	block
	texts  table[string]
	frames table[trace.Frame]
	stacks map[string]int
	stack  [][]trace.Frame
	refs   table[trace.MapRef]

	images   map[int]*image
	shapeIDs map[uint64][]int

	clock   int64 // the last time written
	keyAddr uint64
	roots   map[int]uint64
	whole   int // bytes of memory that were written whole
	// How much of what is bounded the block holds.
	spans, stacked, textBytes int

	seed    maphash.Seed
	payload []byte
	lastSt  []trace.Frame // the last stack as handed in, and its number
	lastNo  int
}

// newEncoder begins the block that follows one, or the first.
func newEncoder(after *block) *encoder {
	first := block{firstID: 1, firstSeq: 1, firstSurvey: 1}
	if after != nil {
		first = block{
			firstID: after.firstID + trace.OpID(len(after.ops)), firstSeq: after.firstSeq + uint64(len(after.ends)),
			firstSurvey: after.firstSurvey + len(after.surveys),
		}
	}
	return &encoder{
		block:    first,
		stacks:   map[string]int{},
		images:   map[int]*image{},
		shapeIDs: map[uint64][]int{},
		roots:    map[int]uint64{},
		seed:     maphash.MakeSeed(),
		lastNo:   -1,
	}
}

// table numbers values as they come, from 0. In a record a value is its number
// plus 1; 0 says that the value follows, and gets the next number.
type table[T comparable] struct {
	ids  map[T]int
	vals []T // as readers see them
}

func (t *table[T]) lookup(v T) (int, bool) {
	id, ok := t.ids[v]
	return id, ok
}

func (t *table[T]) add(v, seen T) int {
	if t.ids == nil {
		t.ids = map[T]int{}
	}
	t.ids[v] = len(t.vals)
	t.vals = append(t.vals, seen)
	return len(t.vals) - 1
}

// full reports whether the block should be cut before the next op. Memory that
// was written whole is what the block's beginning costs, so it should pay off:
// a block of large or many maps grows until its patches are as much.
func (e *encoder) full() bool {
	patches, n := len(e.raw)-e.whole, len(e.ops)+len(e.surveys)
	switch {
	case n >= blockOpsMost, e.heavy():
		return true
	case n < blockOps && patches < blockBytes:
		return false
	}
	return patches >= e.whole
}

// heavy reports whether the block has come to half of what one may hold.
func (e *encoder) heavy() bool {
	return len(e.raw) >= maxRaw/2 || len(e.ends) >= maxBlockEnds/2 || len(e.reads)+len(e.surveys)+len(e.steps) >= maxBlockReads/2 ||
		e.spans >= maxBlockSpans/2 || e.stacked >= maxBlockFrames/2 || e.textBytes >= maxBlockText/2 || len(e.texts.vals) >= maxBlockTexts/2
}

// room reports whether n more bytes of memory fit into the block at all.
func (e *encoder) room(n int) bool { return len(e.raw)+n+n/4 < maxRaw }

func (e *encoder) record(kind byte) (payloadAt int) {
	e.raw = append(e.raw, kind)
	e.raw = appendUint(e.raw, uint64(len(e.payload)))
	at := len(e.raw)
	e.raw = append(e.raw, e.payload...)
	return at
}

func (e *encoder) text(b []byte, s string) []byte {
	b, _ = e.seenText(b, s)
	return b
}

// seenText appends s, which becomes visible text, and returns what readers see.
func (e *encoder) seenText(b []byte, s string) ([]byte, string) {
	if id, ok := e.texts.lookup(s); ok {
		return appendUint(b, uint64(id)+1), e.texts.vals[id]
	}
	seen := cutText(visible.String(s))
	e.textBytes += len(seen)
	e.texts.add(s, seen)
	return appendText(append(b, 0), seen), seen
}

func cutText(s string) string {
	if len(s) > maxText {
		return visible.String(s[:maxText-16]) + "…"
	}
	return s
}

func (e *encoder) frame(b []byte, f trace.Frame) ([]byte, trace.Frame) {
	if id, ok := e.frames.lookup(f); ok {
		return appendUint(b, uint64(id)+1), e.frames.vals[id]
	}
	b = append(b, 0)
	seen := f
	b, seen.Func = e.seenText(b, f.Func)
	b, seen.File = e.seenText(b, f.File)
	seen.Line = max(f.Line, 0)
	b = appendUint(b, uint64(seen.Line))
	b = appendUint(b, f.PC)
	e.frames.add(f, seen)
	return append(b, frameFlags(f)), seen
}

func (e *encoder) appendStack(b []byte, st []trace.Frame) ([]byte, []trace.Frame) {
	if len(st) == 0 {
		return append(b, 1), nil
	}
	if len(st) > maxFrames {
		st = st[:maxFrames]
	}
	if e.lastNo >= 0 && slices.Equal(st, e.lastSt) {
		return appendUint(b, uint64(e.lastNo)+2), e.stack[e.lastNo]
	}
	var enc []byte
	seen := make([]trace.Frame, len(st))
	known := true
	for i, f := range st {
		_, ok := e.frames.lookup(f)
		known = known && ok
		enc, seen[i] = e.frame(enc, f)
	}
	if known {
		if id, ok := e.stacks[string(enc)]; ok {
			e.lastSt, e.lastNo = slices.Clone(st), id
			return appendUint(b, uint64(id)+2), e.stack[id]
		}
	}
	// The key is how the stack looks once all its frames are known.
	var key []byte
	for _, f := range st {
		id, _ := e.frames.lookup(f)
		key = appendUint(key, uint64(id)+1)
	}
	e.stacks[string(key)] = len(e.stack)
	e.lastSt, e.lastNo = slices.Clone(st), len(e.stack)
	e.stack = append(e.stack, seen)
	e.stacked += len(seen)
	return append(appendUint(append(b, 0), uint64(len(st))), enc...), seen
}

func (e *encoder) mapRef(b []byte, m trace.MapRef) ([]byte, trace.MapRef) {
	if id, ok := e.refs.lookup(m); ok {
		return appendUint(b, uint64(id)+1), e.refs.vals[id]
	}
	b = appendUint(append(b, 0), uint64(m.ID))
	b = appendUint(b, m.Addr)
	seen := m
	b, seen.Type = e.seenText(b, m.Type)
	b = appendUint(b, uint64(m.Layout))
	b = appendBool(b, m.OnStack)
	e.refs.add(m, seen)
	return b, seen
}

// begin adds an op, whose ID is the next.
func (e *encoder) begin(op trace.Op) {
	op.ID = e.firstID + trace.OpID(len(e.ops))
	op.Seq, op.Outcome, op.Message, op.Ended, op.Summary = 0, trace.Running, "", 0, trace.Summary{}
	if len(op.Key) > trace.MaxKey {
		op.Key = op.Key[:trace.MaxKey]
	}
	op.Key = bytes.Clone(op.Key)
	op.KeyText = cutText(visible.String(op.KeyText))
	e.textBytes += len(op.KeyText)
	op.KeyLen, op.Drift, op.TooBig = max(op.KeyLen, 0), 0, false

	b := append(e.payload[:0], byte(op.Kind))
	b, op.Func = e.seenText(b, op.Func)
	b = appendInt(b, op.Goroutine)
	b, op.Map = e.mapRef(b, op.Map)
	if op.Key == nil {
		b = append(b, 0)
	} else {
		b = appendUint(b, uint64(len(op.Key))+1)
		b = append(b, op.Key...)
	}
	b = appendInt(b, int64(op.KeyAddr-e.keyAddr))
	b = appendText(b, op.KeyText)
	b = appendUint(b, uint64(op.KeyLen))
	b, op.Stack = e.appendStack(b, op.Stack)
	if op.Caller == (trace.Frame{}) {
		b = append(b, 0)
	} else {
		b, op.Caller = e.frame(append(b, 1), op.Caller)
	}
	b = appendInt(b, int64(op.Began)-e.clock)
	if op.Since == 0 || op.Since >= op.ID {
		op.Since = op.ID
	}
	b = appendUint(b, uint64(op.ID-op.Since))
	if op.Since == op.ID {
		op.Since = 0
	}
	e.keyAddr, e.clock = op.KeyAddr, int64(op.Began)
	e.payload = b
	e.record(recBegin)
	e.ops = append(e.ops, op)
}

// read adds regions of a map.
func (e *encoder) read(at trace.Moment, mapID int, root uint64, rs []trace.Region) {
	b := e.moment(e.payload[:0], at)
	b = appendUint(b, uint64(mapID))
	b = appendInt(b, int64(root-e.roots[mapID]))
	e.roots[mapID] = root

	shape, known := e.shape(rs)
	if known {
		b = appendUint(b, uint64(shape)+1)
	} else {
		b = appendUint(append(b, 0), uint64(len(rs)))
		next := root
		for _, r := range rs {
			b = appendInt(b, int64(r.Addr-next))
			b = appendUint(b, uint64(len(r.Data)))
			b = append(b, byte(roleOf(r)))
			next = r.Addr + uint64(len(r.Data))
		}
	}
	im := e.images[mapID]
	if im == nil {
		im = newImage()
		e.images[mapID] = im
	}
	from := len(b)
	b, whole := im.appendPatch(b, rs)
	e.whole += whole
	e.payload = b
	start := e.record(recRead)
	e.reads = append(e.reads, read{at, mapID, root, shape, start + from, start + len(b), false})
	if cap(e.payload) > 1<<20 {
		e.payload = nil
	}
}

// leaveOut says that a moment of a map is more than a timeline takes.
func (e *encoder) leaveOut(at trace.Moment, mapID int) {
	b := e.moment(e.payload[:0], at)
	e.payload = appendUint(b, uint64(mapID))
	e.record(recLeftOut)
	e.reads = append(e.reads, read{at: at, mapID: mapID, leftOut: true})
}

// survey adds a look outside any op, whose number is the next.
func (e *encoder) survey(s trace.Surveyed) trace.Surveyed {
	s.Number = e.firstSurvey + len(e.surveys)
	s.After = e.firstSeq + uint64(len(e.ends)) - 1
	var b []byte
	b, s.Map = e.mapRef(e.payload[:0], s.Map)
	b = appendInt(b, int64(s.Time)-e.clock)
	e.clock = int64(s.Time)
	e.payload = b
	e.record(recSurvey)
	e.surveys = append(e.surveys, s)
	return s
}

// step adds a step of an op. Its frame is not numbered, for readers that skip
// such records.
func (e *encoder) step(id trace.OpID, s trace.Stepped) {
	at := &s.At
	at.Func, at.File, s.Cut = cutText(visible.String(at.Func)), cutText(visible.String(at.File)), cutText(visible.String(s.Cut))
	s.Number, s.Stores, at.Line = max(s.Number, 0), max(s.Stores, 0), max(at.Line, 0)
	e.textBytes += len(at.Func) + len(at.File) + len(s.Cut)
	b := e.backRef(e.payload[:0], id)
	b = appendUint(b, uint64(s.Number))
	b = appendText(b, at.Func)
	b = appendText(b, at.File)
	b = appendUint(b, uint64(at.Line))
	b = appendUint(b, at.PC)
	b = append(b, frameFlags(*at))
	b = appendUint(b, uint64(s.Stores))
	b = appendText(b, s.Cut)
	e.payload = b
	e.record(recStep)
	e.steps = append(e.steps, step{id, s})
}

func frameFlags(f trace.Frame) (flags byte) {
	for i, set := range []bool{f.Inlined, f.Runtime, f.Std} {
		if set {
			flags |= 1 << i
		}
	}
	return flags
}

// moment appends a moment: its phase, and whose it is.
func (e *encoder) moment(b []byte, at trace.Moment) []byte {
	b = append(b, byte(at.Phase))
	if at.Phase == trace.Survey {
		return appendUint(b, uint64(e.firstSurvey+len(e.surveys)-at.Step))
	}
	b = e.backRef(b, at.Op)
	if at.Phase == trace.Step {
		b = appendUint(b, uint64(at.Step))
	}
	return b
}

// backRef appends the number of an op, counted back from the last begun.
func (e *encoder) backRef(b []byte, id trace.OpID) []byte {
	return appendUint(b, uint64(e.firstID)+uint64(len(e.ops))-uint64(id))
}

// shape numbers the addresses and lengths of rs.
func (e *encoder) shape(rs []trace.Region) (id int, known bool) {
	var h maphash.Hash
	h.SetSeed(e.seed)
	var word [17]byte
	for _, r := range rs {
		binary.LittleEndian.PutUint64(word[:8], r.Addr)
		binary.LittleEndian.PutUint64(word[8:], uint64(len(r.Data)))
		word[16] = byte(roleOf(r))
		h.Write(word[:])
	}
	sum := h.Sum64()
	for _, id := range e.shapeIDs[sum] {
		if slices.EqualFunc(e.shapes[id], rs, func(s span, r trace.Region) bool { return s == span{r.Addr, len(r.Data), roleOf(r)} }) {
			return id, true
		}
	}
	id = len(e.shapes)
	shape := make([]span, len(rs))
	for i, r := range rs {
		shape[i] = span{r.Addr, len(r.Data), roleOf(r)}
	}
	e.spans += len(shape)
	e.shapes = append(e.shapes, shape)
	e.shapeIDs[sum] = append(e.shapeIDs[sum], id)
	return id, false
}

// roleOf is a region's role as it will be read.
func roleOf(r trace.Region) gomap.Role {
	if r.Role.Known() {
		return r.Role
	}
	return gomap.RoleUnknown
}

// maxListed is the most events, or states led to, of a summary.
const maxListed = 16

func clip[T any](list []T) []T { return slices.Clone(list[:min(len(list), maxListed)]) }

// end adds the end of an op, whose seq is the next.
func (e *encoder) end(id trace.OpID, how trace.Ending, drift int, tooBig bool, s trace.Summary) end {
	b := e.backRef(e.payload[:0], id)
	b = append(b, byte(how.Outcome))
	how.Message = cutText(visible.String(how.Message))
	e.textBytes += len(how.Message)
	s.Events, s.To = clip(s.Events), clip(s.To)
	b = appendText(b, how.Message)
	b = appendInt(b, how.Ended-e.clock)
	e.clock = how.Ended
	b = appendUint(b, uint64(drift))

	var flags byte
	if s.Found {
		flags |= 1
	}
	if s.FoundKnown {
		flags |= 2
	}
	if s.Known {
		flags |= 4
	}
	if tooBig {
		flags |= 8
	}
	b = append(b, byte(s.Mark), flags)
	b = appendUint(b, s.Used[0])
	b = appendInt(b, int64(s.Used[1]-s.Used[0]))
	b = appendUint(b, uint64(s.Tombstones[0]))
	b = appendInt(b, int64(s.Tombstones[1]-s.Tombstones[0]))
	b, s.Rule = e.seenText(b, s.Rule)
	b = appendUint(b, uint64(len(s.Events)))
	for _, ev := range s.Events {
		b = e.text(b, string(ev))
	}
	b = appendUint(b, uint64(s.Changes))
	b = appendUint(b, uint64(s.Unexplained))
	b = appendUint(b, uint64(len(s.To)))
	for _, st := range s.To {
		b = append(b, byte(st))
	}
	e.payload = b
	e.record(recEnd)
	out := end{id: id, ending: how, drift: drift, tooBig: tooBig, summary: s}
	e.ends = append(e.ends, out)
	return out
}
