package moment

import (
	"errors"
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Spot is a control byte of a map at a moment of one of its ops: what one asks
// the writer of.
type Spot struct {
	At    trace.Moment
	MapID int
	Addr  uint64 // of the control byte, at that moment
}

// Wrote is what the writer of a control byte did.
type Wrote uint8

// What a writer did. Of the last three nobody is the writer.
const (
	Inserted  Wrote = iota + 1 // its key's entry
	Moved                      // an entry here from another cell: evacuation, rehash
	MovedAway                  // the entry from here to another cell: evacuation
	Emptied                    // an entry went, and the cell is empty
	Entombed                   // an entry went, and the cell is a tombstone
	Cleaned                    // a cell without an entry: a tombstone became empty, emptyOne emptyRest
	Laid                       // a new array, in which this cell was empty from the first
	Drifted                    // something that is not watched wrote it, between Since and By
	Together                   // ops that were in progress together: nobody can tell which of them
	Unseen                     // it was so when it was first seen
)

// Writer is who wrote a control byte last.
type Writer struct {
	Spot Spot // that was asked
	Did  Wrote
	Ctrl [2]byte // before it was written, and what was written
	To   gomap.State
	// New says that the byte was in no row before: Ctrl[0] means nothing.
	New bool

	// By is the op that wrote it. Of Drifted it is the op at whose beginning, or
	// end, the byte was first seen so, of Unseen likewise; neither made it.
	By *trace.Op
	// Since is the last op that left another value there, of Drifted, or the
	// other op of Together.
	Since *trace.Op

	// Earlier asks for the writer before: what stood here before it was written,
	// or of an entry that was moved, who made the entry where it came from.
	Earlier Spot
	Known   bool // there is something to ask for
}

// Nobody reports whether there is no op to blame.
func (w *Writer) Nobody() bool { return w.Did >= Drifted }

// Tracker is a timeline that knows which ops touch what.
type Tracker interface {
	// Touched returns the last op on a map, from seq `from` up to `before` and
	// without that, that touches one of ts as [Touches] lists it, or may;
	// [trace.ErrNotFound] if there is none. An op in a part that cannot be read
	// may have touched anything: that is the error then.
	Touched(mapID int, ts []Touch, from, before uint64) (*trace.Op, error)
}

// ErrSpotUnread says that a control byte was not read at the moment asked about.
var ErrSpotUnread = errors.New("this cell was not read at this moment")

// WriterOf finds the op that wrote a control byte last, as of a moment.
//
// It goes back along the ops on the map that may have touched the byte, comparing
// what each left with what the next one found. It blames an op only where the byte
// was read before the op and after it; where it changed between ops, it is drift.
func WriterOf(tl trace.Timeline, spot Spot) (*Writer, error) {
	op, err := tl.Op(spot.At.Op)
	if err != nil {
		return nil, fmt.Errorf("looking for a writer: %w", err)
	}
	if spot.MapID == 0 {
		spot.MapID = op.Map.ID
	}
	k, err := At(tl, spot.At, spot.MapID)
	if err != nil {
		return nil, fmt.Errorf("looking for a writer: %w", err)
	}
	if !k.Shows() {
		return nil, ErrSpotUnread
	}
	s := &search{tl: tl, spot: spot, ref: op.Map, addr: settled(&op.Map, k.Map, spot.Addr), layout: k.Map.Layout, seen: op}
	var st presence
	var row uint64
	s.value, row, st = s.ctrl(k)
	if st != read {
		return nil, ErrSpotUnread
	}
	id := spot.MapID
	s.touches = []Touch{AllTouch(id), rowTouch(id, row), cellTouch(id, s.addr)}
	w, err := s.run(op, k)
	if err != nil {
		return nil, err
	}
	w.To = s.layout.StateOf(s.value)
	return w, nil
}

// search goes back in time from a spot.
type search struct {
	tl      trace.Timeline
	spot    Spot
	ref     trace.MapRef
	addr    uint64 // settled
	layout  *gomap.Layout
	touches []Touch
	value   byte      // of the byte, later
	seen    *trace.Op // the earliest op that the value was seen at, so far
}

// presence is what a look has of a byte.
type presence uint8

const (
	unread presence = iota
	read
	absent // the map has no such row
)

// ctrl is the byte as a look has it, and its row, settled.
func (s *search) ctrl(k *Look) (b byte, row uint64, st presence) {
	if !k.Shows() {
		return 0, 0, unread
	}
	l, m := k.Map.Layout, k.Map
	addr := unsettled(m, s.addr)
	for i := range m.Rows {
		r := &m.Rows[i]
		if c := addr - l.CtrlAddr(r, 0); c < gomap.CellsPerRow {
			if !r.Read {
				return 0, 0, unread
			}
			return r.Ctrl[c], settled(&s.ref, m, r.Addr), read
		}
	}
	if m.Whole && !m.SomeTables && len(m.Partial) == 0 && allRead(m) {
		return 0, 0, absent
	}
	return 0, 0, unread
}

func allRead(m *gomap.Map) bool {
	if uint64(len(m.Rows)) < m.RowsTotal {
		return false
	}
	for i := range m.Rows {
		if !m.Rows[i].Read {
			return false
		}
	}
	return true
}

// run goes back from op, whose moment asked about looks like k.
func (s *search) run(op *trace.Op, k *Look) (*Writer, error) {
	perhaps, err := s.mayTouch(op, s.touches)
	if err != nil {
		return nil, err
	}
	if perhaps && s.spot.At.Phase != trace.Before {
		if w, err := s.within(op, k); w != nil || err != nil {
			return w, err
		}
	}
	for {
		if perhaps {
			if w, err := s.between(op); w != nil || err != nil {
				return w, err
			}
		}
		perhaps = true
		before := op.Seq
		if before == 0 { // in progress
			before = uint64(s.tl.Len()) + 1
		}
		prev, err := s.touched(before)
		if errors.Is(err, trace.ErrNotFound) {
			return &Writer{Spot: s.spot, Did: Unseen, Ctrl: [2]byte{s.value, s.value}, By: s.seen}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("looking for a writer: %w", err)
		}
		op = prev
		after, err := At(s.tl, trace.Moment{Op: op.ID, Phase: trace.After}, s.spot.MapID)
		if err != nil {
			return nil, err
		}
		switch b, _, st := s.ctrl(after); {
		case st == absent || st == read && b != s.value:
			return s.drift(op, after, b, st), nil
		case st == read:
			s.seen = op
		}
		if w, err := s.within(op, after); w != nil || err != nil {
			return w, err
		}
	}
}

// touched is the op before that may have to do with the byte.
func (s *search) touched(before uint64) (*trace.Op, error) {
	if t, ok := s.tl.(Tracker); ok {
		return t.Touched(s.spot.MapID, s.touches, 1, before)
	}
	q, err := trace.Parse(fmt.Sprintf("map=%d", s.spot.MapID))
	if err != nil {
		return nil, err
	}
	return s.tl.Find(q, before, true)
}

// mayTouch reports whether an op may touch one of ts: nobody knows of one that is
// in progress, or without an index.
func (s *search) mayTouch(op *trace.Op, ts []Touch) (bool, error) {
	t, ok := s.tl.(Tracker)
	if !ok || op.Seq == 0 {
		return true, nil
	}
	_, err := t.Touched(s.spot.MapID, ts, op.Seq, op.Seq+1)
	if errors.Is(err, trace.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// within looks whether op wrote the byte, that is as in late then.
func (s *search) within(op *trace.Op, late *Look) (*Writer, error) {
	at := trace.Moment{Op: op.ID, Phase: trace.Before}
	before, err := At(s.tl, at, s.spot.MapID)
	if err != nil {
		return nil, err
	}
	_, _, now := s.ctrl(late)
	b, _, st := s.ctrl(before)
	switch {
	case st == read && b == s.value:
		s.seen = op
		return nil, nil
	case st == unread:
		return nil, nil
	case now != read:
		return s.drift(op, before, b, st), nil
	}
	return s.writer(op, b, st, before, late)
}

// between looks whether the byte changed between op and the one before on the map.
func (s *search) between(op *trace.Op) (*Writer, error) {
	if op.Since == 0 {
		return nil, nil
	}
	was, err := At(s.tl, trace.Moment{Op: op.Since, Phase: trace.After}, s.spot.MapID)
	if err != nil {
		return nil, err
	}
	b, _, st := s.ctrl(was)
	if st == unread || st == read && b == s.value {
		return nil, nil
	}
	since, err := s.tl.Op(op.Since)
	if err != nil {
		return nil, err
	}
	return s.drift(since, was, b, st), nil
}

// drift says that the byte was something else when since was looked at.
func (s *search) drift(since *trace.Op, k *Look, was byte, st presence) *Writer {
	w := &Writer{Spot: s.spot, Did: Drifted, Ctrl: [2]byte{was, s.value}, New: st == absent, By: s.seen, Since: since}
	if st == read {
		w.earlier(k.At, s.spot.MapID, unsettled(k.Map, s.addr))
	}
	return w
}

func (w *Writer) earlier(at trace.Moment, mapID int, addr uint64) {
	w.Earlier, w.Known = Spot{at, mapID, addr}, true
}

// writer tells what op did to the byte, which was b before.
func (s *search) writer(op *trace.Op, b byte, st presence, before, late *Look) (*Writer, error) {
	w := &Writer{Spot: s.spot, Ctrl: [2]byte{b, s.value}, New: st == absent, By: op}
	m, l := late.Map, late.Map.Layout
	addr := unsettled(m, s.addr)
	at := before.At
	if st == read {
		w.earlier(at, s.spot.MapID, unsettled(before.Map, s.addr))
	}
	from, to := l.StateOf(b), l.StateOf(s.value)
	switch {
	case to.Live():
		w.Did = Inserted
		a := &Act{Op: op, Before: before, After: late, Delta: Between(op.Kind, before, late), Types: s.tl.Types()}
		if src, moved := a.source(addr); moved {
			w.Did, w.Known = Moved, false
			if src != 0 {
				w.earlier(at, s.spot.MapID, src)
			}
		}
	case to == gomap.EvacuatedX || to == gomap.EvacuatedY || to == gomap.EvacuatedEmpty && from.Live():
		w.Did = MovedAway
	case to == gomap.Deleted:
		w.Did = Entombed
	case st == absent:
		w.Did = Laid
	case from.Live():
		w.Did = Emptied
	default:
		w.Did = Cleaned
	}
	other, err := s.together(op)
	if err != nil || other == nil {
		return w, err
	}
	a := &Act{Op: op, Before: before, After: late, Delta: Between(op.Kind, before, late), Types: s.tl.Types()}
	if own := a.Own(); own < 0 || a.Delta.Changes[own].Addr != addr {
		w.Did, w.Since, w.By = Together, op, other
		if other.Seq != 0 && op.Seq != 0 && op.Seq > other.Seq {
			w.Since, w.By = other, op
		}
	}
	return w, nil
}

// source is where the entry of a cell, that has come to be full, was before the
// act: 0 if that is not known. moved is false of the act's own new entry.
func (a *Act) source(ctrl uint64) (from uint64, moved bool) {
	l := a.After.Map.Layout
	cell := func(m *gomap.Map) (*gomap.Row, int) {
		for i := range m.Rows {
			if c := ctrl - l.CtrlAddr(&m.Rows[i], 0); c < gomap.CellsPerRow {
				return &m.Rows[i], int(c)
			}
		}
		return nil, 0
	}
	row, c := cell(a.After.Map)
	key, ok := slot(a.After.Mem, l, row, c)
	if !ok {
		return 0, a.Op.Kind != gomap.Assign
	}
	for i := range a.Before.Map.Rows {
		r := &a.Before.Map.Rows[i]
		if !r.Read {
			continue
		}
		for c := range r.Ctrl {
			if at := l.CtrlAddr(r, c); at != ctrl && l.StateOf(r.Ctrl[c]).Live() {
				if k, ok := slot(a.Before.Mem, l, r, c); ok && k == key {
					return at, true
				}
			}
		}
	}
	return 0, a.Op.Kind != gomap.Assign
}

// slot is the bytes of a cell's key as they stand in it: an entry that is moved
// takes them along.
func slot(mem gomap.Memory, l *gomap.Layout, r *gomap.Row, c int) (string, bool) {
	if r == nil {
		return "", false
	}
	_, key, _ := l.Ranges(r, c)
	p := make([]byte, min(key.Len, MaxRaw))
	if len(p) == 0 || mem.ReadAt(p, key.Addr, gomap.RoleRow) != nil {
		return "", false
	}
	return string(p), true
}

// together finds another op on the map that was in progress together with op.
func (s *search) together(op *trace.Op) (*trace.Op, error) {
	for _, id := range s.tl.Pending() {
		o, err := s.tl.Op(id)
		if err == nil && o.ID != op.ID && o.Map.ID == op.Map.ID && (op.Seq == 0 || o.Began < op.Ended) {
			return o, nil
		}
	}
	if op.Seq == 0 {
		return nil, nil
	}
	if perhaps, err := s.mayTouch(op, []Touch{TogetherTouch(op.Map.ID)}); !perhaps || err != nil {
		return nil, err
	}
	q, err := trace.Parse(fmt.Sprintf("map=%d", op.Map.ID))
	if err != nil {
		return nil, err
	}
	for _, back := range []bool{true, false} {
		o, err := s.tl.Find(q, op.Seq, back)
		switch {
		case errors.Is(err, trace.ErrNotFound):
		case err != nil:
			return nil, err
		case back && op.Since != o.ID || !back && o.Since != op.ID:
			return o, nil // when the later one began, the other had not ended
		}
	}
	return nil, nil
}

// History lists who wrote a control byte, the last writer first, max of them at
// most; more says that there are others before.
func History(tl trace.Timeline, spot Spot, max int) (ws []*Writer, more bool, err error) {
	for len(ws) < max {
		w, err := WriterOf(tl, spot)
		if err != nil {
			if len(ws) > 0 && errors.Is(err, ErrSpotUnread) {
				return ws, false, nil
			}
			return ws, false, err
		}
		ws = append(ws, w)
		if !w.Known {
			return ws, false, nil
		}
		spot = w.Earlier
	}
	return ws, true, nil
}
