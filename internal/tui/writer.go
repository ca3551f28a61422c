package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// maker is who made the chosen cell, as far as it has been asked.
type maker struct {
	spot  moment.Spot // that the answer is of
	known panel.Maker
	asked moment.Spot // that an answer is on its way of, else zero

	pick  uint64 // address of the control byte to choose when its moment is shown
	at    pos    // that moment
	trail []step // where b came from
}

// step is where one was: a moment, and the cell there.
type step struct {
	at   pos
	addr uint64
}

const maxTrail = 1000

// spot is the cell that is chosen; false where there is none.
func (m *model) spot() (moment.Spot, bool) {
	if m.ses == nil || m.ses.scene == nil {
		return moment.Spot{}, false
	}
	sc := m.ses.scene
	c, ok := sc.Cell(m.mapv.Sel, 1)
	if !ok || !c.Read {
		return moment.Spot{}, false
	}
	at := sc.Moment
	if !sc.Late() {
		at = trace.Moment{Op: sc.Op.ID}
	}
	return moment.Spot{At: at, MapID: sc.Op.Map.ID, Addr: c.Addr}, true
}

// maker is what the caption of the chosen cell says.
func (m *model) maker() panel.Maker {
	if spot, ok := m.spot(); ok && spot == m.ses.maker.spot && !m.asking() {
		return m.ses.maker.known
	}
	return panel.Maker{}
}

// makerMsg is the answer of who made a cell.
type makerMsg struct {
	ses   *session
	spot  moment.Spot
	known panel.Maker
}

// askMaker asks who made the chosen cell, unless that is known or asked already.
// While ops pass by nobody could read it.
func (m *model) askMaker() tea.Cmd {
	spot, ok := m.spot()
	if !ok || m.ses.runs() || m.ses.playing {
		return nil
	}
	k := &m.ses.maker
	if spot == k.spot || k.asked != (moment.Spot{}) {
		return nil
	}
	k.asked = spot
	ses, tl := m.ses, m.ses.Timeline
	return func() tea.Msg {
		w, err := moment.WriterOf(tl, spot)
		return makerMsg{ses, spot, panel.Maker{Writer: w, Err: err}}
	}
}

func (m *model) told(msg makerMsg) tea.Cmd {
	k := &m.ses.maker
	k.spot, k.known, k.asked = msg.spot, msg.known, moment.Spot{}
	return m.askMaker()
}

// pickMsg goes to a writer.
type pickMsg struct {
	ses  *session
	from step
	w    *moment.Writer
	err  error
}

// goToWriter goes to the op that made the chosen cell what it is; where that op is
// shown already, to the writer before.
func (m *model) goToWriter() tea.Cmd {
	spot, ok := m.spot()
	if !ok {
		m.say("no cell is chosen that was read")
		return nil
	}
	ses, tl, now := m.ses, m.ses.Timeline, m.ses.at
	return func() tea.Msg {
		msg := pickMsg{ses: ses, from: step{now, spot.Addr}}
		msg.w, msg.err = moment.WriterOf(tl, spot)
		for msg.err == nil && msg.w.Did != moment.Unseen && writerAt(msg.w).same(now) && msg.w.Known {
			msg.w, msg.err = moment.WriterOf(tl, msg.w.Earlier)
		}
		return msg
	}
}

// writerAt is where a writer is looked at: what an op wrote is there after it, and
// drift at the first moment that has it.
func writerAt(w *moment.Writer) pos {
	p := pos{id: w.By.ID, seq: w.By.Seq, phase: trace.After}
	if w.Did == moment.Drifted || w.By.Seq == 0 {
		p.phase = trace.Before
	}
	return p
}

func (m *model) goPick(msg pickMsg) tea.Cmd {
	s := m.ses
	switch {
	case msg.err != nil:
		m.say("who made it: " + msg.err.Error())
		return nil
	case msg.w.Did == moment.Unseen:
		m.say("no writer: " + panel.MakerText(msg.w, m.glyphs))
		return nil
	case writerAt(msg.w).same(s.at):
		m.say("no writer before this one is known")
		return nil
	}
	if len(s.maker.trail) < maxTrail {
		s.maker.trail = append(s.maker.trail, msg.from)
	}
	return m.goToCell(step{writerAt(msg.w), msg.w.Spot.Addr})
}

func (m *model) goToCell(to step) tea.Cmd {
	k := &m.ses.maker
	k.pick, k.at = to.addr, to.at
	if to.at.same(m.ses.at) {
		m.picked()
		return m.askMaker()
	}
	return m.goTo(to.at, false)
}

