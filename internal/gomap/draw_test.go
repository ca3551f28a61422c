package gomap

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// draw makes a moment of a map from a drawing of its control bytes. A cell is
// two hex digits, ·· (Swiss empty, classic emptyRest) or xx (tombstone).
//
//	small                      nil        a nil map
//	  5e 11 ·· …               new        a map without any row yet
//
//	table A cells 16 left 3    array P B 1 flags 8
//	  5e 11 7c …                 0 5e 11 00 …
//	  ·· …                       0+ 22 …        overflow
//	                             1 ab …
//	                           old Q
//	                             0 02 03 04 …
//
// A letter is an address. "used 3", "seed 2", "possible 1" and "root 8" set
// what else a header has; used is the number of full cells otherwise.
func draw(t *testing.T, l *Layout, text string) *Map {
	t.Helper()
	d := drawing{t: t, l: l, m: &Map{Layout: l, Root: 0x1000}, set: map[string]uint64{}}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 {
			d.line(f)
		}
	}
	return d.finish()
}

type drawing struct {
	t    *testing.T
	l    *Layout
	m    *Map
	set  map[string]uint64
	at   uint64 // address of the next row
	old  bool
	last uint64
}

func (d *drawing) line(f []string) {
	d.t.Helper()
	letter := func(s string) uint64 { return uint64(s[0]-'A'+1) << 20 }
	switch f[0] {
	case "nil":
		*d.m = Map{Layout: d.l}
	case "new":
	case "used", "seed", "possible", "root":
		d.set[f[0]] = d.number(f[1])
	case "small":
		d.at, d.last = 0x1100, 0
		if len(f) > 1 {
			d.at = letter(f[1])
		}
		d.set["dirPtr"] = d.at
	case "table":
		tab := Table{Addr: letter(f[1]), Data: letter(f[1]) + 0x100, Dir: []int{len(d.m.Tables)}}
		for _, field := range d.l.Table.Fields {
			tab.Fields = append(tab.Fields, FieldValue{Field: field})
		}
		for i := 2; i+1 < len(f); i += 2 {
			name := map[string]string{"cells": "capacity", "left": "growthLeft"}[f[i]]
			for k := range tab.Fields {
				if tab.Fields[k].Name == name {
					tab.Fields[k].Value = d.number(f[i+1])
				}
			}
		}
		d.m.Tables = append(d.m.Tables, tab)
		d.set["dirPtr"], d.set["dirLen"] = 0xd000, uint64(len(d.m.Tables))
		d.at, d.last = tab.Data, 0
	case "array", "old":
		d.at, d.old = letter(f[1]), f[0] == "old"
		d.set[map[bool]string{false: "buckets", true: "oldbuckets"}[d.old]] = d.at
		for i := 2; i+1 < len(f); i += 2 {
			d.set[f[i]] = d.number(f[i+1])
		}
	default:
		d.row(f)
	}
}

func (d *drawing) number(s string) uint64 {
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *drawing) row(f []string) {
	d.t.Helper()
	r := Row{Read: true, Where: Where{Table: len(d.m.Tables) - 1, No: len(d.m.Tables) - 1, Row: d.last}, Addr: d.at + d.last*d.l.Row.Size}
	d.last++
	if d.l.Kind == Classic {
		number, overflow := strings.CutSuffix(f[0], "+")
		r.Where = Where{Table: -1, Row: d.number(number), Old: d.old, Classic: true}
		r.Addr = d.at + r.Where.Row*d.l.Row.Size
		if overflow {
			prev := &d.m.Rows[len(d.m.Rows)-1]
			r.Where.Overflow = prev.Where.Overflow + 1
			r.Addr = d.at + 0x10000 + r.Where.Row*0x1000 + uint64(r.Where.Overflow)*d.l.Row.Size
			prev.Next = r.Addr
		}
		f = f[1:]
	}
	if len(f) != CellsPerRow {
		d.t.Fatalf("a row of %d cells: %v", len(f), f)
	}
	for i, s := range f {
		switch {
		case s == "··" && d.l.Kind == Classic:
		case s == "··":
			r.Ctrl[i] = ctrlEmpty
		case s == "xx":
			r.Ctrl[i] = ctrlDeleted
		default:
			r.Ctrl[i] = byte(d.number("0x" + s))
		}
	}
	d.m.Rows = append(d.m.Rows, r)
}

func (d *drawing) finish() *Map {
	m := d.m
	if m.Root == 0 {
		return m
	}
	used, ok := d.set["used"]
	for i := range m.Rows {
		for k := range CellsPerRow {
			if !ok && d.l.State(&m.Rows[i], k) == Full {
				used++
			}
		}
	}
	m.Used = used
	d.set["used"], d.set["count"] = used, used
	d.set["tombstonePossible"], d.set["hash0"] = d.set["possible"], d.set["seed"]
	if root, ok := d.set["root"]; ok { // on a stack, with its only row
		m.Root += root
		m.Rows[0].Addr += root
		d.set["dirPtr"] += root
		d.set["buckets"] += root
	}
	for _, f := range d.l.Header {
		m.Header = append(m.Header, FieldValue{f, d.set[f.Name]})
	}
	m.RowsTotal = uint64(len(m.Rows))
	return m
}

// picture draws a moment's rows for a golden file.
func picture(m *Map, indent string) string {
	var b strings.Builder
	if m.Root == 0 {
		return indent + "nil\n"
	}
	if len(m.Rows) == 0 {
		return indent + "no rows\n"
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		fmt.Fprintf(&b, "%s%-18s", indent, r.Where)
		for k, c := range r.Ctrl {
			switch m.Layout.State(r, k) {
			case Empty, EmptyRest:
				b.WriteString(" ··")
			case Deleted:
				b.WriteString(" xx")
			default:
				fmt.Fprintf(&b, " %02x", c)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
