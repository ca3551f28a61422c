package gomap

// Place is a cell of a decoded map: an index into its Rows, and 0 to 7.
type Place struct{ Row, Cell int }

// Search looks for the cell of an op's key in a map at one moment. It never
// hashes: it compares as Go does, so that 0.0 finds -0.0, a boxed value its
// equal in another box, and NaN nothing.
type Search struct {
	Map *Map
	Mem Memory // of the map's moment
	// Key is the op's key, of the layout's key type. KeyMem has what it leads to
	// (a string's bytes, what an interface holds); it was read when the op began.
	Key    []byte
	KeyMem Memory
	Types  Types
	// Follow bounds the reads of what keys lead to; 0 is no bound. Each may cost
	// a live target time.
	Follow int

	eq    equality
	spent int
	buf   []byte
}

// maxCells bounds the cells whose keys are compared.
const maxCells = 1 << 19

// Find looks for the full cell that holds the key. Without one it says whether
// that is certain: Differs is of all keys that the map has, Unsure where one was
// not read or a bound was reached.
func (s *Search) Find() (Place, Match) {
	if !s.begin() {
		return Place{}, Unsure
	}
	m, left := s.Map, maxCells
	all := Differs
	if len(m.Partial) > 0 {
		all = Unsure
	}
	for i := range m.Rows {
		for c := range CellsPerRow {
			if !m.Layout.State(&m.Rows[i], c).Live() {
				continue
			}
			if left--; left < 0 || s.tired() {
				return Place{}, Unsure
			}
			switch s.compare(Place{i, c}) {
			case Equal:
				return Place{i, c}, Equal
			case Unsure:
				all = Unsure
			}
		}
	}
	return Place{}, all
}

// begin reports whether there is anything to compare: a key of which only a part
// is known cannot be told from others.
func (s *Search) begin() bool {
	if s.Map == nil || s.Map.Layout == nil || s.Map.Layout.Key == nil || s.Mem == nil || uint64(len(s.Key)) < s.Map.Layout.Key.Size {
		return false
	}
	s.eq = equality{a: s.KeyMem, b: s.Mem, types: s.Types}
	if s.eq.a == nil {
		s.eq.a = noMemory{}
	}
	s.spent = 0
	if s.buf = nil; !s.Map.Layout.KeyIndirect {
		s.buf = make([]byte, min(s.Map.Layout.Key.Size, maxRead))
	}
	return true
}

func (s *Search) tired() bool { return s.Follow > 0 && s.spent+s.eq.reads >= s.Follow }

// compare compares the key of a cell, be it full or not.
func (s *Search) compare(at Place) Match {
	l := s.Map.Layout
	row := &s.Map.Rows[at.Row]
	if l.KeyIndirect {
		s.spent++
		have, _, err := l.ReadKey(s.Mem, row, at.Cell, l.Key.Size)
		if err != nil {
			return Unsure
		}
		return s.eq.value(l.Key, s.Key, have, 0)
	}
	if s.Mem.ReadAt(s.buf, l.KeyAddr(row, at.Cell), RoleRow) != nil {
		return Unsure
	}
	return s.eq.value(l.Key, s.Key, s.buf, 0)
}

// Emptied finds the cell that a delete of the key emptied, in the search's map,
// which is that before the op: d is what the op did, and after the map after it.
//
// The cell whose control byte went from full to empty or deleted is the cell,
// whatever its key looks like: a delete empties no other. Keys are compared only
// where that leaves a choice. A delete from a classic map that grows moves the
// entries of one or two old buckets first. Was the key's among these, then its
// old cell is now evacuated like its neighbours', or gone with the last of the
// old buckets, and the new one, in which it never stood at any moment, shows
// nothing. And where ops of two goroutines overlap, more than one cell may have
// been emptied.
func (s *Search) Emptied(d *Delta, after *Map) (Place, bool) {
	if s.Map == nil || after == nil || d == nil || d.FoundKnown && !d.Found {
		return Place{}, false
	}
	var among []Place
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.State[0].Live() || c.State[1].Live() || c.State[1] == EvacuatedX || c.State[1] == EvacuatedY {
			continue
		}
		at, ok := s.Map.was(after, c)
		if !ok {
			return Place{}, false
		}
		among = append(among, at)
	}
	if len(among) == 1 {
		return among[0], true
	}
	if len(among) == 0 {
		among = s.left(after)
	}
	if len(among) == 0 || !s.begin() {
		return Place{}, false
	}
	var at Place
	unsure := 0
	for _, p := range among {
		switch s.compare(p) {
		case Equal:
			return p, true
		case Unsure:
			at = p
			unsure++
		}
	}
	// All others differ, and the key was there.
	return at, unsure == 1 && d.FoundKnown && len(s.Map.Partial) == 0 && len(after.Partial) == 0
}

// left lists the full cells of old buckets that are evacuated after the op, or
// no part of the map any more.
func (s *Search) left(after *Map) (ps []Place) {
	l := s.Map.Layout
	if l == nil || l.Kind != Classic {
		return nil
	}
	still := make(map[uint64]*Row)
	for i := range after.Rows {
		if r := &after.Rows[i]; r.Where.Old {
			still[r.Addr] = r
		}
	}
	for i := range s.Map.Rows {
		r := &s.Map.Rows[i]
		if !r.Where.Old {
			continue
		}
		now := still[r.Addr]
		for c := range CellsPerRow {
			if l.State(r, c).Live() && (now == nil || now.Read && !l.State(now, c).Live()) {
				ps = append(ps, Place{i, c})
			}
		}
	}
	return ps
}

// was is the place, in m, of the cell that changed from m to after. A map on a
// stack may have moved with it.
func (m *Map) was(after *Map, c *Change) (Place, bool) {
	at, ok := m.PlaceOf(c.Addr)
	if !ok && m.Root != after.Root {
		at, ok = m.PlaceOf(c.Addr - (after.Root - m.Root))
	}
	return at, ok
}

// PlaceOf is the cell that has its control byte at addr.
func (m *Map) PlaceOf(addr uint64) (Place, bool) {
	if m.Layout == nil {
		return Place{}, false
	}
	for i := range m.Rows {
		if first := m.Layout.CtrlAddr(&m.Rows[i], 0); addr >= first && addr-first < CellsPerRow {
			return Place{i, int(addr - first)}, true
		}
	}
	return Place{}, false
}
