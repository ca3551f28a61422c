package tui

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// palette finds a command by a few of its letters. A number goes to that op; a
// condition is searched for.
type palette struct {
	input textinput.Model
	items []paletteItem
	shown []int // of items
	at    int
	top   int
	h     int
	area  canvas.Rect // of the items, as last drawn
}

type paletteItem struct {
	act  action
	name string
	keys string
}

func newPalette(m *model) *palette {
	p := &palette{input: textinput.New()}
	p.input.Prompt = ""
	p.input.Focus()
	for i := range m.keys.all {
		b := &m.keys.all[i]
		if b.name != "" && m.can(b.act) {
			p.items = append(p.items, paletteItem{b.act, b.name, b.key.Help().Key})
		}
	}
	p.narrow()
	return p
}

// narrow keeps the items that have the letters typed, in their order.
func (p *palette) narrow() {
	p.shown, p.at, p.top = p.shown[:0], 0, 0
	want := strings.ToLower(strings.TrimSpace(p.input.Value()))
	var loose []int
	for i, it := range p.items {
		switch {
		case strings.Contains(it.name, want):
			p.shown = append(p.shown, i)
		case subsequence(want, it.name):
			loose = append(loose, i)
		}
	}
	p.shown = append(p.shown, loose...)
}

func subsequence(letters, of string) bool {
	for _, r := range letters {
		i := strings.IndexRune(of, r)
		if i < 0 {
			return false
		}
		of = of[i+1:]
	}
	return true
}

func (p *palette) scroll(d int) { p.at = max(min(p.at+d, len(p.shown)-1), 0) }

func (p *palette) click(m *model, x, y int) tea.Cmd {
	i := p.top + y - p.area.Y
	if !p.area.Contains(x, y) || i >= len(p.shown) {
		return clickAway(m)
	}
	m.overlay = nil
	return m.act(p.items[p.shown[i]].act)
}

func (p *palette) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc", "ctrl+c":
		m.overlay, m.interrupted = nil, false
		return true, nil
	case "down", "tab", "ctrl+n":
		p.scroll(1)
		return true, nil
	case "up", "shift+tab", "ctrl+p":
		p.scroll(-1)
		return true, nil
	case "enter":
		m.overlay = nil
		text := strings.TrimSpace(p.input.Value())
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return true, m.goToOp(n)
		}
		if p.at < len(p.shown) {
			return true, m.act(p.items[p.shown[p.at]].act)
		}
		if strings.ContainsAny(text, "=~<>") {
			return true, m.searchFor(text)
		}
		m.say("no such command: " + text)
		return true, nil
	}
	p.input, _ = p.input.Update(k)
	p.narrow()
	return true, nil
}

// goToOp goes to an op by its number; the target runs to one that is still to
// come.
func (m *model) goToOp(n uint64) tea.Cmd {
	s := m.ses
	if n > uint64(s.snap.n) && s.snap.resting() {
		return m.runUntil(fmt.Sprintf("seq>=%d", n))
	}
	if n < 1 || n > uint64(s.snap.n) {
		m.say("there are ops 1 to " + strconv.Itoa(m.ses.snap.n))
		return nil
	}
	return m.goTo(pos{seq: n, phase: trace.After}, false)
}

func (p *palette) draw(m *model, a canvas.Area) (int, int, bool) {
	w := min(a.W, 64)
	h := min(a.H, max(len(p.items)+4, 5), 18)
	in := m.box(a, w, h, "commands: letters of one, an op's number, or a condition")
	x := in.Text(0, 0, look.Accent, ": ")
	in.TextMax(x, 0, in.W-x, look.Strong, p.input.Value())
	p.h = in.H - 1
	p.area = canvas.Rect{X: in.X, Y: in.Y + 1, W: in.W, H: p.h}
	if p.at < p.top {
		p.top = p.at
	}
	if p.at >= p.top+p.h {
		p.top = p.at - p.h + 1
	}
	for y := range p.h {
		i := p.top + y
		if i >= len(p.shown) {
			break
		}
		it := p.items[p.shown[i]]
		mark, st := "  ", look.Text
		if i == p.at {
			mark, st = m.glyphs.Mark+" ", look.Strong
		}
		in.Text(0, y+1, look.Accent, mark)
		in.TextMax(2, y+1, in.W-14, st, it.name)
		in.Right(in.W, y+1, look.Key, it.keys)
	}
	before := string([]rune(p.input.Value())[:min(p.input.Position(), len([]rune(p.input.Value())))])
	return in.X + x + in.Width(before), in.Y, true
}
