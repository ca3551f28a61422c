package tui

import (
	tea "charm.land/bubbletea/v2"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// slowMotion goes to the next or the previous moment inside the op that is shown:
// its before, its steps, its after. At the live end, before an op has run, the
// source is asked to let it run so.
func (m *model) slowMotion(back bool) tea.Cmd {
	s := m.ses
	if n := s.scene.Steps; n > 0 {
		at := map[trace.Phase]int{trace.Before: 0, trace.Step: s.at.step, trace.After: n + 1}[s.at.phase]
		if back {
			at--
		} else {
			at++
		}
		p := pos{id: s.at.id, seq: s.at.seq, phase: trace.Step, step: at}
		switch {
		case at < 0 || at > n+1:
			m.say("there are no more steps of this op")
			return nil
		case at == 0:
			p.phase, p.step = trace.Before, 0
		case at == n+1:
			p.phase, p.step = trace.After, 0
		}
		return m.goTo(p, true)
	}
	switch {
	case !back && s.snap.resting() && s.at.phase == trace.Before && s.want.same(s.snap.end()) && s.Source.Caps().Steps:
		if s.step {
			return nil
		}
		s.slow, s.following, s.step = s.at.id, true, true
		s.moves.left(s.want, true)
		return s.do(probe.Slow{})
	case s.Source != nil && s.Source.Caps().Steps:
		m.say("this op was not seen in slow motion: that is for an op that is about to run, at the live end (G)")
	default:
		m.say("this op was not seen in slow motion, and has no steps")
	}
	return nil
}

// slowed goes to the first step of an op that was let run in slow motion, when it
// has ended.
func (s *session) slowed(v *snapshot) {
	if s.slow == 0 || !ended(v, s.slow) {
		return
	}
	s.want = pos{id: s.slow, phase: trace.Step, step: 1}
	s.slow, s.following = 0, false
}
