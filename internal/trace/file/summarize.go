package file

import (
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// progress is what is kept of an op that has not ended.
type progress struct {
	op     trace.Op
	held   [2]held // before, after
	step   tally   // of the last step
	tooBig bool    // one of its moments was left out
	shared bool    // another op on the map was in progress at the same time
}

// held is what was read of an op's map at one moment, so that the summary need
// not be derived from records that were only just written.
//
// It is the same regions in the same order as the records have, so that what is
// decoded from it is what they say. More than some bytes are not held, but read
// from the records again: it makes no difference but in time.
type held struct {
	tally tally
	root  uint64
	seen  bool
	rs    []trace.Region
}

// maxHeld is how many bytes of memory are held of a moment.
const maxHeld = 1 << 20

// tally is how much was read of a map at a moment.
type tally struct {
	at      trace.Moment
	mapID   int
	size    size
	leftOut bool
}

// tally returns how much has been read of a map at a moment so far. Of what is
// going on it is known; of what is over the records tell.
func (f *File) tally(m trace.Moment, mapID int, p *progress) tally {
	t := tally{at: m, mapID: mapID}
	switch {
	case p == nil:
		if f.survey.at == m && f.survey.mapID == mapID {
			return f.survey
		}
	case mapID != p.op.Map.ID:
	case m.Phase == trace.Before || m.Phase == trace.After:
		t.size, t.leftOut = p.held[side(m.Phase)].tally.size, p.held[side(m.Phase)].tally.leftOut
		return t
	case p.step.at == m:
		return p.step
	case m.Step > p.step.at.Step:
		return t
	}
	blocks, err := f.blocksOf(m)
	if err != nil {
		return t
	}
	for _, b := range blocks {
		n, leftOut := b.sizeAt(m, mapID)
		t.size, t.leftOut = t.size.plus(n), t.leftOut || leftOut
	}
	return t
}

// count notes how much has been read now.
func (f *File) count(t tally, p *progress) {
	switch {
	case p == nil:
		if f.survey.at == t.at && f.survey.mapID == t.mapID {
			f.survey = t
		}
	case t.mapID != p.op.Map.ID:
	case t.at.Phase == trace.Before || t.at.Phase == trace.After:
		p.held[side(t.at.Phase)].tally = t
	case t.at.Step >= p.step.at.Step:
		p.step = t
	}
}

// side is where an op's progress holds a phase.
func side(p trace.Phase) int {
	if p == trace.After {
		return 1
	}
	return 0
}

// look decodes an op's map at one of its moments.
func (f *File) look(p *progress, phase trace.Phase) *moment.Look {
	at := trace.Moment{Op: p.op.ID, Phase: phase}
	h := &p.held[side(phase)]
	if h.tally.leftOut || h.tally.size.bytes > f.mostHeld {
		mem, l, root, err := f.memory(at, p.op.Map.ID, true)
		if err != nil {
			return &moment.Look{At: at, MapID: p.op.Map.ID, Mem: trace.NewMemory(nil), Err: err}
		}
		return moment.Take(at, p.op.Map.ID, l, root, mem)
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

// summarize derives the summary and the drift of an op that ends, and what it
// touches.
func (f *File) summarize(p *progress, o trace.Outcome) (trace.Summary, int, []moment.Touch) {
	before, after := f.look(p, trace.Before), f.look(p, trace.After)
	drift := 0
	var was *gomap.Map
	if p.op.Since != 0 {
		was = f.looks.leftBy(p.op.Since)
		if was == nil {
			if k, err := moment.At(f, trace.Moment{Op: p.op.Since, Phase: trace.After}, p.op.Map.ID); err == nil {
				was = k.Map
			}
		}
		drift = len(gomap.Drift(was, before.Map))
	}
	f.looks.put(p.op.ID, before, after)
	known := before.Map != nil && after.Map != nil
	first := p.op.Since == 0 && f.firstOn(p.op.Map.ID)
	touches := moment.Touches(&p.op, first, was, before.Map, after.Map)
	if p.shared {
		touches = append(touches, moment.TogetherTouch(p.op.Map.ID))
	}
	return trace.Summarize(p.op.Kind, o, moment.Between(p.op.Kind, before, after), known), drift, touches
}

// firstOn reports whether the op in progress on a map is the first that there was.
func (f *File) firstOn(mapID int) bool {
	i, ok := f.mapAt[mapID]
	return ok && f.maps[i].Ops == 1
}
