package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/trace"
	"deltui/internal/tui/look"
)

// pulseTime is how long the changed cell and its line of source are lit after the
// step that finished the op.
const pulseTime = 150 * time.Millisecond

// pulseMsg ends a pulse.
type pulseMsg struct{ id int }

// pulse lights what the op changed once, where there are colours to do it with.
// A step that comes meanwhile takes the pulse's place.
func (m *model) pulse(from pos) tea.Cmd {
	s := m.ses
	m.lit = false
	m.pulseID++
	finished := from.phase == trace.Before && s.at.phase == trace.After && from.id == s.at.id && from.id != 0
	if !finished || s.playing || s.scene.Change(m.mapv.Sel) == nil || m.depth == look.NoColor || m.pulses <= 0 {
		return nil
	}
	m.lit = true
	id := m.pulseID
	return tea.Tick(m.pulses, func(time.Time) tea.Msg { return pulseMsg{id} })
}

func (m *model) pulsed(msg pulseMsg) {
	if msg.id == m.pulseID && m.lit {
		m.lit, m.dirty = false, true
	}
}
