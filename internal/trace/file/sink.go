package file

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"deltui/internal/trace"
)

// Sink returns the end that a source writes to.
func (f *File) Sink() trace.Sink { return sink{f} }

// sink is a File as its source sees it.
type sink struct{ f *File }

// writing locks the file for a change by its source.
func (f *File) writing() (unlock func(), err error) {
	f.wmu.Lock()
	switch {
	case f.w == nil:
		err = trace.ErrReadOnly
	case f.closed:
		err = errors.New("the timeline is closed")
	default:
		err = f.werr
	}
	if err != nil {
		f.wmu.Unlock()
		return nil, err
	}
	f.touch()
	return f.wmu.Unlock, nil
}

// publish shows readers the open block as it is now.
func (f *File) publish(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = f.enc.block
	if change != nil {
		change()
	}
	f.notify()
}

// checkMap refuses a map that cannot be.
func (f *File) checkMap(m trace.MapRef) error {
	if m.ID < 0 || int(m.Layout) > len(f.layouts) || m.Layout < 0 {
		return fmt.Errorf("map %d with layout %d: no such map or layout", m.ID, m.Layout)
	}
	return nil
}

// Begin implements [trace.Sink].
func (s sink) Begin(op trace.Op) (trace.OpID, error) {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if err := f.checkMap(op.Map); err != nil {
		return 0, fmt.Errorf("beginning an op: %w", err)
	}
	if len(f.pending) >= maxPending {
		// Nobody has so many goroutines inside a map. The oldest was forgotten.
		id := f.pending[0]
		if err := f.end(f.progress[id], trace.Ending{Outcome: trace.Detached, Message: tooManyPending, Ended: int64(op.Began)}); err != nil {
			return 0, err
		}
		f.endedFor[id] = true
	}
	if f.enc.full() || len(f.parts) >= maxParts {
		if err := f.seal(); err != nil {
			return 0, err
		}
	}
	op.Since = 0
	if f.busy[op.Map.ID] == 0 {
		op.Since = f.last[op.Map.ID]
		if op.Since != 0 && f.isLetGo(trace.Moment{Op: op.Since}) {
			op.Since = 0
		}
	}
	f.enc.begin(op)
	seen := f.enc.ops[len(f.enc.ops)-1]
	f.part.begin(&seen)
	f.progress[seen.ID] = &progress{op: seen, shared: f.busy[seen.Map.ID] > 0}
	if f.busy[seen.Map.ID] > 0 && seen.Map.ID != 0 {
		for _, p := range f.progress {
			p.shared = p.shared || p.op.Map.ID == seen.Map.ID
		}
	}
	f.busy[seen.Map.ID]++
	f.publish(func() {
		f.begun = seen.ID
		f.pending = append(f.pending, seen.ID)
		f.addMap(seen.Map, 1, seen.ID)
	})
	return seen.ID, nil
}

const tooManyPending = "no end was seen, and more ops are in progress than a timeline takes"

// addMap counts ops of a map, or that it was surveyed.
func (s *state) addMap(ref trace.MapRef, ops int, last trace.OpID) {
	if ref.ID == 0 {
		return
	}
	i, ok := s.mapAt[ref.ID]
	if !ok && len(s.maps) >= maxMaps {
		return
	}
	if !ok {
		i = len(s.maps)
		s.mapAt[ref.ID] = i
		s.maps = append(s.maps, new(trace.MapSeen))
	}
	m := s.maps[i]
	m.MapRef, m.Last = ref, max(m.Last, last)
	m.Ops += ops
}

// Survey implements [trace.Sink].
func (s sink) Survey(m trace.MapRef, at time.Duration) (trace.Moment, error) {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return trace.Moment{}, err
	}
	defer unlock()
	if err := f.checkMap(m); err != nil {
		return trace.Moment{}, fmt.Errorf("surveying: %w", err)
	}
	if f.enc.full() || len(f.parts) >= maxParts {
		if err := f.seal(); err != nil {
			return trace.Moment{}, err
		}
	}
	seen := f.enc.survey(trace.Surveyed{Map: m, Time: at})
	f.part.survey(&seen)
	f.survey = tally{at: seen.Moment(), mapID: seen.Map.ID}
	f.publish(func() {
		f.surveyed = seen.Number
		f.addMap(seen.Map, 0, 0)
	})
	return seen.Moment(), nil
}

// Read implements [trace.Sink].
//
// A read that is too large for a record becomes several. One that makes its
// moment larger than a timeline takes is not kept, and then the moment is left
// out whole: half a map would be decoded as a map that has lost its rows. Only
// where the moment was over already, it stays as it was.
func (s sink) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	if m, err = f.moment(m); err != nil || mapID < 0 {
		return fmt.Errorf("regions of map %d at moment %v: %w", mapID, m, errors.Join(err, noSuchMap(mapID)))
	}
	rs, n, err := regions(rs)
	if err != nil {
		return err
	}
	p := f.progress[m.Op] // nil of a survey
	if mapID == 0 {
		if mapID, err = f.ownMap(m, p); err != nil {
			return nil // it was let go, or is damaged: nobody could read it
		}
	}
	t := f.tally(m, mapID, p)
	switch {
	case t.leftOut:
		return nil
	case t.size.plus(n).fits():
		t.size = t.size.plus(n)
	case p == nil && m.Op != 0:
		return nil
	default:
		t.leftOut = true
	}
	f.looks.drop(m.Op)
	if t.leftOut {
		f.enc.leaveOut(m, mapID)
		if p != nil {
			p.tooBig = true
		}
		f.added(m)
	}
	for !t.leftOut {
		piece, rest := cut(rs)
		if f.enc.heavy() || !f.enc.room(bytesOf(piece)) {
			if err := f.seal(); err != nil {
				return err
			}
		}
		f.enc.read(m, mapID, root, piece)
		if p != nil && mapID == p.op.Map.ID && (m.Phase == trace.Before || m.Phase == trace.After) {
			h := &p.held[side(m.Phase)]
			if h.seen, h.root = true, root; t.size.bytes <= f.mostHeld {
				h.rs = append(h.rs, f.enc.images[mapID].share(piece)...)
			} else {
				h.rs = nil
			}
		}
		f.added(m)
		if rs = rest; len(rs) == 0 {
			break
		}
	}
	f.count(t, p)
	return nil
}

