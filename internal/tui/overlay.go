package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// overlay is a box over the panels. It gets keys first; what it does not use
// goes on.
type overlay interface {
	key(m *model, k tea.KeyPressMsg) (used bool, cmd tea.Cmd)
	// draw draws it over the body, and returns where the cursor is.
	draw(m *model, a canvas.Area) (x, y int, ok bool)
	scroll(d int)
	// click is a click anywhere on the screen.
	click(m *model, x, y int) tea.Cmd
}

// clickAway is what a click does to an overlay with nothing in it to click on.
func clickAway(m *model) tea.Cmd {
	m.overlay = nil
	return nil
}

// box blanks and frames a rectangle in the middle of a, and returns its inside.
func (m *model) box(a canvas.Area, w, h int, title string) canvas.Area {
	w, h = min(w, a.W), min(h, a.H)
	b := a.Sub((a.W-w)/2, (a.H-h)/2, w, h)
	b.Fill(look.Text)
	b.Border(m.glyphs.Border, look.Accent)
	b.TextMax(2, 0, w-4, look.Accent, " "+title+" ")
	return b.Sub(2, 1, w-4, h-2)
}

// scrolled is by how many lines a key moves a text of which h lines show; 0 if it
// moves none.
func scrolled(key string, h int) int {
	switch key {
	case "down", "j":
		return 1
	case "up", "k":
		return -1
	case "pgdown", "space":
		return h
	case "pgup":
		return -h
	}
	return 0
}

// helpView lists the keys that work right now.
type helpView struct{ top, n, h int }

func (v *helpView) scroll(d int) { v.top = max(min(v.top+d, v.n-v.h), 0) }

func (v *helpView) click(m *model, _, _ int) tea.Cmd { return clickAway(m) }

func (v *helpView) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if d := scrolled(k.String(), v.h); d != 0 {
		v.scroll(d)
		return true, nil
	}
	switch k.String() {
	case "?", "esc", "q", "enter", "ctrl+c":
		m.overlay, m.interrupted = nil, false
	default:
		m.overlay = nil
		return false, nil // help is looked at, then the key is pressed
	}
	return true, nil
}

// draw puts the groups side by side where the width allows, each into the column
// that is shortest so far.
func (v *helpView) draw(m *model, a canvas.Area) (int, int, bool) {
	m.keys.update(m.can)
	cols := m.keys.FullHelp()
	const keyW, colW = 12, 38
	across := max(min((a.W-4)/colW, 3), 1)
	w := min(across*colW+4, a.W)
	heights := make([]int, across)
	type place struct{ col, y, group int }
	var places []place
	for g := range cols {
		if len(cols[g]) == 0 {
			continue
		}
		c := 0
		for i := range heights {
			if heights[i] < heights[c] {
				c = i
			}
		}
		places = append(places, place{c, heights[c], g})
		heights[c] += len(cols[g]) + 2
	}
	var about []string
	for _, l := range m.about() {
		about = append(about, a.Wrap(l, w-4)...)
	}
	n := 0
	for _, h := range heights {
		n = max(n, h)
	}
	keysN := n
	n += len(about)
	in := m.box(a, w, min(n+2, a.H), "help: keys that work right now")
	v.n, v.h = n, in.H
	v.scroll(0)
	for _, p := range places {
		x := p.col * colW
		in.Text(x, p.y-v.top, look.Strong, groups[p.group])
		for i, b := range cols[p.group] {
			y := p.y + 1 + i - v.top
			in.Text(x, y, look.Key, b.Help().Key)
			in.TextMax(x+keyW, y, colW-keyW-1, look.Text, b.Help().Desc)
		}
	}
	for i, line := range about {
		in.TextMax(0, keysN+i-v.top, in.W, look.Dim, line)
	}
	if v.top+v.h < n {
		in.Right(in.W, in.H-1, look.Accent, " "+m.glyphs.MoreDown+" more ")
	}
	return 0, 0, false
}

// about is what else there is to know of this session.
func (m *model) about() []string {
	lines := []string{"Marks on the timeline: " + markLegend}
	if m.cfg.Options.Version != "" {
		lines = append(lines, "deltui "+m.cfg.Options.Version)
	}
	if m.ses != nil {
		lines = append(lines, m.ses.snap.info.Notes...)
	}
	return lines
}

// markLegend explains the strip's marks.
const markLegend = "d emptied  x tombstone  - key absent  a assign  c clear  G grow  S split  P prune  ! did not return"

// valueView shows a cell's key and elem whole.
type valueView struct {
	title  string
	lines  []string
	bold   map[int]bool
	text   []string
	top, h int
	w      int
}

// maxValue bounds what is shown of a value.
const maxValue = 1 << 16

func (m *model) newValue() overlay {
	c, ok := m.ses.scene.Cell(m.mapv.Sel, maxValue)
	if !ok {
		return nil
	}
	v := &valueView{title: c.Where}
	for _, part := range []struct {
		name string
		v    *moment.Value
	}{{"key", &c.Key}, {"elem", &c.Elem}} {
		head, left := part.name+" "+part.v.Type, ""
		if !c.State[1].Live() {
			left = ": what is left in the " + c.State[1].String() + " cell"
		}
		if part.v.Text[0] != part.v.Text[1] {
			v.text = append(v.text, "# "+head+", before", part.v.Text[0], "# "+head+", after"+left, part.v.Text[1])
			continue
		}
		head += left
		v.text = append(v.text, "# "+head, part.v.Text[1])
	}
	return v
}

func (v *valueView) scroll(d int) { v.top = max(min(v.top+d, len(v.lines)-v.h), 0) }

func (v *valueView) click(m *model, _, _ int) tea.Cmd { return clickAway(m) }

func (v *valueView) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if d := scrolled(k.String(), v.h); d != 0 {
		v.scroll(d)
		return true, nil
	}
	switch k.String() {
	case "y":
		m.say("copied the value")
		return true, tea.SetClipboard(strings.Join(v.text, "\n"))
	case "v", "esc", "q", "enter", "ctrl+c":
		m.overlay, m.interrupted = nil, false
	}
	return true, nil
}

func (v *valueView) draw(m *model, a canvas.Area) (int, int, bool) {
	w := min(a.W, 100)
	if w != v.w {
		v.w, v.lines, v.bold = w, nil, make(map[int]bool)
		for _, t := range v.text {
			if head, ok := strings.CutPrefix(t, "# "); ok {
				v.bold[len(v.lines)] = true
				v.lines = append(v.lines, head)
				continue
			}
			v.lines = append(v.lines, a.Wrap(t, w-6)...)
		}
	}
	in := m.box(a, w, min(len(v.lines)+2, a.H), v.title)
	v.h = in.H
	v.scroll(0)
	for y := range in.H {
		if i := v.top + y; i < len(v.lines) {
			if v.bold[i] {
				in.TextMax(0, y, in.W, look.Dim, v.lines[i])
			} else {
				in.Text(2, y, look.Strong, v.lines[i])
			}
		}
	}
	if v.top+v.h < len(v.lines) {
		in.Right(in.W, in.H-1, look.Accent, fmt.Sprintf(" %s %d more ", m.glyphs.MoreDown, len(v.lines)-v.top-v.h))
	}
	return 0, 0, false
}
