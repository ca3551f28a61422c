package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// View implements tea.Model. Bubble Tea asks after every message; the answer is
// computed anew only when something on the screen changed.
func (m *model) View() tea.View {
	if m.dirty && m.w > 0 {
		m.dirty = false
		m.draws++
		m.view = m.draw()
	}
	return m.view
}

func (m *model) draw() tea.View {
	m.canvas.Resize(m.w, m.h)
	m.frame = layout(m.w, m.h, m.focus, m.zoom, m.needs)
	if m.stage == onSession && m.ses.scene != nil && m.measure() {
		m.frame = layout(m.w, m.h, m.focus, m.zoom, m.needs)
	}
	a := m.canvas.Area()
	var v tea.View
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "deltui"
	cx, cy, cursor := 0, 0, false
	switch {
	case m.frame.small:
		m.drawSmall(a)
	case m.stage == onStart:
		cx, cy, cursor = m.start.draw(m, a)
	case m.stage == onOpening:
		m.opening.draw(m, a)
	case m.stage == onPage:
		m.page.draw(m, a)
	default:
		cx, cy, cursor = m.drawSession(a)
	}
	v.SetContent(m.canvas.Render(m.styles))
	if cursor {
		v.Cursor = tea.NewCursor(cx, cy)
		v.Cursor.Blink = false
		if m.prompt == nil && m.overlay == nil {
			v.Cursor.Shape = tea.CursorUnderline
		}
	}
	return v
}

// measure looks at what the panels on the screen have to show, and reports whether
// that is not what it was. What was shown earlier does not count: a recording
// looks as the live session did.
func (m *model) measure() bool {
	if m.frame.narrow || m.zoom {
		return false
	}
	a := m.canvas.Area()
	inner := func(id panel.ID) int { return m.frame.inner(m.frame.panels[id]).W }
	n := needs{
		why:   m.why.Lines(a, m.env(panel.Why), inner(panel.Why)),
		bytes: m.bytes.Lines(m.env(panel.Bytes), m.mapv.Sel, inner(panel.Bytes)),
		stack: m.stack.Lines(),
	}
	other := n != m.needs
	m.needs = n
	return other
}

func (m *model) drawSmall(a canvas.Area) {
	lines := []string{"too small", fmt.Sprintf("needs %dx%d,", leastCols, leastRows), fmt.Sprintf("has %dx%d", m.w, m.h)}
	for i, l := range lines {
		a.Text(max((a.W-len(l))/2, 0), max((a.H-len(lines))/2, 0)+i, look.Text, l)
	}
}

// drawSession draws everything that a session is seen by.
func (m *model) drawSession(a canvas.Area) (x, y int, ok bool) {
	f := &m.frame
	m.drawStatus(a.At(f.header))
	m.drawStrip(a.At(f.strip))
	if f.narrow {
		m.drawTabs(a.At(f.tabs))
	}
	body := a.At(f.body)
	if m.ses.scene == nil {
		m.drawQuiet(body)
	} else {
		for id, r := range f.panels {
			if px, py, shown := m.drawPanel(a.At(r), id); shown && id == m.focus {
				x, y, ok = px, py, true
			}
		}
		if !f.brief.Empty() {
			m.drawBrief(a.At(f.brief))
		}
	}
	m.drawCaption(body)
	if m.overlay != nil {
		x, y, ok = m.overlay.draw(m, body)
	}
	m.drawFooter(a.At(f.footer))
	if m.prompt != nil {
		h := min(10, f.footer.Y)
		x, y = m.prompt.draw(a.Sub(0, f.footer.Y-h+1, a.W, h), m.glyphs)
		ok = true
	}
	return x, y, ok
}

// drawPanel draws a panel with its border, and returns where its cursor is.
func (m *model) drawPanel(a canvas.Area, id panel.ID) (x, y int, ok bool) {
	e := m.env(id)
	if !m.frame.narrow {
		m.drawBorder(a, id, e)
	}
	r := m.frame.inner(canvas.Rect{W: a.W, H: a.H})
	in := a.Sub(r.X, r.Y, r.W, r.H)
	s := m.ses
	switch id {
	case panel.Map:
		m.mapv.View(in, e)
		x, y, ok = m.mapv.Cursor()
	case panel.Why:
		m.why.View(in, e)
	case panel.Bytes:
		m.bytes.View(in, e, m.mapv.Sel)
	case panel.Stack:
		m.stack.View(in, e)
		x, y, ok = m.stack.Cursor()
	case panel.Source:
		m.source.View(in, e, s.spot, s.files[s.spot.File])
	case panel.Output:
		m.outp.View(in, e, s.snap.output, s.now(), s.snap.fate)
	}
	return in.X + x, in.Y + y, ok
}

// title is what a panel says of itself beside its name.
func (m *model) title(id panel.ID, e *panel.Env) string {
	switch id {
	case panel.Map:
		return m.mapv.Title(e)
	case panel.Why:
		return m.why.Title(e)
	case panel.Bytes:
		return m.bytes.Title(e, m.mapv.Sel)
	case panel.Stack:
		return m.stack.Title(e)
	case panel.Source:
		return m.source.Title(m.ses.spot)
	case panel.Output:
		switch {
		case m.typing:
			return "typing goes to the program, Esc leaves"
		case m.ses.snap.fate.Ended:
			return "ended"
		}
	}
	return ""
}

func (m *model) drawBorder(a canvas.Area, id panel.ID, e *panel.Env) {
	line, name := look.Faint, look.Dim
	if e.Focused {
		line, name = look.Accent, look.Accent
	}
	a.Border(m.glyphs.Border, line)
	x := a.Text(1, 0, line, " ")
	x = a.Text(x, 0, look.Key, fmt.Sprint(int(id)))
	x = a.Text(x, 0, name, " "+id.String()+" ")
	if t := m.title(id, e); t != "" {
		x = a.Text(x+1, 0, line, " ")
		x = a.TextMax(x, 0, a.W-x-3, look.Dim, t)
		a.Text(x, 0, line, " ")
	}
}
