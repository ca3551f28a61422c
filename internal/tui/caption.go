package tui

import (
	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// captioned finds the caption of the moment that has come on the screen.
func (m *model) captioned() {
	s := m.ses
	was := s.caption
	s.caption = -1
	for i := range s.Captions {
		c := &s.Captions[i]
		if c.Seq == s.at.seq && c.Phase == s.at.phase {
			s.caption = i
		}
	}
	if s.caption != was {
		s.revealed = false
	}
	if m.asking() {
		s.playing = false
	}
}

// asking reports whether a question waits for its answer: until then, the screen
// does not say why.
func (m *model) asking() bool {
	s := m.ses
	return s.caption >= 0 && !s.revealed && s.Captions[s.caption].Question != ""
}

// captionOpen shows the answer of the question that is asked; false where there
// is none.
func (m *model) captionOpen() bool {
	if !m.asking() {
		return false
	}
	m.ses.revealed = true
	return true
}

// offers reports whether the last caption offers what comes next.
func (m *model) offers() bool {
	s := m.ses
	return s.Next != nil && s.caption >= 0 && s.caption == len(s.Captions)-1 && len(m.cfg.Start) > 0
}

// openNext leaves for what is offered.
func (m *model) openNext() tea.Cmd {
	next := m.ses.Next
	return tea.Batch(m.leave(), m.open(next.Title, next.Open, next.Play))
}

// drawCaption draws the caption at the bottom of the body.
func (m *model) drawCaption(a canvas.Area) {
	s := m.ses
	if s.caption < 0 || m.overlay != nil {
		return
	}
	c := &s.Captions[s.caption]
	w := min(a.W, 92)
	type line struct {
		st   canvas.Style
		text string
	}
	var lines []line
	say := func(st canvas.Style, text string) {
		for _, l := range a.Wrap(text, w-4) {
			lines = append(lines, line{st, l})
		}
	}
	if c.Text != "" {
		say(look.Text, c.Text)
	}
	if c.Question != "" {
		say(look.Strong, c.Question)
		if s.revealed {
			say(look.Text, c.Answer)
			say(look.Dim, m.glyphs.Right+" goes on")
		} else {
			say(look.Dim, "Enter: the answer")
		}
	} else if m.offers() {
		offer := "Enter: " + s.Next.Title + "   Esc: start"
		if a.Width(offer) <= w-4 {
			lines = append(lines, line{look.Strong, offer})
		} else {
			say(look.Strong, offer)
		}
	} else if !s.playing {
		say(look.Dim, m.glyphs.Right+" goes on   space plays")
	}
	h := min(len(lines)+2, a.H)
	b := a.Sub((a.W-w)/2, a.H-h, w, h)
	b.Fill(look.Text)
	b.Border(m.glyphs.Border, look.Tombstone)
	title := " look "
	if c.Question != "" {
		title = " a question "
	}
	b.Text(2, 0, look.Tombstone, title)
	for i, l := range lines {
		if i < h-2 {
			b.TextMax(2, i+1, w-4, l.st, l.text)
		}
	}
}
