package tui

import (
	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/panel"
)

// wheelLines is how far a notch of the wheel goes.
const wheelLines = 3

// click handles a click: on a tab, a panel, what is in it, or the strip.
func (m *model) click(at tea.Mouse) tea.Cmd {
	m.note, m.interrupted = "", false
	if at.Button != tea.MouseLeft || m.frame.small {
		return nil
	}
	switch m.stage {
	case onStart:
		return m.clickStart(at.X, at.Y)
	case onSession:
	default:
		return nil
	}
	f := &m.frame
	switch {
	case m.prompt != nil:
		return m.clickPrompt(at.Y)
	case m.overlay != nil:
		return m.overlay.click(m, at.X, at.Y)
	case f.footer.Contains(at.X, at.Y):
		for _, b := range m.buttons {
			if at.X >= b.from && at.X < b.to {
				return m.act(b.act)
			}
		}
	case f.strip.Contains(at.X, at.Y):
		return m.goTo(m.clickStrip(at.X-f.strip.X, at.Y-f.strip.Y, f.strip.W), false)
	case f.narrow && f.tabs.Contains(at.X, at.Y):
		m.clickTab(at.X)
	case f.header.Contains(at.X, at.Y) && at.X >= m.w-10:
		m.overlay = &helpView{}
	default:
		for id, r := range f.panels {
			if r.Contains(at.X, at.Y) {
				return m.clickPanel(id, at.X-r.X, at.Y-r.Y)
			}
		}
	}
	return nil
}

// drag scrubs: the button is held while the pointer moves over the strip.
func (m *model) drag(at tea.Mouse) tea.Cmd {
	f := m.frame.strip
	if at.Button != tea.MouseLeft || m.stage != onSession || m.overlay != nil || !f.Contains(at.X, at.Y) {
		return nil
	}
	m.dirty = true
	return m.goTo(m.clickStrip(at.X-f.X, at.Y-f.Y, f.W), true)
}

// clickPrompt takes what is offered at line y, or leaves the prompt.
func (m *model) clickPrompt(y int) tea.Cmd {
	p := m.prompt
	first := m.frame.footer.Y - len(p.offer)
	switch i := y - first; {
	case y == m.frame.footer.Y:
	case i >= 0 && i < len(p.offer):
		p.take(i)
	default:
		m.prompt = nil
	}
	return nil
}

// clickPanel gives a panel the focus and chooses what is at x, y of it.
func (m *model) clickPanel(id panel.ID, x, y int) tea.Cmd {
	if m.ses.scene == nil {
		return nil
	}
	m.typing = m.typing && id == panel.Output
	m.choose(id)
	if m.frame.narrow {
		x--
	} else {
		x, y = x-2, y-1
	}
	switch id {
	case panel.Map:
		m.mapv.Click(x, y)
	case panel.Stack:
		if m.stack.Click(y) {
			if m.stack.OnFold() {
				m.stack.Toggle(m.ses.scene)
			}
			return m.locate()
		}
	}
	return nil
}

func (m *model) clickTab(x int) {
	at := 0
	for _, id := range panel.IDs {
		at += m.tabWidth(id)
		if x < at {
			m.choose(id)
			return
		}
	}
}

func (m *model) clickStart(_, y int) tea.Cmd {
	for i := range m.items() {
		if line, h := m.start.line(i); y >= line && y < line+h {
			if m.start.at == i {
				return m.openItem()
			}
			m.start.at = i
		}
	}
	return nil
}

// wheel scrolls what is under the pointer.
func (m *model) wheel(at tea.Mouse) tea.Cmd {
	d := wheelLines
	switch at.Button {
	case tea.MouseWheelUp:
		d = -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	switch {
	case m.stage == onStart:
		m.start.at = max(min(m.start.at+sign(d), len(m.items())-1), 0)
	case m.stage == onPage:
		m.page.scroll(d)
	case m.stage != onSession || m.ses.scene == nil:
	case m.overlay != nil:
		m.overlay.scroll(d)
	case m.frame.strip.Contains(at.X, at.Y):
		if d > 0 {
			return m.goTo(m.ses.snap.after(m.ses.want), true)
		}
		return m.goTo(m.ses.snap.before(m.ses.want), true)
	default:
		for id, r := range m.frame.panels {
			if r.Contains(at.X, at.Y) {
				return m.wheelPanel(id, d)
			}
		}
	}
	return nil
}

func (m *model) wheelPanel(id panel.ID, d int) tea.Cmd {
	switch id {
	case panel.Map:
		m.mapv.MoveRows(sign(d))
	case panel.Why:
		m.why.Move(d)
	case panel.Bytes:
		m.bytes.Move(d)
	case panel.Stack:
		m.stack.Move(sign(d))
		return m.locate()
	case panel.Source:
		m.source.Move(d)
	case panel.Output:
		m.outp.Move(d)
	}
	return nil
}

func sign(d int) int {
	if d < 0 {
		return -1
	}
	return 1
}