func noSuchMap(id int) error {
	if id < 0 {
		return errors.New("no such map")
	}
	return nil
}

// moment brings a moment into the form that it is kept in, and refuses one that
// cannot be.
func (f *File) moment(m trace.Moment) (trace.Moment, error) {
	m = plain(m)
	ok := m.Op >= 1 && m.Op <= f.begun && m.Phase <= trace.After && m.Step >= 0
	if m.Phase == trace.Survey {
		ok = m.Op == 0 && m.Step >= 1 && m.Step <= f.surveyed
	}
	if !ok {
		return m, errors.New("no such moment")
	}
	return m, nil
}

// ownMap is the map of an op, or of a survey.
func (f *File) ownMap(m trace.Moment, p *progress) (int, error) {
	switch {
	case p != nil:
		return p.op.Map.ID, nil
	case m.Phase == trace.Survey:
		s, err := f.Survey(m.Step)
		return s.Map.ID, err
	}
	op, err := f.find(m.Op)
	if err != nil {
		return 0, err
	}
	return op.Map.ID, nil
}

// added notes that the open block has something more of a moment.
func (f *File) added(m trace.Moment) {
	o := owner(m)
	other := f.enc.isOther(o)
	if other {
		f.part.other(o)
	}
	f.publish(func() {
		if other {
			f.addOther(o, len(f.blocks))
		}
	})
}

// isOther reports whether what owns a moment is of an earlier block.
func (b *block) isOther(owner trace.Moment) bool {
	if owner.Phase == trace.Survey {
		return owner.Step < b.firstSurvey
	}
	return owner.Op < b.firstID
}

// addOther notes that a block has records of what is of an earlier one.
func (s *state) addOther(owner trace.Moment, block int) {
	if have := s.others[owner]; !slices.Contains(have, block) {
		s.others[owner] = append(slices.Clip(have), block)
	}
}

// regions leaves out empty regions, and refuses what no process can have.
func regions(rs []trace.Region) (_ []trace.Region, n size, err error) {
	empty := false
	for _, r := range rs {
		if r.Addr+uint64(len(r.Data)) < r.Addr {
			return nil, n, fmt.Errorf("%d bytes at %#x reach beyond the end of memory", len(r.Data), r.Addr)
		}
		n.bytes += len(r.Data)
		empty = empty || len(r.Data) == 0
	}
	if empty {
		rs = slices.DeleteFunc(slices.Clone(rs), func(r trace.Region) bool { return len(r.Data) == 0 })
	}
	n.spans = len(rs) + n.bytes/maxRead // some are cut in pieces
	return rs, n, nil
}

// cut takes as many regions off the beginning of rs as one record may have, the
// last of them in part.
func cut(rs []trace.Region) (piece, rest []trace.Region) {
	room := maxRead
	for i, r := range rs {
		switch {
		case i == maxSpans || room == 0:
			return rs[:i], rs[i:]
		case len(r.Data) > room:
			piece = append(slices.Clone(rs[:i]), trace.Region{Addr: r.Addr, Role: r.Role, Data: r.Data[:room]})
			rest = slices.Clone(rs[i:])
			rest[0] = trace.Region{Addr: r.Addr + uint64(room), Role: r.Role, Data: r.Data[room:]}
			return piece, rest
		}
		room -= len(r.Data)
	}
	return rs, nil
}

func bytesOf(rs []trace.Region) (n int) {
	for _, r := range rs {
		n += len(r.Data)
	}
	return n
}

// End implements [trace.Sink].
func (s sink) End(id trace.OpID, e trace.Ending) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	if f.endedFor[id] {
		delete(f.endedFor, id)
		return nil
	}
	p := f.progress[id]
	if p == nil {
		return fmt.Errorf("op %d is not in progress", id)
	}
	return f.end(p, e)
}

func (f *File) end(p *progress, e trace.Ending) error {
	if f.enc.heavy() {
		if err := f.seal(); err != nil {
			return err
		}
	}
	id := p.op.ID
	summary, drift, touches := f.summarize(p, e.Outcome)
	delete(f.progress, id)
	f.unexplained += summary.Unexplained
	if f.busy[p.op.Map.ID]--; f.busy[p.op.Map.ID] == 0 {
		delete(f.busy, p.op.Map.ID)
	}
	if p.op.Map.ID != 0 {
		f.last[p.op.Map.ID] = id
	}
	done := f.enc.end(id, e, drift, p.tooBig, summary)
	op := p.op
	done.finish(&op, f.enc.firstSeq+uint64(len(f.enc.ends))-1)
	f.part.end(&op, touches)
	f.enc.ends[len(f.enc.ends)-1].touches = touches // before readers see it
	other := f.enc.isOther(trace.Moment{Op: id})
	if other {
		f.part.other(trace.Moment{Op: id})
	}
	f.publish(func() {
		f.ended = op.Seq
		if i, ok := slices.BinarySearch(f.pending, id); ok {
			f.pending = slices.Delete(f.pending, i, i+1)
		}
		if other {
			f.addOther(trace.Moment{Op: id}, len(f.blocks))
		}
	})
	return nil
}
