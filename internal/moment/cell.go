package moment

import (
	"errors"
	"strings"

	"deltui/internal/gomap"
)

// Cell is all that is known of one cell at the moment shown.
type Cell struct {
	Where   string // table 0 group 0 cell 2
	Addr    uint64 // of the control byte
	Read    bool
	Ctrl    [2]byte // before, after; equal at an op's before
	State   [2]gomap.State
	Changed bool
	Key     Value
	Elem    Value
}

// Value is a cell's key or elem, in memory and in words.
type Value struct {
	Addr     uint64 // in the cell
	Type     string
	Indirect bool      // the cell holds a pointer to it
	Raw      [2][]byte // as it stands in the cell before, after; nil: not read
	Text     [2]string // in Go syntax
}

// MaxRaw bounds the bytes of a value that are shown.
const MaxRaw = 4096

// Same reports whether both moments have the same bytes.
func (v *Value) Same() bool { return string(v.Raw[0]) == string(v.Raw[1]) }

// Zero reports whether the bytes at the later moment are all zero.
func (v *Value) Zero() bool {
	for _, b := range v.Raw[1] {
		if b != 0 {
			return false
		}
	}
	return v.Raw[1] != nil
}

// Cell returns what is known of a cell, or false where there is none.
func (s *Scene) Cell(p gomap.Place, limit int) (Cell, bool) {
	row := s.row(p)
	if row == nil || p.Cell < 0 || p.Cell >= gomap.CellsPerRow {
		return Cell{}, false
	}
	l := s.Layout
	st := l.State(row, p.Cell)
	c := Cell{
		Where: row.Where.String() + " cell " + string(rune('0'+p.Cell)),
		Addr:  l.CtrlAddr(row, p.Cell), Read: row.Read,
		Ctrl: [2]byte{row.Ctrl[p.Cell], row.Ctrl[p.Cell]}, State: [2]gomap.State{st, st},
	}
	c.Key = Value{Addr: l.KeyAddr(row, p.Cell), Type: typeName(l.Key), Indirect: l.KeyIndirect}
	c.Elem = Value{Addr: l.ElemAddr(row, p.Cell), Type: typeName(l.Elem), Indirect: l.ElemIndirect}
	now := s.Shown()
	s.fill(&c, now, row, p.Cell, 1, limit)
	before := row
	if s.Late() {
		if i, ok := s.before.rows[row.Addr]; ok {
			before = &s.Before.Map.Rows[i]
			c.Ctrl[0], c.State[0] = before.Ctrl[p.Cell], l.State(before, p.Cell)
			c.Changed = before.Read && row.Read && c.Ctrl[0] != c.Ctrl[1]
			s.fill(&c, &s.before, before, p.Cell, 0, limit)
			return c, true
		}
	}
	c.Key.Raw[0], c.Key.Text[0] = c.Key.Raw[1], c.Key.Text[1]
	c.Elem.Raw[0], c.Elem.Text[0] = c.Elem.Raw[1], c.Elem.Text[1]
	return c, true
}

func (s *Scene) fill(c *Cell, d *Side, row *gomap.Row, i, when, limit int) {
	l := s.Layout
	_, key, elem := l.Ranges(row, i)
	c.Key.Raw[when], c.Elem.Raw[when] = d.raw(key), d.raw(elem)
	b, _, err := l.ReadKey(d.Mem, row, i, MaxRaw)
	c.Key.Text[when], _ = s.text(d, l.Key, b, err, limit)
	b, _, err = l.ReadElem(d.Mem, row, i, MaxRaw)
	c.Elem.Text[when], _ = s.text(d, l.Elem, b, err, limit)
}

func (d *Side) raw(r gomap.Range) []byte {
	p := make([]byte, min(r.Len, MaxRaw))
	if len(p) > 0 && d.Mem.ReadAt(p, r.Addr, gomap.RoleRow) != nil {
		return nil
	}
	return p
}

func typeName(t *gomap.Type) string {
	if t == nil {
		return ""
	}
	return t.Name
}

// text is a value in Go syntax; false where something that it leads to was not
// read.
func (s *Scene) text(d *Side, t *gomap.Type, b []byte, err error, limit int) (string, bool) {
	switch {
	case errors.Is(err, gomap.ErrCleared):
		return "nil", false
	case err != nil:
		return Unread, false
	}
	text, _ := gomap.Format(t, b, d.Mem, s.Types, limit)
	return text, !strings.Contains(text, Unread) || len(gomap.Wants(t, b, d.Mem, s.Types, limit)) == 0
}

// KeyOf is the text of a cell's key, for labels; Unread where it, or the string
// or interface that it points to, was not read.
func (s *Scene) KeyOf(p gomap.Place, limit int) string { return s.label(p, false, limit) }

// ElemOf is the text of a cell's elem, for labels.
func (s *Scene) ElemOf(p gomap.Place, limit int) string { return s.label(p, true, limit) }

func (s *Scene) label(p gomap.Place, elem bool, limit int) string {
	row := s.row(p)
	if row == nil || !row.Read {
		return Unread
	}
	d, read, t := s.Shown(), s.Layout.ReadKey, s.Layout.Key
	if elem {
		read, t = s.Layout.ReadElem, s.Layout.Elem
	}
	b, _, err := read(d.Mem, row, p.Cell, MaxRaw)
	text, ok := s.text(d, t, b, err, limit)
	if !ok && text != "nil" {
		return Unread
	}
	return text
}

// Unread stands for what was not read.
const Unread = "??"
