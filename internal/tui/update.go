package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// Update implements tea.Model. Messages of a session that has been left are
// dropped.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if m.w != msg.Width || m.h != msg.Height {
			m.w, m.h, m.dirty = msg.Width, msg.Height, true
			return m, m.resized()
		}
	case tea.ColorProfileMsg:
		m.profile(msg.Profile)
	case tea.BackgroundColorMsg:
		if light := !msg.IsDark(); light != m.light {
			m.light = light
			m.restyle()
		}
	case tea.KeyPressMsg:
		m.dirty = true
		return m, tea.Batch(m.key(msg), m.askMaker())
	case tea.PasteMsg:
		m.dirty = true
		return m, m.paste(msg)
	case tea.MouseClickMsg:
		m.dirty = true
		return m, tea.Batch(m.click(msg.Mouse()), m.askMaker())
	case tea.MouseWheelMsg:
		m.dirty = true
		return m, m.wheel(msg.Mouse())
	case tea.MouseMotionMsg:
		return m, m.drag(msg.Mouse())
	case tea.ResumeMsg:
		m.dirty = true
		return m, m.takeBack
	case newsMsg:
		m.say(string(msg))
		return m, m.cfg.listen()
	case openMsg:
		return m, m.opened(msg)
	case progressMsg:
		return m, m.progressed(msg)
	case readMsg:
		m.read(msg)
	case pollMsg:
		if msg.ses == m.ses {
			return m, tea.Batch(m.polled(&msg.snap), m.askMaker())
		}
	case sceneMsg:
		if msg.ses == m.ses {
			m.dirty = true
			return m, tea.Batch(m.loaded(msg), m.askMaker())
		}
	case makerMsg:
		if msg.ses == m.ses {
			m.dirty = true
			return m, m.told(msg)
		}
	case pickMsg:
		if msg.ses == m.ses {
			m.dirty = true
			return m, m.goPick(msg)
		}
	case historyMsg:
		if msg.ses == m.ses {
			m.dirty = true
			m.showHistory(msg)
		}
	case countedMsg:
		if msg.ses == m.ses && msg.query == m.ses.search {
			m.say(msg.say)
		}
	case savedMsg:
		if msg.ses == m.ses {
			m.dirty = true
			m.saved(msg)
		}
	case foundMsg:
		if msg.ses == m.ses {
			m.dirty = true
			return m, m.found(msg)
		}
	case fileMsg:
		if msg.ses == m.ses {
			m.dirty = true
			msg.ses.files[msg.file] = msg.lines
			return m, m.locate()
		}
	case playMsg:
		if msg.ses == m.ses && msg.id == m.ses.playID && m.ses.playing {
			m.dirty = true
			return m, m.play()
		}
	case countMsg:
		if msg.ses == m.ses {
			return m, m.counts(msg)
		}
	case commandMsg:
		if msg.ses == m.ses {
			if msg.err != nil {
				m.say("the target did not take the command: " + msg.err.Error())
			}
			msg.ses.wake()
		}
	case doneMsg:
		if msg.ses == m.ses {
			m.dirty = true
			msg.ses.runErr = msg.err
			if msg.err != nil && !errors.Is(msg.err, m.ctx.Err()) {
				m.err = msg.err
				m.say(msg.err.Error())
			}
			msg.ses.wake()
		}
	case pulseMsg:
		m.pulsed(msg)
	case copiedMsg:
		m.say(msg.say)
		return m, tea.SetClipboard(msg.text)
	case noteMsg:
		m.say(string(msg))
	}
	return m, nil
}

// noteMsg is a line to be shown until the next key.
type noteMsg string

func (m *model) say(text string) { m.note, m.dirty = text, true }

func (m *model) profile(p colorprofile.Profile) {
	d := look.TrueColor
	switch p {
	case colorprofile.ANSI:
		d = look.Colors16
	case colorprofile.Ascii, colorprofile.NoTTY:
		d = look.NoColor
	}
	if m.cfg.Options.NoColor {
		d = look.NoColor
	}
	if d != m.depth {
		m.depth = d
		m.restyle()
	}
}

// polled takes a snapshot in.
func (m *model) polled(v *snapshot) tea.Cmd {
	s := m.ses
	old := s.snap
	same := s.polled && old.equal(v)
	s.snap = *v
	if !v.running() || s.brisk == 0 {
		s.step = false
	}
	var cmds []tea.Cmd
	if !same {
		m.dirty = true
		if s.following || s.marks.m == nil || v.n != old.n {
			s.marks = v.marks
		}
	}
	s.slowed(v)
	switch {
	case s.at.none() && s.want.none():
		if s.following {
			s.want = v.end()
		} else {
			s.want = v.first()
		}
	case s.following && !v.end().none():
		s.want = v.end()
	}
	if !s.polled && s.Source != nil && s.Until.String() != "" {
		s.awaited = awaited{s.Until.String(), v.state.At}
		cmds = append(cmds, s.do(probe.Run{Until: s.Until}))
	}
	s.polled = true
	m.stopped()
	stale := s.scene != nil && s.scene.Op.Outcome == trace.Running && s.at.seq == 0 && ended(v, s.at.id)
	if c := m.show(stale); c != nil {
		cmds = append(cmds, c)
	}
	if !m.hold {
		cmds = append(cmds, s.wait())
	}
	return tea.Batch(cmds...)
}

