package moment

import (
	"errors"
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Load decodes a moment of an op. At the op's before that is one look; at its
// after, what became of the map since the before is told, too, and at a step since
// the moment before that. It fails only where the timeline does not have the op;
// what could not be read or decoded is told in the scene. The after of an op that
// runs is its before; a step that the op does not have is its after.
func Load(tl trace.Timeline, at trace.Moment) (*Scene, error) {
	op, err := tl.Op(at.Op)
	if err != nil {
		return nil, fmt.Errorf("op %d: %w", at.Op, err)
	}
	if op.Outcome == trace.Running && at.Phase == trace.After {
		at.Phase = trace.Before
	}
	before := trace.Moment{Op: op.ID, Phase: trace.Before}
	steps, cut := stepsOf(tl, op)
	if at.Phase == trace.Step {
		switch {
		case at.Step < 1 || at.Step > len(steps):
			if _, err := At(tl, at, 0); errors.Is(err, trace.ErrNoMoment) {
				at.Phase, at.Step = trace.After, 0
			}
		case at.Step > 1:
			before = steps[at.Step-2].Moment(op.ID)
		}
	}
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
	s := Stage(tl, a)
	s.Steps = len(steps)
	if at.Phase == trace.Step && at.Step <= len(steps) {
		s.Step = &Step{Stepped: steps[at.Step-1]}
		if a.After.Layout != nil {
			s.Step.Writes = Writes(a.Before, a.After)
		}
		if at.Step == len(steps) {
			s.Step.Cut = cut
		}
		s.Step.tell(rulesOf(tl, op))
	}
	return s, nil
}

// stepsOf lists the steps of an op that are moments, and why it was not followed
// any further.
func stepsOf(tl trace.Timeline, op *trace.Op) (steps []trace.Stepped, cut string) {
	steps, err := tl.Steps(op.ID)
	if err != nil {
		return nil, ""
	}
	if n := len(steps); n > 0 && steps[n-1].Cut != "" {
		steps, cut = steps[:n-1], steps[n-1].Cut
	}
	for i := range steps {
		if steps[i].Number != i+1 { // some of them are in a damaged part
			return steps[:i], "its steps were not recorded any further"
		}
	}
	return steps, cut
}

// rulesOf are the changes of an op as a whole, by the control byte's address: they
// name the rules of its steps.
func rulesOf(tl trace.Timeline, op *trace.Op) map[uint64]*gomap.Change {
	if op.Outcome == trace.Running {
		return nil
	}
	whole, err := Of(tl, op)
	if err != nil {
		return nil
	}
	changes := whole.Changes()
	rules := make(map[uint64]*gomap.Change, len(changes))
	for i := range changes {
		rules[changes[i].Addr] = &changes[i]
	}
	return rules
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
