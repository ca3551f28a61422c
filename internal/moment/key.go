package moment

import (
	"bytes"
	"reflect"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// The cells that are compared with an op's key: as bytes, which is cheap, and as
// text.
const (
	maxBytesSearch = 1 << 19
	maxTextSearch  = 1 << 14
)

// findKey looks for the cell that holds the op's key. Only full cells count, so
// that a stale key is not taken for the entry.
func (s *Scene) findKey() {
	m := s.Before.Map
	if m == nil || s.Op.Kind == gomap.Clear || s.Op.KeyText == "" || s.Op.KeyLen > 0 {
		return
	}
	holds, left := s.holdsText(), maxTextSearch
	if plain(s.Layout.Key) && uint64(len(s.Op.Key)) == s.Layout.Key.Size {
		holds, left = s.holdsBytes(), maxBytesSearch
	}
	for i := range m.Rows {
		row := &m.Rows[i]
		for c := range gomap.CellsPerRow {
			if !s.Layout.State(row, c).Live() {
				continue
			}
			if left--; left < 0 {
				return
			}
			if holds(row, c) {
				s.Focus, s.Focused = Place{i, c}, true
				return
			}
		}
	}
	s.Absent = len(m.Partial) == 0 && !s.unsure
}

// plain reports whether two keys of a type are equal when their bytes are.
func plain(t *gomap.Type) bool {
	switch t.Kind {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return true
	}
	return false
}

func (s *Scene) holdsBytes() func(*gomap.Row, int) bool {
	b := make([]byte, len(s.Op.Key))
	return func(row *gomap.Row, cell int) bool {
		if s.Before.Mem.ReadAt(b, s.Layout.KeyAddr(row, cell), gomap.RoleRow) != nil {
			s.unsure = true
			return false
		}
		return bytes.Equal(b, s.Op.Key)
	}
}

func (s *Scene) holdsText() func(*gomap.Row, int) bool {
	return func(row *gomap.Row, cell int) bool {
		b, _, err := s.Layout.ReadKey(s.Before.Mem, row, cell, trace.MaxKey)
		text, ok := s.text(&s.Before, s.Layout.Key, b, err, trace.MaxKeyText)
		if !ok {
			s.unsure = true
		}
		return ok && text == s.Op.KeyText
	}
}
