package debuginfo

import (
	"debug/dwarf"
	"io"
	"sort"
)

// lineTable is the line table of one unit's code, sorted by address, without
// the rows that end a sequence. Call it with mu held.
func (f *File) lineTable(u *unit) ([]dwarf.LineEntry, error) {
	if t, ok := f.lines[u]; ok {
		return t, nil
	}
	d, err := f.lineData()
	if err != nil {
		return nil, err
	}
	r := d.Reader()
	r.Seek(dwarf.Offset(u.root))
	cu, err := r.Next()
	if err != nil || cu == nil {
		return nil, refuse(f.path, Malformed, "build it again", "package %s: %v", u.name, err)
	}
	lr, err := d.LineReader(cu)
	if err != nil || lr == nil {
		return nil, refuse(f.path, Malformed, "build it again", "line table of package %s: %v", u.name, err)
	}
	var t []dwarf.LineEntry
	for {
		var e dwarf.LineEntry
		if err := lr.Next(&e); err == io.EOF {
			break
		} else if err != nil {
			return nil, refuse(f.path, Malformed, "build it again", "line table of package %s: %v", u.name, err)
		}
		if !e.EndSequence {
			t = append(t, e)
		}
	}
	sort.SliceStable(t, func(i, j int) bool { return t[i].Address < t[j].Address })
	if f.lines == nil {
		f.lines = map[*unit][]dwarf.LineEntry{}
	}
	f.lines[u] = t
	return t, nil
}

// lineData is the debug information with the line table in it.
func (f *File) lineData() (*dwarf.Data, error) {
	if f.withLines != nil {
		return f.withLines, nil
	}
	if _, err := f.dwarfData(); err != nil {
		return nil, err
	}
	var b [3][]byte
	for i, name := range []string{"debug_line", "debug_line_str", "debug_str"} {
		var err error
		if b[i], err = f.c.section(name); err != nil {
			return nil, refuse(f.path, Malformed, "build it again", "%v", err)
		}
	}
	d, err := dwarf.New(f.scan.abbr, nil, nil, f.scan.info, b[0], nil, nil, b[2])
	if err != nil {
		return nil, refuse(f.path, Malformed, "build it again", "%v", err)
	}
	for name, b := range map[string][]byte{".debug_line_str": b[1], ".debug_addr": f.scan.addr} {
		if err := d.AddSection(name, b); err != nil {
			return nil, refuse(f.path, Malformed, "build it again", "%v", err)
		}
	}
	f.withLines = d
	return d, nil
}

// rows are the rows of a line table in [lo, hi).
func rows(t []dwarf.LineEntry, lo, hi uint64) []dwarf.LineEntry {
	i := sort.Search(len(t), func(i int) bool { return t[i].Address >= lo })
	j := i
	for j < len(t) && t[j].Address < hi {
		j++
	}
	return t[i:j]
}
