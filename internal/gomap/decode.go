package gomap

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Decode reads the map whose header is at root: every bucket or group that w
// allows, their control bytes only. Keys and elems are read on demand, see
// [Layout.ReadKey].
//
// It reads in few and large pieces, rows whole, so that a Memory which notes
// what passes through it holds all that showing the map needs: one read for
// the header, one for the directory, one for each table's header, and one for
// each array of groups or buckets; overflow buckets are read side by side where
// they lie so. Where a large read fails, it is repeated in parts.
//
// An error says that l is unfit or that the header could not be read; it wraps
// the Memory's. All else that goes wrong is in Map.Partial.
func Decode(l *Layout, root uint64, m Memory, w Window) (*Map, error) {
	if err := l.Check(); err != nil {
		return nil, fmt.Errorf("decoding the map at %#x: %w", root, err)
	}
	if w.Rows <= 0 {
		w.Rows = DefaultWindow.Rows
	}
	if w.Tables <= 0 {
		w.Tables = DefaultWindow.Tables
	}
	d := decoder{Map: Map{Layout: l, Root: root}, l: l, r: reader{mem: m}, w: w}
	if root == 0 {
		return &d.Map, nil
	}
	b, err := d.r.at(root, l.HeaderSize, RoleHeader)
	if err != nil {
		return nil, fmt.Errorf("reading the header of the %s at %#x: %w", l.Type, root, err)
	}
	d.Header = fieldValues(l.Header, b)
	if l.Kind == Classic {
		d.classic()
	} else {
		d.swiss()
	}
	return &d.Map, nil
}

type decoder struct {
	Map
	l *Layout
	r reader
	w Window
}

// maxPartial bounds the number of remarks about a broken map.
const maxPartial = 16

func (d *decoder) partial(format string, args ...any) {
	if len(d.Partial) < maxPartial {
		d.Partial = append(d.Partial, fmt.Sprintf(format, args...))
	}
}

func (d *decoder) field(name string) uint64 {
	v, _ := d.Field(name)
	return v
}

// promise adds to RowsTotal and returns how many of n rows may be decoded.
func (d *decoder) promise(n uint64, what string) int {
	if d.RowsTotal += n; d.RowsTotal < n {
		d.RowsTotal = math.MaxUint64
	}
	if free := uint64(max(d.w.Rows-len(d.Rows), 0)); n > free {
		d.partial("%s: %d of %d rows decoded", what, free, n)
		return int(free)
	}
	return int(n)
}

// fill reads the control bytes of rows that lie one after another.
func (d *decoder) fill(rows []Row) {
	if len(rows) == 0 {
		return
	}
	d.r.items(rows[0].Addr, d.l.Row.Size, len(rows), RoleRow,
		func(i int, b []byte) { d.set(&rows[i], b) },
		func(i int, part bool) {
			if part && !d.r.tired() {
				d.ctrlOnly(&rows[i])
			}
		})
}

// unread remarks on rows that could not be read.
func (d *decoder) unread(rows []Row, what string) {
	n := 0
	for i := range rows {
		if !rows[i].Read {
			n++
		}
	}
	if n > 0 {
		d.partial("%s: %d of %d rows could not be read", what, n, len(rows))
	}
}

func (d *decoder) set(r *Row, b []byte) {
	r.Read = true
	copy(r.Ctrl[:], b[d.l.Row.Ctrl:])
	if d.l.Kind == Classic {
		r.Next = binary.LittleEndian.Uint64(b[d.l.Row.Overflow:])
	}
}

// ctrlOnly reads a row of which not all is there.
func (d *decoder) ctrlOnly(r *Row) {
	b, err := d.r.at(r.Addr+d.l.Row.Ctrl, CellsPerRow, RoleRow)
	if err != nil {
		return
	}
	r.Read = true
	copy(r.Ctrl[:], b)
	if d.l.Kind == Classic {
		if b, err := d.r.at(r.Addr+d.l.Row.Overflow, 8, RoleRow); err == nil {
			r.Next = binary.LittleEndian.Uint64(b)
		} else {
			d.partial("%s: its overflow pointer could not be read", r.Where)
		}
	}
}
