package gomap

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
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
	d := decoder{Map: Map{Layout: l, Root: root}, l: l, r: reader{mem: m}, w: w.bounded()}
	defer d.r.done()
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

	list bool // rows that were not read are listed too
}

// size takes in how many rows the header promises, before any is read.
func (d *decoder) size(rows uint64) {
	d.Whole = d.w.Bytes == 0 || rows <= d.w.Bytes/d.l.Row.Size
	_, sparse := d.r.mem.(Sparse)
	d.list = !sparse || rows <= uint64(listAll)
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
	if free := uint64(max(d.w.MaxRows-len(d.Rows), 0)); n > free {
		d.partial("%s: %d of %d rows decoded", what, free, n)
		return int(free)
	}
	return int(n)
}

// array decodes an array of n rows from addr on, as far as the window has them,
// and appends them to rows in their order.
func (d *decoder) array(rows []Row, addr, n uint64, where Where, what string) []Row {
	allowed := d.promise(n, what)
	spans := []span{{0, allowed}}
	if !d.Whole {
		spans = d.w.spans(addr, d.l.Row.Size, allowed)
	}
	wanted, read := 0, 0
	for _, s := range spans {
		from := len(rows)
		if d.list {
			rows = slices.Grow(rows, s.to-s.from)
		}
		at := func(i int) Row {
			w := where
			w.Row = uint64(s.from + i)
			return Row{Where: w, Addr: addr + w.Row*d.l.Row.Size}
		}
		wanted += s.to - s.from
		d.r.items(addr+uint64(s.from)*d.l.Row.Size, d.l.Row.Size, s.to-s.from, RoleRow,
			func(i int, b []byte) {
				r := at(i)
				d.set(&r, b)
				rows = append(rows, r)
			},
			func(i int, part bool) {
				r := at(i)
				if part && !d.r.tired() {
					d.ctrlOnly(&r)
				}
				if r.Read || d.list {
					rows = append(rows, r)
				}
			})
		for i := from; i < len(rows); i++ {
			if rows[i].Read {
				read++
			}
		}
	}
	switch {
	case !d.Whole && wanted < allowed:
		d.partial("%s: %d of %d rows were looked at", what, read, allowed)
	case read < wanted:
		d.partial("%s: %d of %d rows could not be read", what, wanted-read, wanted)
	}
	return rows
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
