package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// prompt is a line that text is asked for on, with what one could write.
type prompt struct {
	label string
	hint  string
	input textinput.Model
	offer []string // what ↑ and ↓ put in
	at    int      // of offer, -1: what was typed
	done  func(m *model, text string) (tea.Cmd, error)
	err   string
}

func newPrompt(label, hint, value string, offer []string, done func(*model, string) (tea.Cmd, error)) *prompt {
	p := &prompt{label: label, hint: hint, offer: offer, at: -1, done: done, input: textinput.New()}
	p.input.Prompt = ""
	p.input.CharLimit = 512
	p.input.SetValue(value)
	p.input.CursorEnd()
	p.input.Focus()
	return p
}

func (p *prompt) insert(text string) tea.Cmd {
	v := []rune(p.input.Value())
	at := min(p.input.Position(), len(v))
	p.input.SetValue(string(v[:at]) + text + string(v[at:]))
	p.input.SetCursor(at + len([]rune(text)))
	return nil
}

// take puts offer i in; -1 leaves what was typed.
func (p *prompt) take(i int) {
	p.at = i
	if i >= 0 {
		p.input.SetValue(p.offer[i])
		p.input.CursorEnd()
	}
}

// promptKey gives a key to the prompt.
func (m *model) promptKey(k tea.KeyPressMsg) tea.Cmd {
	p := m.prompt
	switch name := k.String(); name {
	case "esc", "ctrl+c":
		m.prompt, m.interrupted = nil, false
		return nil
	case "enter":
		cmd, err := p.done(m, strings.TrimSpace(p.input.Value()))
		if err != nil {
			p.err = err.Error()
			return nil
		}
		if m.prompt == p {
			m.prompt = nil
		}
		return cmd
	case "up", "down", "tab", "shift+tab":
		d := 1
		if name == "up" || name == "shift+tab" {
			d = -1
		}
		n := len(p.offer) + 1 // what was typed, and the offers
		p.take((p.at+1+d+n)%n - 1)
		return nil
	}
	p.err = ""
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(k)
	_ = cmd // the cursor is the terminal's own and does not blink by messages
	return nil
}

// draw draws the prompt at the bottom of a, and returns where the cursor is.
func (p *prompt) draw(a canvas.Area, g *look.Glyphs) (x, y int) {
	says, st := []string{p.hint}, look.Dim
	if p.err != "" {
		says, st = a.Wrap(g.Alert+" "+p.err, a.W-2), look.Bad
	}
	h := 1
	for i := len(p.offer) - 1; i >= 0 && h < a.H-1-len(says); i-- {
		h++
		line := a.Sub(0, a.H-h, a.W, 1)
		line.Fill(look.Text)
		mark, st := "   ", look.Dim
		if i == p.at {
			mark, st = " "+g.Mark+" ", look.Strong
		}
		x := line.Text(0, 0, look.Accent, mark)
		line.TextMax(x, 0, a.W-x, st, p.offer[i])
	}
	for i := len(says) - 1; i >= 0 && says[i] != "" && h < a.H-1; i-- {
		h++
		line := a.Sub(0, a.H-h, a.W, 1)
		line.Fill(look.Text)
		line.TextMax(1, 0, a.W-1, st, says[i])
	}
	line := a.Sub(0, a.H-1, a.W, 1)
	line.Fill(look.Bar)
	x = line.Text(1, 0, look.BarState, p.label+" ")
	v := []rune(p.input.Value())
	at := min(p.input.Position(), len(v))
	from := 0
	for from < at && x+a.Width(string(v[from:at])) >= a.W-1 {
		from++
	}
	line.TextMax(x, 0, a.W-x, look.Bar, string(v[from:]))
	return a.X + x + a.Width(string(v[from:at])), a.Y + a.H - 1
}

// searchPrompt asks for a query.
func (m *model) searchPrompt() *prompt {
	return newPrompt("search", "op=delete key=42 func~evict to=deleted event=grow tombstones>3   n and N go on", "", m.ses.searches,
		func(m *model, text string) (tea.Cmd, error) {
			if text == "" {
				return nil, nil
			}
			if _, err := trace.Parse(text); err != nil {
				return nil, err
			}
			return m.searchFor(text), nil
		})
}

// searchFor searches, and remembers what for.
func (m *model) searchFor(text string) tea.Cmd {
	s := m.ses
	if _, err := trace.Parse(text); err != nil {
		m.say(err.Error())
		return nil
	}
	s.searches = append(slices.DeleteFunc(s.searches, func(t string) bool { return t == text }), text)
	if len(s.searches) > maxSearches {
		s.searches = s.searches[1:]
	}
	s.search = text
	return m.searchOn(false)
}

const maxSearches = 8

// untilPrompt asks for a condition to run until.
func (m *model) untilPrompt() *prompt {
	s := m.ses
	var offer []string
	if op := s.scene.Op; op != nil {
		if op.Map.ID != 0 {
			offer = append(offer, fmt.Sprintf("map=%d", op.Map.ID))
		}
		if op.KeyText != "" {
			offer = append(offer, "key="+op.KeyText)
		}
		if f := s.scene.Caller(); f != nil {
			offer = append(offer, "func~"+f.Func)
		}
		if s.snap.info.Layout != "classic" {
			offer = append(offer, "to=deleted", "tombstones>3")
		}
		offer = append(offer, "used==0")
	}
	return newPrompt("run until", "the next op that this holds for; "+m.glyphs.Up+" "+m.glyphs.Down+" choose, or write: key=42 func~evict used==0", "", offer,
		func(m *model, text string) (tea.Cmd, error) {
			if text == "" {
				return nil, nil
			}
			if _, err := trace.Parse(text); err != nil {
				return nil, err
			}
			return m.until(text), nil
		})
}

// filterPrompt asks for what is to be watched.
func (m *model) filterPrompt() *prompt {
	return newPrompt("filter", "map=#3 key=42 func~evict goroutine=18; nothing: watch all. A hidden op still costs its stops", m.ses.filter, nil,
		func(m *model, text string) (tea.Cmd, error) {
			f, err := parseFilter(text)
			if err != nil {
				return nil, err
			}
			m.ses.filter = text
			if text == "" {
				m.say("no filter: all watched ops are shown")
			} else {
				m.say("filter: " + text)
			}
			return m.ses.do(probe.SetFilter{Filter: f}), nil
		})
}
