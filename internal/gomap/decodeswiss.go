package gomap

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// maxDir bounds the directory: 2^20 places lead to a billion entries.
const maxDir = 1 << 20

func (d *decoder) swiss() {
	d.Used = d.field("used")
	dir, n := d.field("dirPtr"), d.field("dirLen")
	if n == 0 {
		d.Whole = true // one group, or none, whatever the window says
		if dir != 0 {  // else there is no group yet: a new map on the heap
			d.size(1)
			d.Whole = true
			d.Rows = d.array(nil, dir, 1, Where{Table: -1}, "group")
		}
		return
	}
	if n > maxDir {
		d.partial("directory: %d of %d places read", uint64(maxDir), n)
		n = maxDir
	}
	// A table has at most seven entries in eight cells.
	if d.w.Bytes > 0 && d.Used/maxLoad >= d.w.Bytes/d.l.Row.Size {
		switch {
		case d.w.Header:
			return
		case d.w.Hash.Known:
			d.hashed(dir, int(n))
			return
		}
	}
	addrs := d.directory(dir, int(n))
	d.places(addrs)
	d.SomeTables = slices.Contains(addrs, 0)
	// All headers first: then the number of rows is known.
	total := uint64(0)
	for i := range d.Tables {
		if d.table(i); d.SomeTables || n > wholeDirectory {
			d.numbered(i)
		}
		total += min(d.Tables[i].Groups, math.MaxUint32)
	}
	d.size(total)
	switch {
	case d.Whole:
	case d.w.Header:
		return
	case d.w.Hash.Known:
		d.Tables, d.SomeTables = nil, false
		d.hashed(dir, int(n))
		return
	}
	if d.Whole && d.list {
		d.Rows = slices.Grow(d.Rows, int(min(total, uint64(d.w.MaxRows))))
	}
	for i := range d.Tables {
		d.groups(i)
	}
}

// directory reads the pointers to tables; 0 is one that could not be read.
func (d *decoder) directory(dir uint64, n int) []uint64 {
	addrs := make([]uint64, n)
	unread := 0
	d.r.items(dir, 8, n, RoleDirectory,
		func(i int, b []byte) { addrs[i] = binary.LittleEndian.Uint64(b) },
		func(int, bool) { unread++ })
	if unread > 0 {
		d.partial("directory: %d of %d places could not be read", unread, n)
	}
	return addrs
}

// places lists the tables, each once, with the directory places that lead to
// it: side by side, unless the map is broken.
func (d *decoder) places(addrs []uint64) {
	seen := map[uint64]int{}
	last, skipped := -1, 0
	for i, addr := range addrs {
		if addr == 0 {
			continue
		}
		if last < 0 || d.Tables[last].Addr != addr {
			k, ok := seen[addr]
			if !ok {
				if len(d.Tables) >= d.w.MaxTables {
					skipped++
					continue
				}
				k = len(d.Tables)
				seen[addr] = k
				d.Tables = append(d.Tables, Table{Addr: addr, No: k})
			}
			last = k
		}
		d.Tables[last].Dir = append(d.Tables[last].Dir, i)
	}
	if skipped > 0 {
		d.partial("directory: only %d tables followed, %d places left out", d.w.MaxTables, skipped)
	}
}

// table reads the header of table i.
func (d *decoder) table(i int) {
	t, l := &d.Tables[i], &d.l.Table
	b, err := d.r.at(t.Addr, l.Size, RoleTable)
	if err != nil {
		d.partial("table %d at %#x could not be read", i, t.Addr)
		return
	}
	t.Fields = fieldValues(l.Fields, b)
	t.Data = binary.LittleEndian.Uint64(b[l.GroupsData:])
	t.Groups = binary.LittleEndian.Uint64(b[l.LengthMask:]) + 1
	if t.Groups == 0 || t.Data == 0 {
		d.partial("table %d at %#x has no groups", i, t.Addr)
		t.Groups = 0
	}
}

// numbered gives table i its number where not all of the directory is known.
func (d *decoder) numbered(i int) {
	t := &d.Tables[i]
	t.No = t.Dir[0]
	if n, ok := t.Field("index"); ok {
		t.No = int(int64(n))
	}
}

// groups decodes the groups of table i.
func (d *decoder) groups(i int) {
	t := &d.Tables[i]
	if t.Groups == 0 {
		return
	}
	d.Rows = d.array(d.Rows, t.Data, t.Groups, Where{Table: i, No: t.No}, fmt.Sprintf("table %d", t.No))
}
