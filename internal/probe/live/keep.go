package live

import (
	"cmp"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// bigMap is the size in bytes of rows above which the timeline gets only the
// rows that change and a first window of them; all are read.
const bigMap = 64 << 10

func big(lo *gomap.Layout, m *gomap.Map) bool { return uint64(len(m.Rows))*lo.Row.Size > bigMap }

// giveAfter hands the sink an op's after; of a big map, the rows that changed,
// in both moments.
func (l *Loop) giveAfter(p *pendingOp, addr uint64, after *gomap.Map, rec *recorder, d *gomap.Delta) error {
	changed := make(map[uint64]bool)
	for i := range d.Changes {
		c := &d.Changes[i]
		changed[c.Addr-uint64(c.Cell)-p.layout.Row.Ctrl] = true
	}
	if len(p.held) > 0 {
		if give, _ := split(p.layout.Layout, p.before, p.held, changed); len(give) > 0 {
			at := trace.Moment{Op: p.id, Phase: trace.Before}
			if err := l.sink.Read(at, p.m.id, p.addr, give); err != nil {
				return err
			}
		}
	}
	give, held := split(p.layout.Layout, after, rec.regions, nil)
	if len(held) > 0 {
		more, _ := split(p.layout.Layout, after, held, changed)
		give = append(give, more...)
	}
	return l.sink.Read(trace.Moment{Op: p.id, Phase: trace.After}, p.m.id, addr, give)
}

// split parts regions into those to give to the timeline and those of a big
// map's rows to hold back. With rows it gives only these rows of them.
func split(lo *gomap.Layout, m *gomap.Map, rs []trace.Region, rows map[uint64]bool) (give, held []trace.Region) {
	if !big(lo, m) {
		return rs, nil
	}
	if rows != nil {
		for addr := range rows {
			for _, r := range rs {
				if r.Addr <= addr && addr+lo.Row.Size <= r.Addr+uint64(len(r.Data)) {
					off := addr - r.Addr
					give = append(give, trace.Region{Addr: addr, Role: r.Role, Data: slices.Clone(r.Data[off : off+lo.Row.Size])})
				}
			}
		}
		slices.SortFunc(give, func(a, b trace.Region) int { return cmp.Compare(a.Addr, b.Addr) })
		return give, nil
	}
	left := uint64(bigMap)
	for _, r := range rs {
		n := uint64(len(r.Data))
		if n < 2*lo.Row.Size && n < 4096 { // headers, directories, keys
			give = append(give, r)
			continue
		}
		first := min(n, left) / lo.Row.Size * lo.Row.Size
		left -= first
		if first > 0 {
			// A copy, so that the window does not keep the whole map alive.
			give = append(give, trace.Region{Addr: r.Addr, Role: r.Role, Data: slices.Clone(r.Data[:first])})
		}
		held = append(held, r)
	}
	return give, held
}
