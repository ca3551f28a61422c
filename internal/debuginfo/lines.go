package debuginfo

import (
	"debug/dwarf"
	"io"
	"sort"
)

// A span is a range of addresses, and the rows of the line table in it: the
// first one holds for lo, also where it begins before.
type span struct {
	lo, hi uint64
	rows   []dwarf.LineEntry
}

// fill reads a unit's line table once and gives each span its rows. Call it
// with mu held.
func (f *File) fill(u *unit, spans []*span) error {
	sort.Slice(spans, func(i, j int) bool { return spans[i].lo < spans[j].lo })
	d, err := f.lineData(u)
	if err != nil {
		return err
	}
	r := d.Reader()
	r.Seek(dwarf.Offset(u.root))
	cu, err := r.Next()
	if err != nil || cu == nil {
		return f.malformed("package %s: %v", u.name, err)
	}
	lr, err := d.LineReader(cu)
	if err != nil || lr == nil {
		return f.malformed("line table of package %s: %v", u.name, err)
	}
	var prev, e dwarf.LineEntry
	begun := false // prev is of the same sequence as e
	for {
		if err := lr.Next(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return f.malformed("line table of package %s: %v", u.name, err)
		}
		if begun {
			end := max(e.Address, prev.Address+1)
			i := sort.Search(len(spans), func(i int) bool { return spans[i].hi > prev.Address })
			for ; i < len(spans) && spans[i].lo < end; i++ {
				spans[i].rows = append(spans[i].rows, prev)
			}
		}
		prev, begun = e, !e.EndSequence
	}
}

// lineData is the debug information with a unit's line table in it.
func (f *File) lineData(u *unit) (*dwarf.Data, error) {
	if _, err := f.dwarfUpTo(u.end, 1); err != nil {
		return nil, err
	}
	const hdr = 12
	b, err := f.lineSec.upTo(u.lines + hdr)
	if err != nil {
		return nil, f.malformed("line table: %v", err)
	}
	if uint64(len(b)) < hdr || u.lines > uint64(len(b))-hdr {
		return nil, f.malformed("line table of package %s at %#x", u.name, u.lines)
	}
	n := uint64(f.scan.order.Uint32(b[u.lines:])) + hdr
	if n == 0xffffffff+hdr {
		n = f.scan.order.Uint64(b[u.lines+4:]) + hdr
	}
	return f.dwarfUpTo(u.end, min(u.lines+n, f.lineSec.size))
}