// picked chooses the cell that one came for, when its moment is on the screen.
func (m *model) picked() {
	s := m.ses
	if s.maker.pick == 0 || !s.maker.at.same(s.at) {
		return
	}
	if at, ok := s.scene.PlaceOf(s.maker.pick); ok {
		m.mapv.Choose(at)
	}
	s.maker.pick = 0
}

// backFromWriter goes back to where b was pressed.
func (m *model) backFromWriter() tea.Cmd {
	k := &m.ses.maker
	n := len(k.trail)
	if n == 0 {
		return nil
	}
	to := k.trail[n-1]
	k.trail = k.trail[:n-1]
	return m.goToCell(to)
}

// maxHistory bounds the writers that are listed of a cell.
const maxHistory = 200

// historyMsg is the writers of a cell.
type historyMsg struct {
	ses   *session
	where string
	ws    []*moment.Writer
	more  bool
	err   error
}

func (m *model) askHistory() tea.Cmd {
	spot, ok := m.spot()
	if !ok {
		m.say("no cell is chosen that was read")
		return nil
	}
	c, _ := m.ses.scene.Cell(m.mapv.Sel, 1)
	ses, tl := m.ses, m.ses.Timeline
	return func() tea.Msg {
		ws, more, err := moment.History(tl, spot, maxHistory)
		return historyMsg{ses, c.Where, ws, more, err}
	}
}

// historyView lists the writers of a cell, the last one first.
type historyView struct {
	where  string
	ws     []*moment.Writer
	more   bool
	err    error
	at     int // chosen
	top, h int
	from   step
	inside canvas.Rect
}

func (m *model) showHistory(msg historyMsg) {
	spot, ok := m.spot()
	if !ok {
		return
	}
	m.overlay = &historyView{where: msg.where, ws: msg.ws, more: msg.more, err: msg.err, from: step{m.ses.at, spot.Addr}}
}

func (v *historyView) scroll(d int) { v.at = max(min(v.at+d, len(v.ws)-1), 0) }

func (v *historyView) click(m *model, x, y int) tea.Cmd {
	i := v.top + y - v.inside.Y
	if !v.inside.Contains(x, y) || i >= len(v.ws) {
		return clickAway(m)
	}
	v.at = i
	return v.open(m)
}

func (v *historyView) open(m *model) tea.Cmd {
	if v.at >= len(v.ws) {
		return clickAway(m)
	}
	m.overlay = nil
	w := v.ws[v.at]
	if w.Did == moment.Unseen {
		m.say("no writer: " + panel.MakerText(w, m.glyphs))
		return nil
	}
	if len(m.ses.maker.trail) < maxTrail {
		m.ses.maker.trail = append(m.ses.maker.trail, v.from)
	}
	return m.goToCell(step{writerAt(w), w.Spot.Addr})
}

func (v *historyView) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if d := scrolled(k.String(), v.h); d != 0 {
		v.scroll(d)
		return true, nil
	}
	switch k.String() {
	case "enter":
		return true, v.open(m)
	case "H", "esc", "q", "ctrl+c":
		m.overlay, m.interrupted = nil, false
	}
	return true, nil
}

func (v *historyView) draw(m *model, a canvas.Area) (int, int, bool) {
	var lines []string
	for i, w := range v.ws {
		text := panel.MakerText(w, m.glyphs)
		if i > 0 && v.ws[i-1].Did == moment.Moved {
			text = "(its entry, where it came from) " + text
		}
		lines = append(lines, text)
	}
	switch {
	case v.err != nil:
		lines = append(lines, "before that: "+v.err.Error())
	case v.more:
		lines = append(lines, fmt.Sprintf("and others before: the last %d are listed", len(v.ws)))
	}
	in := m.box(a, min(a.W, 110), min(len(lines)+2, a.H), v.where+": who wrote it, the last first")
	v.h, v.inside = in.H, canvas.Rect{X: in.X, Y: in.Y, W: in.W, H: in.H}
	if v.at < v.top {
		v.top = v.at
	} else if v.at >= v.top+in.H {
		v.top = v.at - in.H + 1
	}
	for y := range in.H {
		i := v.top + y
		if i >= len(lines) {
			break
		}
		mark, st := "  ", look.Text
		if i == v.at {
			mark, st = m.glyphs.Mark+" ", look.Strong
		}
		x := in.Text(0, y, look.Accent, mark)
		in.TextMax(x, y, in.W-x, st, lines[i])
	}
	return 0, 0, false
}
