package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/visible"
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

// Info implements [Sink].
func (s sink) Info(i trace.Info) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	i = visibleInfo(i)
	if err := f.addFact(fact{Info: &i}); err != nil {
		return err
	}
	f.publish(func() { f.info = i })
	return nil
}

// Fate implements [Sink].
func (s sink) Fate(fate trace.Fate) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	fate = visibleFate(fate)
	if err := f.addFact(fact{Fate: &fate}); err != nil {
		return err
	}
	f.publish(func() { f.fate = fate })
	return nil
}

// Usage implements [Sink].
func (s sink) Usage(u trace.Usage) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	u.Unexplained = f.unexplained
	f.publish(func() { f.usage = u })
	return nil
}

// Layout implements [Sink]. A layout that the timeline has keeps its number.
func (s sink) Layout(l *gomap.Layout) (trace.LayoutID, error) {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return 0, err
	}
	defer unlock()
	c, text, err := copyLayout(l)
	if err != nil {
		return 0, err
	}
	for i, have := range f.layouts {
		if have.Type != c.Type {
			continue
		}
		if old, err := json.Marshal(have); err == nil && bytes.Equal(old, text) {
			return trace.LayoutID(i + 1), nil
		}
	}
	id := trace.LayoutID(len(f.layouts) + 1)
	if err := f.addFact(fact{Layout: c, ID: uint64(id)}); err != nil {
		return 0, err
	}
	f.publish(func() { f.layouts = append(f.layouts, c) })
	return id, nil
}

// Type implements [Sink].
func (s sink) Type(addr uint64, t *gomap.Type) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	if f.types[addr] != nil {
		return nil
	}
	c, err := copyType(t)
	if err != nil {
		return err
	}
	if err := f.addFact(fact{Type: c, ID: addr}); err != nil {
		return err
	}
	f.publish(func() { f.types[addr] = c })
	return nil
}

// Source implements [Sink]. Lines that the timeline has are not added again.
func (s sink) Source(file string, first int, lines []string) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	src := sourceLines{File: cutText(visible.String(file)), First: first, Lines: make([]string, len(lines))}
	known := f.sources[src.File]
	fresh := false
	size := 0
	for i, l := range lines {
		src.Lines[i] = cutText(visible.Line(l, 0))
		size += 2*len(src.Lines[i]) + 64 // as JSON
		if old, ok := known[first+i]; !ok || old != src.Lines[i] {
			fresh = true
		}
	}
	if !fresh || size > maxFact || f.texts+size > maxSource {
		return nil // known, or more than a timeline keeps
	}
	if err := f.addFact(fact{Source: &src}); err != nil {
		return err
	}
	f.publish(func() { f.addSource(&src) })
	return nil
}

// addSource replaces a file's lines, so that readers may keep the map.
func (s *state) addSource(src *sourceLines) {
	lines := maps.Clone(s.sources[src.File])
	if lines == nil {
		lines = map[int]string{}
	}
	for i, l := range src.Lines {
		if s.texts += len(l) + 64; s.texts > maxSource {
			break
		}
		lines[src.First+i] = l
	}
	s.sources[src.File] = lines
}

// Begin implements [Sink].
func (s sink) Begin(op trace.Op) (trace.OpID, error) {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if op.Map.ID < 0 || int(op.Map.Layout) > len(f.layouts) || op.Map.Layout < 0 {
		return 0, fmt.Errorf("op on map %d with layout %d: no such map or layout", op.Map.ID, op.Map.Layout)
	}
	if len(f.pending) >= maxPending {
		return 0, fmt.Errorf("more than %d ops in progress", maxPending)
	}
	if f.enc.full() {
		if err := f.seal(); err != nil {
			return 0, err
		}
	}
	op.Since = f.last[op.Map.ID]
	for _, other := range f.progress {
		if other.op.Map.ID == op.Map.ID {
			op.Since = 0
		}
	}
	f.enc.begin(op)
	seen := f.enc.ops[len(f.enc.ops)-1]
	f.part.begin(&seen)
	f.progress[seen.ID] = &progress{op: seen}
	f.publish(func() {
		f.begun = seen.ID
		f.pending = append(slices.Clone(f.pending), seen.ID)
		f.addMap(seen.Map, 1, seen.ID)
	})
	return seen.ID, nil
}

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
	m.MapRef, m.Last = ref, last
	m.Ops += ops
}

