package trace

import (
	"bytes"
	"slices"

	"deltui/internal/gomap"
)

// progress is what is kept of an op that has not ended.
type progress struct {
	op    Op
	alone bool     // no other op of the map was in progress meanwhile
	prior *control // the map's control bytes at its last after
	looks [2]look  // before, after
}

// look is what was read of an op's map at one moment, so that the summary need
// not be derived from records that were only just written.
type look struct {
	root uint64
	seen bool
	rs   []Region
	n    int
	buf  []byte // the regions' bytes, kept for the next op
}

// maxLook is how many bytes of memory a look keeps. Larger maps are read again
// from the records.
const maxLook = 1 << 20

func (p *progress) read(m Moment, root uint64, rs []Region, n int) {
	var l *look
	switch m.Phase {
	case Before:
		l = &p.looks[0]
	case After:
		l = &p.looks[1]
	default:
		return
	}
	l.seen, l.root = true, root
	if l.n += n; l.n > maxLook {
		l.rs, l.buf = nil, nil
		return
	}
	for _, r := range rs {
		l.buf = append(l.buf, r.Data...) // what it leaves behind when it grows stays as it is
		l.rs = append(l.rs, Region{r.Addr, l.buf[len(l.buf)-len(r.Data):]})
	}
}

// newProgress returns a progress, if it can one that was used before: for each
// op the same few KB would be allocated otherwise.
func (f *File) newProgress() *progress {
	n := len(f.spare) - 1
	if n < 0 {
		return &progress{}
	}
	p := f.spare[n]
	f.spare = f.spare[:n]
	for i := range p.looks {
		l := &p.looks[i]
		*l = look{rs: l.rs[:0], buf: l.buf[:0]}
	}
	return p
}

// release keeps a progress for a later op. Nobody may use its bytes any more.
func (f *File) release(p *progress) {
	if len(f.spare) < 8 {
		p.prior = nil
		f.spare = append(f.spare, p)
	}
}

// decodeMap decodes a map at one moment. It returns nil if the map's header was
// not read, or its layout is not known.
func decodeMap(l *gomap.Layout, root uint64, m gomap.Memory) *gomap.Map {
	if root == 0 {
		return &gomap.Map{Layout: l}
	}
	decoded, err := gomap.Decode(l, root, m, gomap.Window{})
	if err != nil {
		return nil
	}
	return decoded
}

// decodeLook decodes the map of an op in progress.
func (f *File) decodeLook(p *progress, phase Phase) *gomap.Map {
	l := &p.looks[min(phase, 1)]
	if l.n > maxLook {
		mem, layout, root, err := f.Memory(Moment{Op: p.op.ID, Phase: phase}, 0)
		if err != nil {
			return nil
		}
		return decodeMap(layout, root, mem)
	}
	if !l.seen && p.op.Map.Addr != 0 {
		return nil
	}
	return decodeMap(f.layout(p.op.Map.Layout), l.root, newMemory(l.rs))
}

// layout returns a layout by its number. It is called by the writer.
func (f *File) layout(id LayoutID) *gomap.Layout {
	if id < 1 || int(id) > len(f.layouts) {
		return nil
	}
	return f.layouts[id-1]
}

// summarize derives the summary and the drift of an op that ends.
func (f *File) summarize(p *progress, e Ending) (Summary, int) {
	if d := e.Decoded; d != nil { // such a source gives the drift with the op, too
		s := summaryOf(&p.op, e.Outcome, d.Delta)
		s.Known = d.Before != nil && d.After != nil
		f.recent.put(p.op.ID, d)
		return s, p.op.Drift
	}
	before, after := f.decodeLook(p, Before), f.decodeLook(p, After)
	drift := p.op.Drift
	if drift == 0 && p.alone && before != nil {
		drift = p.prior.drift(before)
	}
	f.remember(p.op.Map.ID, after)
	s := summaryOf(&p.op, e.Outcome, gomap.Compare(p.op.Kind, before, after))
	s.Known = before != nil && after != nil
	return s, drift
}

