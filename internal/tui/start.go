package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// startList is the start screen: a list of things to open.
type startList struct {
	at    int
	lines []int // where each item was drawn
	each  int   // lines an item
}

// line is where item i was drawn, and how many lines it has.
func (v *startList) line(i int) (y, h int) {
	if i >= len(v.lines) {
		return -1, 0
	}
	return v.lines[i], v.each
}

// pageView is a text to be read.
type pageView struct {
	title, text string
	top, n, h   int
}

func (m *model) startKey(name string) tea.Cmd {
	n := len(m.cfg.Start)
	switch name {
	case "down", "j", "tab":
		m.start.at = min(m.start.at+1, n-1)
	case "up", "k", "shift+tab":
		m.start.at = max(m.start.at-1, 0)
	case "enter", "space", "right", "l":
		return m.openItem()
	case "q", "esc":
		return m.quit()
	case "ctrl+c":
		m.say("^C again quits")
	default:
		if len(name) == 1 && name[0] >= '1' && int(name[0]-'1') < n {
			m.start.at = int(name[0] - '1')
			return m.openItem()
		}
	}
	return nil
}

// openItem opens the item that is chosen.
func (m *model) openItem() tea.Cmd {
	if m.start.at >= len(m.cfg.Start) {
		return nil
	}
	it := &m.cfg.Start[m.start.at]
	switch {
	case it.Open != nil:
		return m.open(it.Title, it.Open, it.Play)
	case it.Page != nil:
		return m.open(it.Title, nil, false, it.Page)
	}
	m.page = pageView{title: it.Title, text: it.Text}
	m.stage = onPage
	return nil
}

// leave goes back to the start screen.
func (m *model) leave() tea.Cmd {
	s := m.ses
	m.ses, m.stage, m.overlay, m.prompt, m.typing = nil, onStart, nil, nil, false
	if s == nil {
		return nil
	}
	s.cancel()
	return func() tea.Msg {
		<-s.done
		if s.Close != nil {
			if err := s.Close(); err != nil {
				return noteMsg(err.Error())
			}
		}
		return nil
	}
}

const (
	tagline = "a microscope for Go maps"
	logo    = "deltui"
)

// draw draws the list; the cursor is at the item that is chosen.
func (v *startList) draw(m *model, a canvas.Area) (int, int, bool) {
	w := min(a.W-4, 76)
	x := (a.W - w) / 2
	y := max((a.H-2*len(m.cfg.Start)-6)/3, 0)
	tight := a.H < 2*len(m.cfg.Start)+8
	end := a.Text(x, y, look.Accent, logo)
	a.TextMax(end+2, y, w, look.Dim, tagline)
	y++
	m.drawSample(a, x, y+1, &y)
	cy := y
	v.lines, v.each = v.lines[:0], 2
	if tight {
		v.each = 1
	}
	for i := range m.cfg.Start {
		it := &m.cfg.Start[i]
		v.lines = append(v.lines, y)
		mark, st := "  ", look.Text
		if i == v.at {
			mark, st = m.glyphs.Mark+" ", look.Strong
			cy = y
		}
		a.Text(x, y, look.Accent, mark)
		a.Text(x+2, y, look.Key, string(rune('1'+i)))
		end := a.TextMax(x+4, y, w-4, st, it.Title)
		if tight {
			if i == v.at {
				a.TextMax(end+2, y, x+w-end-2, look.Dim, it.Hint)
			}
			y++
			continue
		}
		a.TextMax(x+4, y+1, w-4, look.Dim, it.Hint)
		y += 2
	}
	foot := []string{m.glyphs.Up + " " + m.glyphs.Down, "choose", "Enter", "open", "q", "quit"}
	fx := x
	for i, t := range foot {
		st := look.Key
		if i%2 == 1 {
			st = look.Dim
		}
		fx = a.Text(fx, a.H-1, st, t) + 1 + 2*(i%2)
	}
	if m.note != "" {
		a.TextMax(x, a.H-2, w, look.Warn, m.note)
	}
	return x, cy, len(m.cfg.Start) > 0
}

// drawSample draws the picture that the whole program is about, where there is
// room for it.
func (m *model) drawSample(a canvas.Area, x, y int, next *int) {
	if a.H < 2*len(m.cfg.Start)+14 {
		*next = y
		return
	}
	row := func(y int, cells string, note string) {
		at := x
		for _, c := range strings.Fields(cells) {
			switch {
			case c == "xx":
				at = a.Text(at, y, look.Tombstone, "xx") + 3
			case c == "..":
				at = a.Text(at, y, look.Empty, m.emptyGlyph()) + 3
			case strings.Contains(c, ">"):
				from, to, _ := strings.Cut(c, ">")
				at = a.Text(at, y, look.Full, from)
				at = a.Text(at, y, look.Accent, m.glyphs.Became)
				if to == "xx" {
					at = a.Text(at, y, look.Tombstone, to)
				} else {
					at = a.Text(at, y, look.Changed, m.emptyGlyph())
				}
				at += 3
			default:
				at = a.Text(at, y, look.Full, c) + 3
			}
		}
		a.Text(at+1, y, look.Dim, note)
	}
	row(y+1, "5e 11 7c>xx 22 03 4a 6b 19", "one delete leaves a tombstone,")
	row(y+2, "3a 0d 55>.. 1f 70 .. .. ..", "the next an empty cell")
	*next = y + 5
}

func (m *model) emptyGlyph() string {
	if m.cfg.Options.ASCII {
		return ".."
	}
	return "··"
}

func (m *model) pageKey(name string) tea.Cmd {
	p := &m.page
	if d := scrolled(name, p.h); d != 0 {
		p.scroll(d)
		return nil
	}
	switch name {
	case "esc", "q", "left", "h", "enter":
		m.stage = onStart
	case "y":
		m.say("copied the text")
		return tea.SetClipboard(p.text)
	case "ctrl+c":
		m.say("^C again quits")
	}
	return nil
}

func (p *pageView) scroll(d int) { p.top = max(min(p.top+d, p.n-p.h), 0) }

func (p *pageView) draw(m *model, a canvas.Area) {
	a.Sub(0, 0, a.W, 1).Fill(look.Bar)
	a.TextMax(1, 0, a.W-2, look.Bar, p.title)
	in := a.Sub(2, 2, a.W-4, a.H-4)
	var lines []string
	for l := range strings.SplitSeq(p.text, "\n") {
		if in.Width(l) <= in.W {
			lines = append(lines, l)
			continue
		}
		lines = append(lines, in.Wrap(l, in.W)...)
	}
	p.n, p.h = len(lines), in.H
	p.scroll(0)
	for y := range in.H {
		if i := p.top + y; i < len(lines) {
			in.Text(0, y, look.Text, lines[i])
		}
	}
	x := 2
	for i, t := range []string{"Esc", "back", m.glyphs.Up + " " + m.glyphs.Down, "scroll", "y", "copy"} {
		st := look.Key
		if i%2 == 1 {
			st = look.Dim
		}
		x = a.Text(x, a.H-1, st, t) + 1 + 2*(i%2)
	}
	if m.note != "" {
		a.TextMax(2, a.H-2, a.W-4, look.Warn, m.note)
	}
}

// pageMsg is a text that was made.
type pageMsg struct{ title, text string }

type pager func(ctx context.Context) (string, error)
