package live

import (
	"bytes"
	"encoding/binary"
	"reflect"

	"deltui/internal/gomap"
)

// Bounds of what is read of a map's cells beyond its rows.
const (
	maxElem       = 256 // bytes of an elem's text
	maxCandidates = 32  // keys that may be read to find one
	maxShownRows  = 64  // at rest
	maxRowsAtRun  = 8   // while ops go by, a map that has more is read at rest only
	maxShown      = 64  // bytes of a key's or elem's text on a screen
)

// readElem reads what the elem of an op's key leads to (a string's bytes, what
// is boxed or indirect): after the op nothing would lead there any more. The
// cell is found by the key alone, without its hash, among the rows that were
// read.
func (l *Loop) readElem(lo *layoutOf, m *gomap.Map, key []byte, text string, rec *recorder) {
	if !leads(lo.Elem) && !lo.ElemIndirect || big(lo.Layout, m) {
		return
	}
	r, c, ok := l.findKey(lo, m, key, text, rec)
	if !ok {
		return
	}
	if elem, _, err := lo.ReadElem(rec, r, c, lo.Elem.Size); err == nil {
		gomap.Format(lo.Elem, elem, gomap.As(rec, gomap.RoleElem), l.types, maxElem)
	}
}

// findKey finds the full cell that holds a key.
func (l *Loop) findKey(lo *layoutOf, m *gomap.Map, key []byte, text string, rec *recorder) (*gomap.Row, int, bool) {
	candidates := 0
	for i := range m.Rows {
		r := &m.Rows[i]
		for c := range gomap.CellsPerRow {
			if lo.State(r, c) != gomap.Full {
				continue
			}
			if lo.KeyIndirect {
				if candidates++; candidates > maxCandidates {
					return nil, 0, false
				}
			}
			have, _, err := lo.ReadKey(rec, r, c, uint64(len(key)))
			if err != nil {
				continue
			}
			if bytes.Equal(have, key) {
				return r, c, true
			}
			if !mayEqual(lo.Key, have, key) {
				continue
			}
			if candidates++; candidates > maxCandidates {
				return nil, 0, false
			}
			if t, _ := gomap.Format(lo.Key, have, gomap.As(rec, gomap.RoleKey), l.types, 256); t == text {
				return r, c, true
			}
		}
	}
	return nil, 0, false
}

// mayEqual reports whether keys of other bytes may be equal: strings of one
// length, interfaces of one type, and what holds such.
func mayEqual(t *gomap.Type, a, b []byte) bool {
	switch t.Kind {
	case reflect.String:
		return len(a) >= 16 && len(b) >= 16 && binary.LittleEndian.Uint64(a[8:]) == binary.LittleEndian.Uint64(b[8:])
	case reflect.Interface:
		return len(a) >= 8 && len(b) >= 8 && bytes.Equal(a[:8], b[:8])
	}
	return leads(t)
}

// leads reports whether showing a value of the type needs memory beyond it.
func leads(t *gomap.Type) bool {
	switch t.Kind {
	case reflect.String, reflect.Interface:
		return true
	case reflect.Array:
		return t.Elem != nil && leads(t.Elem)
	case reflect.Struct:
		for i := range t.Fields {
			if leads(t.Fields[i].Type) {
				return true
			}
		}
	}
	return false
}

// readCells reads what the cells of a map lead to, bounded: a person is going
// to look at them. The past is never read, so under a screen that may pause at
// any op a small map's are read at each.
func (l *Loop) readCells(lo *layoutOf, m *gomap.Map, rec *recorder, rest bool) {
	if !rest && (!l.plan.Paused || len(m.Rows) > maxRowsAtRun) {
		return
	}
	keys, elems := leads(lo.Key) || lo.KeyIndirect, leads(lo.Elem) || lo.ElemIndirect
	if !keys && !elems {
		return
	}
	for i := range m.Rows[:min(len(m.Rows), maxShownRows)] {
		r := &m.Rows[i]
		for c := range gomap.CellsPerRow {
			if lo.State(r, c) != gomap.Full {
				continue
			}
			if keys {
				if key, _, err := lo.ReadKey(rec, r, c, lo.Key.Size); err == nil {
					gomap.Format(lo.Key, key, gomap.As(rec, gomap.RoleKey), l.types, maxShown)
				}
			}
			if elems {
				if elem, _, err := lo.ReadElem(rec, r, c, lo.Elem.Size); err == nil {
					gomap.Format(lo.Elem, elem, gomap.As(rec, gomap.RoleElem), l.types, maxShown)
				}
			}
		}
	}
}
