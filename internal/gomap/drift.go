package gomap

import (
	"cmp"
	"slices"
)

// Drifted is a control byte that differs between two looks at a map between
// which no watched op worked on it: something that is not watched wrote it.
type Drifted struct {
	Addr     uint64
	Where    Where // of the row, in the later look
	Cell     int
	From, To byte
}

// Drift lists the control bytes that differ between was, a map at the end of an
// op, and now, the same map at the beginning of the next one, in address order.
// Only rows that were read both times are compared: a row that is not there any
// more, or was not, says that the map has changed its shape, and nothing of who
// wrote what.
func Drift(was, now *Map) []Drifted {
	if was == nil || now == nil || now.Layout == nil {
		return nil
	}
	var index map[uint64]int
	var ds []Drifted
	for i := range now.Rows {
		b := &now.Rows[i]
		k := i // mostly the same rows in the same order
		if k >= len(was.Rows) || was.Rows[k].Addr != b.Addr {
			if index == nil {
				index = make(map[uint64]int, len(was.Rows))
				for j := range was.Rows {
					index[was.Rows[j].Addr] = j
				}
			}
			j, ok := index[b.Addr]
			if !ok {
				continue
			}
			k = j
		}
		a := &was.Rows[k]
		if !a.Read || !b.Read || a.Ctrl == b.Ctrl {
			continue
		}
		for c := range b.Ctrl {
			if a.Ctrl[c] != b.Ctrl[c] {
				ds = append(ds, Drifted{now.Layout.CtrlAddr(b, c), b.Where, c, a.Ctrl[c], b.Ctrl[c]})
			}
		}
	}
	slices.SortStableFunc(ds, func(x, y Drifted) int { return cmp.Compare(x.Addr, y.Addr) })
	return ds
}