// Read implements [Sink]. mapID 0 is the op's own map.
func (s sink) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	if m.Op > f.begun || mapID < 0 || m.Step < 0 {
		return fmt.Errorf("regions for moment %v of map %d: no such moment", m, mapID)
	}
	p := f.progress[m.Op]
	if mapID == 0 && m.Op != 0 {
		if p != nil {
			mapID = p.op.Map.ID
		} else if op, err := f.find(m.Op); err == nil {
			mapID = op.Map.ID
		}
	}
	rs, n, err := regions(rs)
	if err != nil {
		return err
	}
	if f.enc.heavy() || !f.enc.room(n) {
		if err := f.seal(); err != nil {
			return err
		}
	}
	if m.Phase != trace.Step && m.Phase != trace.Survey {
		m.Step = 0
	}
	f.enc.read(m, mapID, root, rs)
	if p != nil && mapID == p.op.Map.ID {
		p.read(m, root, rs, n)
	}
	f.recent.drop(m.Op)
	first := m.Op < f.enc.firstID
	if first {
		f.part.other(m.Op)
	}
	f.publish(func() {
		if first {
			f.addOther(m.Op, len(f.blocks))
		}
	})
	return nil
}

// regions leaves out empty regions, and refuses what no process can have.
func regions(rs []trace.Region) (_ []trace.Region, n int, err error) {
	if len(rs) > maxSpans {
		return nil, 0, fmt.Errorf("more than %d regions in one read", maxSpans)
	}
	empty := false
	for _, r := range rs {
		if r.Addr+uint64(len(r.Data)) < r.Addr {
			return nil, 0, fmt.Errorf("%d bytes at %#x reach beyond the end of memory", len(r.Data), r.Addr)
		}
		if n += len(r.Data); n > maxRead {
			return nil, 0, fmt.Errorf("more than %d MiB of memory in one read", maxRead>>20)
		}
		empty = empty || len(r.Data) == 0
	}
	if empty {
		rs = slices.DeleteFunc(slices.Clone(rs), func(r trace.Region) bool { return len(r.Data) == 0 })
	}
	return rs, n, nil
}

// addOther notes that a block has records of an op that began in an earlier.
func (s *state) addOther(id trace.OpID, block int) {
	if have := s.others[id]; !slices.Contains(have, block) {
		s.others[id] = append(slices.Clip(have), block)
	}
}

// End implements [Sink].
func (s sink) End(id trace.OpID, e trace.Ending) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	p := f.progress[id]
	if p == nil {
		return fmt.Errorf("op %d is not in progress", id)
	}
	if f.enc.heavy() {
		if err := f.seal(); err != nil {
			return err
		}
	}
	delete(f.progress, id)
	summary, drift := f.summarize(p, e.Outcome)
	f.unexplained += summary.Unexplained
	if p.op.Map.ID != 0 {
		f.last[p.op.Map.ID] = id
	}
	done := f.enc.end(id, e, drift, summary)
	op := p.op
	done.finish(&op, f.enc.firstSeq+uint64(len(f.enc.ends))-1)
	f.part.end(&op)
	if id < f.enc.firstID {
		f.part.other(id)
	}
	f.publish(func() {
		f.ended = op.Seq
		f.pending = slices.DeleteFunc(slices.Clone(f.pending), func(p trace.OpID) bool { return p == id })
		if id < f.enc.firstID {
			f.addOther(id, len(f.blocks))
		}
	})
	return nil
}
