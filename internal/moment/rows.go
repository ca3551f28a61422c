package moment

import "deltui/internal/gomap"

// RowBytes are a row's control bytes before and after the op; ok is false where
// the row was not there or not read before.
func (s *Scene) RowBytes(i int) (was, now [gomap.CellsPerRow]byte, ok bool) {
	row := s.row(gomap.Place{Row: i})
	if row == nil {
		return was, now, false
	}
	if !s.Late() {
		return row.Ctrl, row.Ctrl, true
	}
	j, ok := s.before.rows[row.Addr]
	if !ok || !s.Before.Map.Rows[j].Read {
		return was, row.Ctrl, false
	}
	return s.Before.Map.Rows[j].Ctrl, row.Ctrl, true
}

// Byte is one byte of a row at the moment shown.
type Byte struct {
	Now           byte
	Read, Changed bool
}

// maxRowBytes bounds what RowMemory returns: cells of 128-byte keys and elems
// fit.
const maxRowBytes = 1 << 12

// RowMemory is a row's memory from its beginning.
func (s *Scene) RowMemory(i int) (addr uint64, b []Byte, ok bool) {
	row := s.row(gomap.Place{Row: i})
	if row == nil {
		return 0, nil, false
	}
	b = make([]Byte, min(s.Layout.Row.Size, maxRowBytes))
	var now, was [8]byte
	for at := 0; at < len(b); at += len(now) {
		n := min(len(now), len(b)-at)
		if s.Shown().Mem.ReadAt(now[:n], row.Addr+uint64(at), gomap.RoleRow) != nil {
			continue
		}
		had := s.Late() && s.Before.Mem.ReadAt(was[:n], row.Addr+uint64(at), gomap.RoleRow) == nil
		for j := range n {
			b[at+j] = Byte{Now: now[j], Read: true, Changed: had && was[j] != now[j]}
		}
	}
	return row.Addr, b, true
}
