package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// opening is long work that ends in a session: its steps, as they come.
type opening struct {
	title  string
	cancel context.CancelFunc
	ctx    context.Context
	events chan Progress
	steps  []Progress
	play   bool
	done   chan struct{} // closed when its end has been seen

	worked chan struct{} // closed when the work has returned
	made   *Session      // what it made, and nobody has taken over yet
}

// openMsg is the end of that work.
type openMsg struct {
	op  *opening
	ses *Session
	err error
}

// over reports that the work has returned, and what it made was taken over.
func (o *opening) over() bool {
	select {
	case <-o.worked:
		return o.made == nil
	default:
		return false
	}
}

// progressMsg is news of it.
type progressMsg struct {
	op *opening
	p  Progress
}

// open starts the work, in the background.
func (m *model) open(title string, fn Opener, play bool) tea.Cmd {
	o := m.startWork(title, play)
	report := func(p Progress) {
		select {
		case o.events <- p:
		default: // news that nobody waits for is old
		}
	}
	work := func() tea.Msg {
		defer close(o.worked)
		ses, err := fn(o.ctx, report)
		o.made = ses
		return openMsg{o, ses, err}
	}
	return tea.Batch(work, o.listen())
}

// openRead starts work that ends in something to read or to choose from.
func (m *model) openRead(it *StartItem) tea.Cmd {
	o, page, items := m.startWork(it.Title, false), it.Page, it.Items
	return func() tea.Msg {
		defer close(o.worked)
		msg := readMsg{op: o}
		if page != nil {
			msg.text, msg.err = page(o.ctx)
		} else {
			msg.items, msg.err = items(o.ctx)
		}
		return msg
	}
}

// readMsg is the end of that work.
type readMsg struct {
	op    *opening
	text  string
	items []StartItem
	err   error
}

// read shows what was made, unless the user has gone on meanwhile.
func (m *model) read(msg readMsg) {
	o := msg.op
	close(o.done)
	defer o.cancel()
	if o != m.opening {
		return
	}
	m.dirty, m.opening = true, nil
	switch {
	case o.ctx.Err() != nil:
		m.stage = onStart
	case msg.err != nil:
		m.showPage(o.title, msg.err.Error())
	case len(msg.items) > 0:
		m.start = startList{title: o.title, items: msg.items, outer: new(m.start)}
		m.stage = onStart
	default:
		m.showPage(o.title, msg.text)
	}
}

func (m *model) showPage(title, text string) {
	m.page, m.stage = pageView{title: title, text: text}, onPage
}

// startWork puts work that is about to begin on the screen.
func (m *model) startWork(title string, play bool) *opening {
	o := &opening{title: title, events: make(chan Progress, 64), play: play, done: make(chan struct{}), worked: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(m.ctx)
	m.opening, m.stage, m.dirty = o, onOpening, true
	m.begun = append(slices.DeleteFunc(m.begun, (*opening).over), o)
	return o
}

// listen waits for the next piece of news.
func (o *opening) listen() tea.Cmd {
	return func() tea.Msg {
		select {
		case p := <-o.events:
			return progressMsg{o, p}
		case <-o.done:
			return nil
		case <-o.ctx.Done():
			return nil
		}
	}
}

func (m *model) progressed(msg progressMsg) tea.Cmd {
	if msg.op != m.opening {
		return nil
	}
	m.dirty = true
	o := m.opening
	o.take(msg.p)
	for { // what else is there already
		select {
		case p := <-o.events:
			o.take(p)
			continue
		default:
		}
		break
	}
	if m.hold {
		return nil
	}
	return o.listen()
}

func (o *opening) take(p Progress) {
	for i := range o.steps {
		if o.steps[i].Step == p.Step {
			o.steps[i] = p
			return
		}
	}
	o.steps = append(o.steps, p)
}

// opened takes the session over. Work that was cancelled meanwhile is closed.
func (m *model) opened(msg openMsg) tea.Cmd {
	o := msg.op
	o.made = nil
	close(o.done)
	if o != m.opening || o.ctx.Err() != nil {
		if msg.ses != nil && msg.ses.Close != nil {
			_ = msg.ses.Close() // nobody has seen it
		}
		if o != m.opening {
			return nil
		}
	}
	m.dirty = true
	m.opening = nil
	if err := msg.err; err != nil || o.ctx.Err() != nil {
		if len(m.cfg.Start) > 0 {
			m.stage = onStart
			if err != nil && !errors.Is(err, context.Canceled) {
				m.showPage(o.title, err.Error())
			}
			return nil
		}
		m.err = err
		return m.quit()
	}
	m.enter(msg.ses)
	m.ses.playing = o.play && msg.ses.Source == nil
	cmd := m.begin()
	if m.ses.playing {
		cmd = tea.Batch(cmd, m.ses.tick())
	}
	return cmd
}

func (m *model) openingKey(name string) tea.Cmd {
	switch name {
	case "q", "esc", "ctrl+c":
		m.opening.cancel()
		m.say("cancelling ...")
		if len(m.cfg.Start) > 0 {
			m.opening, m.stage = nil, onStart
			return nil
		}
		m.err = context.Canceled
		return m.quit()
	}
	return nil
}

func (o *opening) draw(m *model, a canvas.Area) {
	a.Sub(0, 0, a.W, 1).Fill(look.Bar)
	if o == nil {
		return
	}
	x := a.Text(1, 0, look.BarState, "deltui")
	a.TextMax(x+2, 0, a.W-x-4, look.Bar, o.title)
	in := a.Sub(2, 2, a.W-4, a.H-4)
	if len(o.steps) == 0 {
		in.Text(0, 0, look.Dim, "working ...")
	}
	from := max(len(o.steps)-in.H/2, 0)
	y := 0
	for _, p := range o.steps[from:] {
		mark, st := m.glyphs.Mark, look.Strong
		if p.Finished {
			mark, st = "+", look.Dim
		}
		x := in.Text(0, y, look.Accent, mark+" ")
		x = in.TextMax(x, y, in.W-x, st, p.Step)
		if p.Total > 0 && !p.Finished {
			m.drawBar(in, x+2, y, p)
		}
		if p.Text != "" && !p.Finished {
			in.TextMax(2, y+1, in.W-2, look.Dim, p.Text)
			y++
		}
		y++
	}
	a.Text(2, a.H-1, look.Key, "Esc")
	a.Text(6, a.H-1, look.Dim, "cancel")
	if m.note != "" {
		a.TextMax(16, a.H-1, a.W-18, look.Warn, m.note)
	}
}

// drawBar draws how much of a step is done.
func (m *model) drawBar(a canvas.Area, x, y int, p Progress) int {
	const w = 20
	done := int(min(max(p.Done, 0), p.Total) * w / p.Total)
	for i := range w {
		if i < done {
			a.Text(x+i, y, look.AccentInv, "=")
		} else {
			a.Text(x+i, y, look.Faint, m.glyphs.Track)
		}
	}
	return a.Text(x+w+1, y, look.Dim, fmt.Sprintf("%d %%", min(max(p.Done, 0), p.Total)*100/p.Total))
}
