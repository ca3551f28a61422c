package moment

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Load decodes a moment of an op. At the op's before that is one look; at a step
// or its after, what became of the map since the before is told, too. It fails
// only where the timeline does not have the op; what could not be read or decoded
// is told in the scene. The after of an op that runs is its before.
func Load(tl trace.Timeline, at trace.Moment) (*Scene, error) {
	op, err := tl.Op(at.Op)
	if err != nil {
		return nil, fmt.Errorf("op %d: %w", at.Op, err)
	}
	if op.Outcome == trace.Running && at.Phase == trace.After {
		at.Phase = trace.Before
	}
	before := trace.Moment{Op: op.ID, Phase: trace.Before}
	var a *Act
	if at.Phase == trace.Before {
		var k *Look
		if k, err = At(tl, before, 0); err == nil {
			a = &Act{Op: op, Before: k, Types: tl.Types()}
		}
	} else {
		a, err = Span(tl, op, before, at)
	}
	if err != nil {
		k := &Look{At: at, Err: err}
		if a = (&Act{Op: op, Before: k}); at.Phase != trace.Before {
			a.After = k
		}
	}
	return Stage(tl, a), nil
}

// Stage decodes an act of a timeline for people: the later of its looks, with
// what became of the map since the earlier one. The act is not changed.
func Stage(tl trace.Timeline, a *Act) *Scene {
	s := &Scene{Act: a, Moment: a.Before.At, before: side(a.Before), after: side(a.After)}
	if a.After != nil {
		s.Moment = a.After.At
	}
	switch {
	case a.Before.Shows():
		s.Layout = a.Before.Map.Layout
	case a.After.Shows():
		s.Layout = a.After.Map.Layout
	}
	if a.Delta != nil {
		s.take(tl)
	}
	if a.After == nil && s.Moment.Phase == trace.Before {
		s.findDrift(tl)
	}
	if !s.Late() || len(s.changes) == 0 && !s.Focused {
		s.findKey()
	}
	return s
}

// take notes what changed, the rule, and the cell to look at: the op's own, or
// the first that changed.
func (s *Scene) take(tl trace.Timeline) {
	d := s.Delta
	if r, ok := gomap.RuleNamed(d.Rule); ok {
		s.Rule = &r
		if line, ok := RuleLine(s.Rule, s.Before.Layout, s.Op, tl.Info().Goroot, tl.Source); ok {
			s.RuleLine = &line
		}
	}
	s.changes = make(map[uint64]*gomap.Change, len(d.Changes))
	for i := range d.Changes {
		s.changes[d.Changes[i].Addr] = &d.Changes[i]
	}
	if !s.after.Shows() {
		return
	}
	if own := s.Own(); own >= 0 {
		s.Focus, s.Focused = s.after.placeOf(d.Changes[own].Addr)
	}
	for i := range d.Changes {
		if s.Focused {
			break
		}
		s.Focus, s.Focused = s.after.placeOf(d.Changes[i].Addr)
	}
}

// findKey looks for the cell that holds the op's key at the moment shown.
func (s *Scene) findKey() {
	k := s.Shown()
	if !k.Shows() || s.Op.Kind == gomap.Clear {
		return
	}
	if found, known := s.Found(); known && !found && s.Op.Kind == gomap.Delete {
		s.Absent = true
		return
	}
	at, how := s.search(k.Look).Find()
	switch how {
	case gomap.Equal:
		s.Focus, s.Focused = at, true
	case gomap.Differs:
		s.Absent = true
	}
}

// findDrift finds the control bytes that changed since the last op on this map.
func (s *Scene) findDrift(tl trace.Timeline) {
	ds, err := Drift(tl, s.Op)
	if err != nil || len(ds) == 0 {
		return
	}
	if last, err := tl.Op(s.Op.Since); err == nil {
		s.DriftSince = last.Seq
	}
	s.Drift = make(map[uint64]byte, len(ds))
	for _, d := range ds {
		s.Drift[d.Addr] = d.From
	}
}
