package debuginfo

import (
	"debug/dwarf"
	"fmt"
	"io"
	"sort"
)

// A span is a range of addresses, and the rows of the line table in it: the
// first one holds for lo, also where it begins before.
type span struct {
	lo, hi uint64
	rows   []dwarf.LineEntry
}

// maxRows bounds the rows of one span.
const maxRows = 1 << 16

// fill reads a unit's line table once and gives each span its rows. Call it
// with mu held.
func (f *File) fill(u *unit, spans []*span) error {
	sort.Slice(spans, func(i, j int) bool { return spans[i].lo < spans[j].lo })
	lr, err := f.lineReader(u)
	if err != nil {
		return err
	}
	var prev, e dwarf.LineEntry
	begun := false // prev is of the same sequence as e
	for {
		if err := lr.Next(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return f.malformed("line table of package %s: %v", u.name, err)
		}
		if begun && e.Address >= prev.Address {
			end := max(e.Address, prev.Address+1)
			i := sort.Search(len(spans), func(i int) bool { return spans[i].hi > prev.Address })
			for ; i < len(spans) && spans[i].lo < end; i++ {
				if len(spans[i].rows) < maxRows {
					spans[i].rows = append(spans[i].rows, prev)
				}
			}
		}
		prev, begun = e, !e.EndSequence
	}
}

// lineReader is at the first row of a unit's line table.
func (f *File) lineReader(u *unit) (*dwarf.LineReader, error) {
	d, err := f.lineData(u)
	if err != nil {
		return nil, err
	}
	r := d.Reader()
	r.Seek(dwarf.Offset(u.root))
	cu, err := r.Next()
	if err != nil || cu == nil {
		return nil, f.malformed("package %s: %v", u.name, err)
	}
	lr, err := d.LineReader(cu)
	if err != nil || lr == nil {
		return nil, f.malformed("line table of package %s: %v", u.name, err)
	}
	return lr, nil
}

// files are the source files of a unit; some may be nil.
func (f *File) files(u *unit) ([]*dwarf.LineFile, error) {
	lr, err := f.lineReader(u)
	if err != nil {
		return nil, err
	}
	return lr.Files(), nil
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
	end := min(u.lines+n, f.lineSec.size)
	if b, err = f.lineSec.upTo(end); err != nil {
		return nil, f.malformed("line table: %v", err)
	}
	if err := f.scan.checkLines(u, b[:end]); err != nil {
		return nil, f.malformed("line table of package %s: %v", u.name, err)
	}
	return f.dwarfUpTo(u.end, end)
}

// checkLines refuses a header of DWARF 5's line table that promises more
// directories or files than it has bytes: debug/dwarf makes room for them
// before it looks. A header that is cut off panics.
func (s *scanner) checkLines(u *unit, b []byte) error {
	pos := u.lines + 4
	table := &unit{dwarf64: s.order.Uint32(b[u.lines:]) == 0xffffffff}
	if table.dwarf64 {
		pos += 8
	}
	if s.order.Uint16(b[pos:]) < 5 {
		return nil
	}
	pos += 4 + s.offSize(table) + 5 // up to opcode_base
	pos += uint64(b[pos])           // itself, and a length for each opcode but the first
	for _, what := range []string{"directories", "files"} {
		form := make([]abbrevField, b[pos])
		pos++
		for i := range form {
			var f uint64
			_, pos = ulebAt(b, pos)
			f, pos = ulebAt(b, pos)
			form[i].form = uint32(f)
		}
		var n uint64
		n, pos = ulebAt(b, pos)
		if n > uint64(len(b))-pos || n > 0 && len(form) == 0 {
			return fmt.Errorf("%d %s in %d bytes", n, what, uint64(len(b))-pos)
		}
		for range n {
			for i := range form {
				pos = s.field(table, &die{}, &form[i], b, pos)
			}
		}
	}
	return nil
}