func ended(v *snapshot, id trace.OpID) bool {
	for _, p := range v.pending {
		if p == id {
			return false
		}
	}
	return true
}

// show loads the wanted moment, unless it is shown or being loaded.
func (m *model) show(force bool) tea.Cmd {
	s := m.ses
	if s.loading || s.want.none() || !force && s.want.same(s.at) {
		return nil
	}
	s.loading = true
	return s.load()
}

// loaded puts a scene on the screen.
func (m *model) loaded(msg sceneMsg) tea.Cmd {
	s := m.ses
	s.loading = false
	if msg.err != nil {
		m.say("this moment cannot be shown: " + msg.err.Error())
		if s.at.none() {
			return nil
		}
		s.want = s.at
		return nil
	}
	asked, from := s.want, s.at
	s.scene = msg.scene
	s.at = pos{msg.scene.Op.ID, msg.scene.Op.Seq, msg.scene.Moment.Phase, msg.scene.Moment.Step}
	if asked.id == s.at.id || asked.id == 0 && asked.seq == s.at.seq {
		s.want = s.at
	}
	if msg.marks.m != nil {
		s.marks = msg.marks
	}
	m.mapv.Show(s.scene)
	m.picked()
	m.stack.Show(s.scene)
	m.why.Show(s.scene)
	m.brief.Show(s.scene)
	m.bytes.Show(s.scene)
	m.captioned()
	return tea.Batch(m.locate(), m.show(false), m.pulse(from))
}

// locate finds the line of source to look at, and has its file loaded.
func (m *model) locate() tea.Cmd {
	s := m.ses
	if s == nil || s.scene == nil {
		return nil
	}
	s.spot = panel.Spot{}
	var cmd tea.Cmd
	if step := s.scene.Step; step != nil && !m.stack.ByHand() {
		s.spot = panel.Spot{File: step.At.File, Line: step.At.Line, Note: step.At.Func}
		if _, known := s.files[step.At.File]; !known {
			cmd = s.read(step.At.File)
		}
		return cmd
	}
	rule := s.scene.Rule
	if !m.asking() && !m.stack.ByHand() && s.scene.Moment.Phase == trace.After && rule != nil {
		// Whole files where they are at hand; they come when they have been read.
		at, ok := moment.RuleLine(rule, s.scene.Before.Layout, s.scene.Op, s.snap.info.Goroot, func(file string) map[int]string {
			lines, known := s.files[file]
			if !known {
				cmd = tea.Batch(cmd, s.read(file))
			}
			return lines
		})
		if ok {
			s.spot = panel.Spot{File: at.File, Line: at.Line, Note: rule.Name}
			return cmd
		}
		if cmd != nil {
			return cmd
		}
	}
	if m.stack.Frame < len(s.scene.Op.Stack) {
		f := &s.scene.Op.Stack[m.stack.Frame]
		s.spot = panel.Spot{File: f.File, Line: f.Line, Note: f.Func}
		if _, known := s.files[f.File]; !known {
			cmd = tea.Batch(cmd, s.read(f.File))
		}
	}
	return cmd
}

// paste gives pasted text to whatever takes text.
func (m *model) paste(p tea.PasteMsg) tea.Cmd {
	switch {
	case m.typing:
		return m.ses.do(probe.WriteStdin{Data: []byte(p.Content)})
	case m.prompt != nil:
		return m.prompt.insert(strings.Join(strings.Fields(p.Content), " "))
	}
	return nil
}

// goTo moves the view to a position.
func (m *model) goTo(p pos, step bool) tea.Cmd {
	s := m.ses
	if p.none() {
		return nil
	}
	s.moves.left(s.want, step)
	return m.jump(p)
}

// jump moves without remembering.
func (m *model) jump(p pos) tea.Cmd {
	s := m.ses
	s.want = p
	s.following = s.snap.live && p.same(s.snap.end())
	if !m.mapv.ByHand() || s.scene == nil || p.id != s.scene.Op.ID {
		m.mapv.Auto(nil)
	}
	return m.show(false)
}

// resized tells the target's terminal its new size.
func (m *model) resized() tea.Cmd {
	m.needs = needs{}
	m.frame = layout(m.w, m.h, m.focus, m.zoom, m.needs)
	if m.ses == nil || !m.ses.takesSize() {
		return nil
	}
	return m.ses.resize(outputSize(m.w, m.h))
}

// outputSize is the room that the output panel has for text while it has the
// focus, on a screen of w columns and h rows. It is the size of the target's
// terminal wherever the focus is, so that the target is told of no change that
// its user did not make.
func outputSize(w, h int) probe.Resize {
	f := layout(w, h, panel.Output, false, needs{})
	r, ok := f.panels[panel.Output]
	if !ok {
		return probe.Resize{Cols: max(w, 1), Rows: max(h, 1)} // nothing is shown
	}
	in := f.inner(r)
	return probe.Resize{Cols: max(in.W-panel.OutputMargin, 1), Rows: max(in.H, 1)}
}
