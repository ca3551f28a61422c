package gomap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Range is a piece of memory.
type Range struct {
	Addr, Len uint64
}

// Ranges tells where cell i's control byte, key and elem are: the bytes in the
// row itself, which is a pointer for an indirect key or elem.
func (l *Layout) Ranges(r *Row, i int) (ctrl, key, elem Range) {
	return Range{l.CtrlAddr(r, i), 1},
		Range{l.KeyAddr(r, i), slotSize(l.Key, l.KeyIndirect)},
		Range{l.ElemAddr(r, i), slotSize(l.Elem, l.ElemIndirect)}
}

func slotSize(t *Type, indirect bool) uint64 {
	switch {
	case indirect:
		return 8
	case t == nil:
		return 0
	}
	return t.Size
}

// ErrCleared says that an indirect key or elem is gone: the runtime set the
// pointer to it to nil when it deleted the cell.
var ErrCleared = errors.New("the pointer to it is nil")

// ReadKey returns cell i's key, max bytes of it at most, and its address. It
// follows the pointer of an indirect key; [ErrCleared] where that is nil. A
// cell that is not full has a key too: what was left there.
func (l *Layout) ReadKey(m Memory, r *Row, i int, max uint64) ([]byte, uint64, error) {
	return readSlot(m, l.Key, l.KeyAddr(r, i), l.KeyIndirect, max, RoleKey)
}

// ReadElem is ReadKey for the elem.
func (l *Layout) ReadElem(m Memory, r *Row, i int, max uint64) ([]byte, uint64, error) {
	return readSlot(m, l.Elem, l.ElemAddr(r, i), l.ElemIndirect, max, RoleElem)
}

func readSlot(m Memory, t *Type, addr uint64, indirect bool, max uint64, what Role) ([]byte, uint64, error) {
	if t == nil {
		return nil, 0, fmt.Errorf("%s at %#x: its type is not known", what, addr)
	}
	as := RoleRow
	if indirect {
		as = what
		var p [8]byte
		if err := m.ReadAt(p[:], addr, RoleRow); err != nil {
			return nil, 0, fmt.Errorf("pointer to the %s at %#x: %w", what, addr, err)
		}
		if addr = binary.LittleEndian.Uint64(p[:]); addr == 0 {
			return nil, 0, fmt.Errorf("%s: %w", what, ErrCleared)
		}
	}
	n := min(t.Size, max, maxRead)
	if n == 0 {
		return []byte{}, addr, nil
	}
	b := make([]byte, n)
	if err := m.ReadAt(b, addr, as); err != nil {
		return nil, addr, fmt.Errorf("%s at %#x: %w", what, addr, err)
	}
	return b, addr, nil
}
