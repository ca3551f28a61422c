package file

import (
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// progress is what is kept of an op that has not ended.
type progress struct {
	op   trace.Op
	held [2]held // before, after
}

// held is what was read of an op's map at one moment, so that the summary need
// not be derived from records that were only just written.
type held struct {
	root uint64
	seen bool
	rs   []trace.Region
	n    int // bytes read; more than maxHeld are not kept
}

// maxHeld is how many bytes of memory are held of a moment. Larger maps are read
// again from the records: it makes no difference but in time.
const maxHeld = 1 << 20

// read keeps regions that were read. The sink copies what it is handed.
func (p *progress) read(m trace.Moment, root uint64, rs []trace.Region, n int) {
	var h *held
	switch m.Phase {
	case trace.Before:
		h = &p.held[0]
	case trace.After:
		h = &p.held[1]
	default:
		return
	}
	h.seen, h.root = true, root
	if h.n += n; h.n > maxHeld {
		h.rs = nil
		return
	}
	buf := make([]byte, 0, n)
	for _, r := range rs {
		buf = append(buf, r.Data...)
		h.rs = append(h.rs, trace.Region{Addr: r.Addr, Role: r.Role, Data: buf[len(buf)-len(r.Data) : len(buf) : len(buf)]})
	}
}

// look decodes an op's map at one of its moments.
func (f *File) look(p *progress, phase trace.Phase) *moment.Look {
	at := trace.Moment{Op: p.op.ID, Phase: phase}
	h := &p.held[0]
	if phase == trace.After {
		h = &p.held[1]
	}
	if h.n > maxHeld {
		k, err := moment.At(f, at, 0)
		if err != nil {
			return &moment.Look{At: at, Err: err}
		}
		return k
	}
	root := p.op.Map.Addr
	if h.seen {
		root = h.root
	}
	return moment.Take(at, p.op.Map.ID, f.layout(p.op.Map.Layout), root, trace.NewMemory(h.rs))
}

// layout returns a layout by its number. It is called by the writer.
func (f *File) layout(id trace.LayoutID) *gomap.Layout {
	if id < 1 || int(id) > len(f.layouts) {
		return nil
	}
	return f.layouts[id-1]
}

// summarize derives the summary and the drift of an op that ends.
func (f *File) summarize(p *progress, o trace.Outcome) (trace.Summary, int) {
	before, after := f.look(p, trace.Before), f.look(p, trace.After)
	drift := 0
	if p.op.Since != 0 {
		was, err := moment.At(f, trace.Moment{Op: p.op.Since, Phase: trace.After}, p.op.Map.ID)
		if err == nil {
			drift = len(gomap.Drift(was.Map, before.Map))
		}
	}
	f.recent.put(p.op.ID, before, after)
	known := before.Map != nil && after.Map != nil
	return trace.Summarize(p.op.Kind, o, moment.Between(p.op.Kind, before, after), known), drift
}
