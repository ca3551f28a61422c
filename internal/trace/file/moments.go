package file

import (
	"cmp"
	"fmt"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Surveys implements [trace.Timeline].
func (f *File) Surveys() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.surveyed
}

// Survey implements [trace.Timeline].
func (f *File) Survey(n int) (trace.Surveyed, error) {
	o := trace.Moment{Phase: trace.Survey, Step: n}
	b, err := f.blockOf(o)
	if err != nil {
		return trace.Surveyed{}, err
	}
	s, ok := b.survey(n)
	if !ok {
		return s, fmt.Errorf("%s: %w", nameOf(o), trace.ErrDamaged)
	}
	return s, nil
}

// Moments implements [trace.Timeline].
func (f *File) Moments(id trace.OpID) ([]trace.Moment, error) {
	op, err := f.find(id)
	if err != nil {
		return nil, err
	}
	blocks, err := f.blocksOf(trace.Moment{Op: id})
	if err != nil {
		return nil, err
	}
	ms := []trace.Moment{{Op: id}}
	for _, b := range blocks {
		for i := range b.reads {
			if r := &b.reads[i]; r.at.Op == id && r.at.Phase == trace.Step && r.at != ms[len(ms)-1] {
				ms = append(ms, r.at)
			}
		}
	}
	// A step that was read more of later on is still one.
	slices.SortFunc(ms[1:], func(a, b trace.Moment) int { return cmp.Compare(a.Step, b.Step) })
	ms = slices.Compact(ms)
	if op.Outcome != trace.Running {
		ms = append(ms, trace.Moment{Op: id, Phase: trace.After})
	}
	return ms, nil
}

// Memory implements [trace.Timeline].
//
// A moment of an op has a memory from the op's beginning (Before) or its end
// (After) on, and so has a survey, if only an empty one; steps and other maps have
// one if something was read. A nil map has an empty memory, and root 0.
func (f *File) Memory(m trace.Moment, mapID int) (gomap.Memory, *gomap.Layout, uint64, error) {
	return f.memory(plain(m), mapID, false)
}

// memory is Memory; ending says that the op is just about to end.
func (f *File) memory(m trace.Moment, mapID int, ending bool) (gomap.Memory, *gomap.Layout, uint64, error) {
	own, found, err := f.mapOf(m)
	if err != nil {
		return nil, nil, 0, err
	}
	found = found || ending
	at := own
	if mapID != 0 && mapID != own.ID {
		at, found = f.mapSeen(mapID), false
	}
	blocks, err := f.blocksOf(m)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("memory at %v of %w", m.Phase, err)
	}
	r := replayed{root: at.Addr, found: found}
	for _, b := range blocks {
		if err := b.replay(&r, m, at.ID); err != nil {
			return nil, nil, 0, fmt.Errorf("memory at %v of %s: %w: %w", m.Phase, nameOf(owner(m)), trace.ErrDamaged, err)
		}
	}
	if !r.found {
		return nil, nil, 0, fmt.Errorf("map %d at %v of %s: %w", at.ID, m.Phase, nameOf(owner(m)), trace.ErrNoMoment)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if r.tooBig {
		return leftOut{}, f.layout(at.Layout), at.Addr, nil
	}
	return trace.NewMemory(r.regions), f.layout(at.Layout), r.root, nil
}

// mapOf is the map that a moment is of, and whether it has a memory of that map in
// any case.
func (f *File) mapOf(m trace.Moment) (_ trace.MapRef, always bool, err error) {
	if m.Phase == trace.Survey {
		s, err := f.Survey(m.Step)
		return s.Map, true, err
	}
	op, err := f.find(m.Op)
	if err != nil {
		return trace.MapRef{}, false, err
	}
	return op.Map, m.Phase == trace.Before || m.Phase == trace.After && op.Outcome != trace.Running, nil
}

// mapSeen is a map as it was last seen.
func (f *File) mapSeen(id int) trace.MapRef {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if i, ok := f.mapAt[id]; ok {
		return f.maps[i].MapRef
	}
	return trace.MapRef{ID: id}
}

// leftOut is the memory of a moment that was more than a timeline takes.
type leftOut struct{}

func (leftOut) ReadAt(p []byte, addr uint64, _ gomap.Role) error {
	return fmt.Errorf("%d bytes at %#x: %w", len(p), addr, trace.ErrTooBig)
}
