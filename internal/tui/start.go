package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// startList is the start screen: a list of things to open. One of them may be
// such a list itself.
type startList struct {
	title string      // of a list inside another
	items []StartItem // of such a list: the first has the configuration's
	outer *startList

	at    int
	top   int   // the first item that is drawn
	lines []int // where each item was drawn, from top on
	each  int   // lines an item
}

// items are those of the list on the screen.
func (m *model) items() []StartItem {
	if m.start.outer != nil {
		return m.start.items
	}
	return m.cfg.Start
}

// line is where item i was drawn, and how many lines it has.
func (v *startList) line(i int) (y, h int) {
	if i -= v.top; i < 0 || i >= len(v.lines) {
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
	n := len(m.items())
	switch name {
	case "down", "j", "tab":
		m.start.at = min(m.start.at+1, n-1)
	case "up", "k", "shift+tab":
		m.start.at = max(m.start.at-1, 0)
	case "pgdown", "end", "G":
		m.start.at = n - 1
	case "pgup", "home", "g":
		m.start.at = 0
	case "enter", "space", "right", "l":
		return m.openItem()
	case "esc", "left", "h":
		if m.start.outer != nil {
			m.start = *m.start.outer
			return nil
		}
		if name == "esc" {
			return m.quit()
		}
	case "q":
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
	items := m.items()
	if m.start.at >= len(items) {
		return nil
	}
	it := &items[m.start.at]
	switch {
	case it.Open != nil:
		return m.open(it.Title, it.Open, it.Play)
	case it.Page != nil, it.Items != nil:
		return m.openRead(it)
	}
	m.showPage(it.Title, it.Text)
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
	logo    = "deltui"
	tagline = "a microscope for Go maps"
	forWhom = "for whoever writes Go and wonders what delete(m, k) does to a map's memory"
)

// startWidth is how wide the list is at most: a line of prose.
const startWidth = 76

// draw draws the list; the cursor is at the item that is chosen.
func (v *startList) draw(m *model, a canvas.Area) (int, int, bool) {
	items := m.items()
	w := min(a.W-4, startWidth)
	x := (a.W - w) / 2
	roomy := a.H >= 2*len(items)+9
	for i := range items {
		roomy = roomy && a.Width(items[i].Hint) <= w-4 // a hint is never cut
	}
	y := 0
	if roomy {
		y = max((a.H-2*len(items)-7)/3, 0)
	}
	y = v.drawTitle(m, a, x, y, w)
	v.lines, v.each = v.lines[:0], 1
	if roomy {
		v.each = 2
	}
	foot := a.H - 2 // the footer, and a note above it
	var detail []string
	if !roomy {
		detail = v.detail(a, w, items)
		foot -= len(detail)
	}
	fit := max((foot-y)/v.each, 1)
	v.at = min(v.at, max(len(items)-1, 0))
	v.top = max(min(v.top, v.at), v.at-fit+1)
	cy := y
	for i := v.top; i < min(v.top+fit, len(items)); i++ {
		v.lines = append(v.lines, y)
		if i == v.at {
			cy = y
		}
		v.drawItem(m, a, x, y, w, i, &items[i])
		y += v.each
	}
	for i, line := range detail {
		a.TextMax(x, foot+i, w, look.Dim, line)
	}
	if m.note != "" {
		a.TextMax(x, a.H-2, w, look.Warn, m.note)
	}
	keys := []string{m.glyphs.Up + " " + m.glyphs.Down, "choose", "Enter", "open", "q", "quit"}
	if v.outer != nil {
		keys = append([]string{"Esc", "back"}, keys...)
	}
	if more := len(items) - fit; more > 0 {
		keys = append(keys, "", fmt.Sprintf("%d of %d", v.at+1, len(items)))
	}
	m.drawFoot(a, x, keys)
	return x, cy, len(items) > 0
}

// drawTitle says what this is, and returns the line that follows.
func (v *startList) drawTitle(m *model, a canvas.Area, x, y, w int) int {
	if v.outer != nil {
		a.TextMax(x, y, w, look.Accent, v.title)
		return y + 2
	}
	end := a.Text(x, y, look.Accent, logo)
	a.TextMax(end+2, y, w-(end-x)-2, look.Dim, tagline)
	y++
	if a.Width(forWhom) <= w {
		a.Text(x, y, look.Text, forWhom)
		y++
	}
	m.drawSample(a, x, y+1, &y)
	return y
}

// drawItem draws one item; its hint where there is room for all of it.
func (v *startList) drawItem(m *model, a canvas.Area, x, y, w, i int, it *StartItem) {
	mark, st := "  ", look.Text
	if i == v.at {
		mark, st = m.glyphs.Mark+" ", look.Strong
	}
	a.Text(x, y, look.Accent, mark)
	if i < 9 {
		a.Text(x+2, y, look.Key, string(rune('1'+i)))
	}
	end := a.TextMax(x+4, y, w-4, st, it.Title)
	switch {
	case v.each == 2:
		a.TextMax(x+4, y+1, w-4, look.Dim, it.Hint)
	case end+2+a.Width(it.Hint) <= x+w:
		a.Text(end+2, y, look.Dim, it.Hint)
	}
}

// detail is the hint of the chosen item in lines, where its own has no room.
func (v *startList) detail(a canvas.Area, w int, items []StartItem) []string {
	if v.at >= len(items) {
		return nil
	}
	it := &items[v.at]
	if 6+a.Width(it.Title)+a.Width(it.Hint) <= w {
		return nil
	}
	return a.Wrap(it.Hint, w)
}

// drawFoot draws the keys, each with what it does.
func (m *model) drawFoot(a canvas.Area, x int, keys []string) {
	for i, t := range keys {
		st := look.Key
		if i%2 == 1 {
			st = look.Dim
		}
		x = a.Text(x, a.H-1, st, t) + 1 + 2*(i%2)
	}
}

// drawSample draws the picture that the whole program is about, where there is
// room for it.
func (m *model) drawSample(a canvas.Area, x, y int, next *int) {
	if a.H < 2*len(m.cfg.Start)+15 {
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
	lines := pageLines(in, p.text)
	p.n, p.h = len(lines), in.H
	p.scroll(0)
	for y := range in.H {
		if i := p.top + y; i < len(lines) {
			in.Text(0, y, lines[i].st, lines[i].text)
		}
	}
	m.drawFoot(a, 2, []string{"Esc", "back", m.glyphs.Up + " " + m.glyphs.Down, "scroll", "y", "copy"})
	if m.note != "" {
		a.TextMax(2, a.H-2, a.W-4, look.Warn, m.note)
	}
}

// pageLine is a line of a page as it is drawn.
type pageLine struct {
	st   canvas.Style
	text string
}

// pageLines breaks a text into lines; see [StartItem.Text] for its marks.
func pageLines(in canvas.Area, text string) (lines []pageLine) {
	for l := range strings.SplitSeq(text, "\n") {
		st := look.Text
		if heading, ok := strings.CutPrefix(l, "# "); ok {
			l, st = heading, look.Strong
		} else if strings.HasPrefix(l, "    ") && !strings.HasPrefix(l, "     ") {
			st = look.Key
		}
		if in.Width(l) <= in.W {
			lines = append(lines, pageLine{st, l})
			continue
		}
		for _, part := range in.Wrap(l, in.W) {
			lines = append(lines, pageLine{st, part})
		}
	}
	return lines
}