func summaryOf(op *Op, o Outcome, d *gomap.Delta) Summary {
	s := Summary{
		Found: d.Found, FoundKnown: d.FoundKnown, Used: d.Used, Tombstones: d.Tombstones,
		Rule: d.Rule, Events: d.Events, Changes: len(d.Changes), Unexplained: d.Unexplained,
	}
	tombstone := false
	for i := range d.Changes {
		st := d.Changes[i].State
		tombstone = tombstone || st[0] == gomap.Full && st[1] == gomap.Deleted
		if !slices.Contains(s.To, st[1]) {
			s.To = append(s.To, st[1])
		}
	}
	s.Mark = markOf(op.Kind, o, &s, tombstone)
	return s
}

func markOf(kind gomap.OpKind, o Outcome, s *Summary, tombstone bool) Mark {
	has := func(events ...gomap.Event) bool {
		return slices.ContainsFunc(events, func(e gomap.Event) bool { return slices.Contains(s.Events, e) })
	}
	switch {
	case o != Returned:
		return MarkBroken
	case has(gomap.Split):
		return MarkSplit
	case has(gomap.Grow, gomap.SameSizeGrow, gomap.Evacuate, gomap.Rehash):
		return MarkGrow
	case has(gomap.Prune):
		return MarkPrune
	case kind == gomap.Assign:
		return MarkAssign
	case kind == gomap.Clear:
		return MarkClear
	case !s.FoundKnown:
		return MarkUnknown
	case !s.Found:
		return MarkAbsent
	case tombstone:
		return MarkTombstone
	}
	return MarkEmptied
}

// control is the control bytes of a map at one moment, row by row.
type control struct{ rows []controlRow }

type controlRow struct {
	addr uint64
	ctrl [gomap.CellsPerRow]byte
}

// maxControl is how many rows are remembered for all maps together.
const maxControl = 1 << 17

// remember keeps a map's control bytes, to tell drift by. nil forgets them.
func (f *File) remember(mapID int, m *gomap.Map) {
	if mapID == 0 {
		return
	}
	if old := f.last[mapID]; old != nil {
		f.controlRows -= len(old.rows)
		delete(f.last, mapID)
	}
	if m == nil || len(m.Rows) > maxControl {
		return
	}
	if f.controlRows += len(m.Rows); f.controlRows > maxControl {
		clear(f.last)
		f.controlRows = len(m.Rows)
	}
	c := &control{make([]controlRow, 0, len(m.Rows))}
	for i := range m.Rows {
		if r := &m.Rows[i]; r.Read {
			c.rows = append(c.rows, controlRow{r.Addr, r.Ctrl})
		}
	}
	f.controlRows -= len(m.Rows) - len(c.rows)
	f.last[mapID] = c
}

// drift counts the control bytes of m that differ from c, in the rows that
// both have.
func (c *control) drift(m *gomap.Map) int {
	if c == nil {
		return 0
	}
	var index map[uint64]int
	n := 0
	for i := range m.Rows {
		r := &m.Rows[i]
		if !r.Read {
			continue
		}
		k := i
		if k >= len(c.rows) || c.rows[k].addr != r.Addr {
			if index == nil {
				index = make(map[uint64]int, len(c.rows))
				for j := range c.rows {
					index[c.rows[j].addr] = j
				}
			}
			j, ok := index[r.Addr]
			if !ok {
				continue
			}
			k = j
		}
		if was := &c.rows[k].ctrl; !bytes.Equal(was[:], r.Ctrl[:]) {
			for j := range was {
				if was[j] != r.Ctrl[j] {
					n++
				}
			}
		}
	}
	return n
}

// caller is the function that called the runtime: the first frame that is not
// the runtime's.
func caller(op *Op) string {
	for i := range op.Stack {
		if !op.Stack[i].Runtime {
			return op.Stack[i].Func
		}
	}
	return ""
}
