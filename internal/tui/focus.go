package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/panel"
)

// choose gives a panel the focus.
func (m *model) choose(id panel.ID) {
	if id < panel.Map || id > panel.Output {
		return
	}
	m.focus = id
	m.frame = layout(m.w, m.h, m.focus, m.zoom, m.needs)
}

// cycle gives the next panel on the screen the focus.
func (m *model) cycle(on bool) {
	ids := panel.IDs
	i := slices.Index(ids, m.focus)
	for range ids {
		if on {
			i++
		} else {
			i += len(ids) - 1
		}
		id := ids[i%len(ids)]
		if _, shown := m.frame.panels[id]; shown || m.frame.narrow || m.zoom {
			m.choose(id)
			return
		}
	}
}

// scrollBy moves within the panel that has the focus.
func (m *model) scrollBy(a action) tea.Cmd {
	d := 0
	switch a {
	case actCellDown:
		d = 1
	case actCellUp:
		d = -1
	}
	page := 0
	switch a {
	case actPageDown:
		page = 1
	case actPageUp:
		page = -1
	}
	const textPage = 10
	switch m.focus {
	case panel.Map:
		switch a {
		case actRowDown:
			m.mapv.MoveRows(1)
		case actRowUp:
			m.mapv.MoveRows(-1)
		case actPageDown, actPageUp:
			m.mapv.MoveRows(page * m.mapv.Page())
		default:
			m.mapv.Move(d)
		}
	case panel.Why:
		m.why.Move(d + page*textPage)
	case panel.Bytes:
		m.bytes.Move(d + page*textPage)
	case panel.Stack:
		m.stack.Move(d + page*textPage)
		return m.locate()
	case panel.Source:
		m.source.Move(d + page*m.source.Page())
	case panel.Output:
		m.outp.Move(d + page*m.outp.Page())
	}
	return nil
}

// openChosen opens what is chosen in the panel that has the focus.
func (m *model) openChosen() tea.Cmd {
	s := m.ses
	switch {
	case m.captionOpen():
		return m.locate()
	case m.offers():
		return m.openNext()
	case m.focus == panel.Stack && m.stack.OnFold():
		m.stack.Toggle(s.scene)
	case m.focus == panel.Stack:
		m.choose(panel.Source)
		return m.locate()
	case m.focus == panel.Map || m.focus == panel.Bytes:
		if m.can(actValue) {
			m.overlay = m.newValue()
		}
	default:
		m.zoom = !m.zoom
		m.choose(m.focus)
	}
	return nil
}

// back undoes what hides something: zoom, a choice by hand, another panel.
func (m *model) back() tea.Cmd {
	s := m.ses
	switch {
	case m.offers():
		return m.leave()
	case m.zoom:
		m.zoom = false
		m.choose(m.focus)
	case s.playing:
		s.playing = false
	case m.mapv.ByHand():
		m.mapv.Auto(s.scene)
	case m.stack.ByHand():
		m.stack.Auto(s.scene)
		return m.locate()
	case m.focus != panel.Map:
		m.choose(panel.Map)
	case m.can(actTop):
		return m.leave()
	}
	return nil
}
