package tui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/panel"
)

// key handles a key press: first whatever takes text, then overlays, then the
// key map.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	twice := m.interrupted && name == "ctrl+c"
	m.interrupted = name == "ctrl+c"
	if name != "ctrl+c" {
		m.note = ""
	}
	switch {
	case twice:
		return m.quit()
	case name == "ctrl+z":
		return m.lend(tea.Suspend)
	case m.typing:
		return m.typed(k)
	case m.prompt != nil:
		return m.promptKey(k)
	case m.overlay != nil:
		if used, cmd := m.overlay.key(m, k); used {
			return cmd
		}
	}
	switch m.stage {
	case onStart:
		return m.startKey(name)
	case onOpening:
		return m.openingKey(name)
	case onPage:
		return m.pageKey(name)
	}
	m.keys.update(m.can)
	act := m.keys.match(name)
	if act == actPanel {
		m.choose(panel.ID(name[0] - '0'))
		return m.locate()
	}
	return m.act(act)
}

// can tells what may be done right now: the rest is not shown.
func (m *model) can(a action) bool {
	s := m.ses
	if s == nil {
		return a == actQuit || a == actInterrupt || a == actSuspend
	}
	live, has := s.Source != nil, s.scene != nil
	alive := live && s.snap.state.Doing != probe.Ended
	switch a {
	case actNext:
		return has && (!s.snap.after(s.at).none() || s.snap.resting() || s.step)
	case actPrev:
		return has && !s.snap.before(s.at).none()
	case actStep:
		return has
	case actStepBack:
		return has && s.scene.Steps > 0
	case actRun:
		return alive || !live && s.snap.n > 1
	case actFaster, actSlower:
		return alive || !live && s.snap.n > 1
	case actUntil:
		return has && (alive || s.snap.n > 1)
	case actUntilMap:
		return has && (alive || s.snap.n > 1) && s.scene.Op.Map.ID != 0
	case actUntilKey:
		return has && (alive || s.snap.n > 1) && s.scene.Op.KeyText != ""
	case actUntilCaller:
		return has && (alive || s.snap.n > 1) && s.scene.Caller() != nil
	case actFirst, actEnd, actNextEvent, actPrevEvent, actSearch, actPanel, actCellDown, actCellUp,
		actPageDown, actPageUp, actZoom, actOpen, actRaw, actCopy, actCopyScreen, actBack:
		return has
	case actWriter, actHistory:
		return has && s.scene.Shown().Shows() && !m.asking()
	case actWriterBack:
		return len(s.maker.trail) > 0
	case actRowDown, actRowUp:
		return has && m.focus == panel.Map
	case actNextTomb, actPrevTomb:
		return has && s.snap.info.Layout != "classic"
	case actSearchNext, actSearchPrev:
		return has && s.search != ""
	case actUndo:
		return len(s.moves.undo) > 0
	case actRedo:
		return len(s.moves.redo) > 0
	case actFollow:
		return has && (s.mapID != 0 || s.scene.Op.Map.ID != 0)
	case actFilter:
		return alive
	case actWatch:
		return alive && s.Source.Caps().Ops && s.mapID != 0 &&
			(s.assigns || !slices.Contains(s.snap.info.Ops, gomap.Assign.String()))
	case actInput:
		return alive && s.Source.Caps().Stdin
	case actWho, actMaps:
		return has && s.snap.n > 0
	case actValue:
		return has && s.scene.Shown().Shows() && len(s.scene.Shown().Map.Rows) > 0
	case actCopyJSON:
		return has && s.JSON != nil && s.scene.Op.Seq != 0
	case actSave:
		return s.Save != nil
	case actEditor:
		return live && s.spot.Line > 0 && editor() != ""
	case actTop:
		return len(m.cfg.Start) > 0
	}
	return true
}

// act does what a key or the palette asks for.
func (m *model) act(a action) tea.Cmd {
	s := m.ses
	if a == actNone || !m.can(a) {
		m.offer = nil
		return nil
	}
	if cmd, took := m.offered(a); took {
		return cmd
	}
	switch a {
	case actNext:
		return m.next()
	case actPrev:
		return m.prev()
	case actStep, actStepBack:
		return m.slowMotion(a == actStepBack)
	case actFirst:
		return m.goTo(s.snap.first(), false)
	case actEnd:
		return m.goTo(s.snap.end(), false)
	case actNextEvent, actPrevEvent:
		return s.findMark(func(k trace.Mark) bool { return k >= 'A' && k <= 'Z' }, "event", a == actPrevEvent)
	case actNextTomb, actPrevTomb:
		return m.findTombstone(a == actPrevTomb)
	case actUndo:
		if p, ok := s.moves.back(s.want); ok {
			return m.jump(p)
		}
	case actRedo:
		if p, ok := s.moves.forth(s.want); ok {
			return m.jump(p)
		}
	case actRun:
		return m.runPause()
	case actFaster, actSlower:
		return m.pace(a == actFaster)
	case actUntil:
		m.prompt = m.untilPrompt()
	case actUntilMap:
		return m.until(fmt.Sprintf("map=%d", s.scene.Op.Map.ID))
	case actUntilKey:
		return m.until("key=" + s.scene.Op.KeyText)
	case actUntilCaller:
		return m.until("func~" + s.scene.Caller().Func)
	case actFilter:
		m.prompt = m.filterPrompt()
	case actSearch:
		m.prompt = m.searchPrompt()
	case actSearchNext, actSearchPrev:
		return m.searchOn(a == actSearchPrev)
	case actWriter:
		return m.goToWriter()
	case actWriterBack:
		return m.backFromWriter()
	case actHistory:
		return m.askHistory()
	case actWho, actMaps:
		return m.openAnswers(a == actMaps)
	case actFollow:
		m.follow()
	case actWatch:
		return m.watch()
	case actInput:
		m.choose(panel.Output)
		m.typing = true
	case actOutput:
		if m.focus == panel.Output {
			m.choose(panel.Map)
		} else {
			m.choose(panel.Output)
		}
	case actNextPanel, actPrevPanel:
		m.cycle(a == actNextPanel)
	case actZoom:
		m.zoom = !m.zoom
	case actRaw:
		m.raw = !m.raw
	case actValue:
		m.overlay = m.newValue()
	case actOpen:
		return m.openChosen()
	case actBack:
		return m.back()
	case actCopy:
		return m.copyPanel()
	case actCopyScreen:
		return m.copyScreen()
	case actCopyJSON:
		return m.copyJSON()
	case actSave:
		path := s.savedTo
		if path == "" {
			path = "session.deltui"
		}
		m.prompt = m.savePrompt(path)
	case actEditor:
		return m.edit()
	case actPalette:
		m.overlay = newPalette(m)
	case actHelp:
		m.overlay = &helpView{}
	case actInterrupt:
		return m.interrupt()
	case actSuspend:
		return m.lend(tea.Suspend)
	case actTop:
		return m.leave()
	case actQuit:
		return m.quit()
	default:
		return m.scrollBy(a)
	}
	return nil
}

// next finishes the op or goes on to the next; at the live end the source is
// asked for it.
func (m *model) next() tea.Cmd {
	s := m.ses
	if m.captionOpen() {
		return m.locate()
	}
	p := s.snap.after(s.want)
	if s.mapID != 0 && s.want.phase == trace.After && !p.none() {
		return m.find(fmt.Sprintf("map=%d", s.mapID), false, true)
	}
	if s.following || p.none() {
		if s.step {
			return nil
		}
		if s.snap.resting() && s.want.same(s.snap.end()) {
			s.following, s.step = true, true
			s.moves.left(s.want, true)
			return s.do(probe.Next{})
		}
		if p.none() {
			return nil
		}
	}
	return m.goTo(p, true)
}

func (m *model) prev() tea.Cmd {
	s := m.ses
	if s.mapID != 0 && s.want.phase == trace.Before {
		return m.find(fmt.Sprintf("map=%d", s.mapID), true, true)
	}
	return m.goTo(s.snap.before(s.want), true)
}

// runPause runs the target or a recording, or pauses it.
func (m *model) runPause() tea.Cmd {
	s := m.ses
	if s.Source == nil {
		s.playing = !s.playing
		if !s.playing {
			return nil
		}
		if s.snap.after(s.want).none() {
			m.goTo(s.snap.first(), false)
		}
		return s.tick()
	}
	if s.snap.running() {
		return s.do(probe.Pause{})
	}
	s.following = true
	s.want = s.snap.end()
	s.snap.state.Doing, s.snap.state.Hit = probe.Running, ""
	return tea.Batch(s.do(probe.Run{Speed: speeds[s.speed]}), m.show(false))
}

// pace changes the speed of running or playing.
func (m *model) pace(faster bool) tea.Cmd {
	s := m.ses
	d := -1
	if faster {
		d = 1
	}
	last := len(speeds) - 1
	if s.Source == nil {
		last-- // a recording has no flat out
	}
	s.speed = max(min(s.speed+d, last), 0)
	m.say("speed: " + speedText(speeds[s.speed]))
	if s.snap.running() {
		return s.do(probe.Run{Speed: speeds[s.speed]})
	}
	return nil
}

func speedText(v float64) string {
	if v == 0 {
		return "flat out"
	}
	return fmt.Sprintf("%g ops/s", v)
}

// playMsg moves a recording that plays.
type playMsg struct {
	ses *session
	id  int
}

// tick times the next moment: two an op.
func (s *session) tick() tea.Cmd {
	s.playID++
	id := s.playID
	return tea.Tick(time.Duration(float64(time.Second)/speeds[s.speed]/2), func(time.Time) tea.Msg { return playMsg{s, id} })
}

func (m *model) play() tea.Cmd {
	s := m.ses
	p := s.snap.after(s.want)
	if p.none() || m.asking() {
		s.playing = false
		return nil
	}
	return tea.Batch(m.jump(p), s.tick())
}

// follow keeps to the shown op's map, or lets go of it.
func (m *model) follow() {
	s := m.ses
	if s.mapID != 0 {
		m.say(fmt.Sprintf("no longer following map #%d", s.mapID))
		s.mapID = 0
		return
	}
	s.mapID = s.scene.Op.Map.ID
	m.say(fmt.Sprintf("following map #%d: %s and %s skip the ops on other maps", s.mapID, m.glyphs.Left, m.glyphs.Right))
}

// watch adds assigns of the followed map to what is watched, or takes them away.
func (m *model) watch() tea.Cmd {
	s := m.ses
	s.assigns = !s.assigns
	ops := watched(s.snap.info.Ops)
	if s.assigns {
		m.say(fmt.Sprintf("assigns of map #%d are watched too", s.mapID))
		return s.do(probe.Watch{Ops: append(ops, gomap.Assign), MapID: s.mapID})
	}
	m.say("assigns are no longer watched")
	return s.do(probe.Watch{Ops: ops})
}

// watched are the kinds of ops that are watched, but for assigns.
func watched(names []string) []gomap.OpKind {
	ops := []gomap.OpKind{}
	for _, k := range []gomap.OpKind{gomap.Delete, gomap.Clear} {
		if slices.Contains(names, k.String()) {
			ops = append(ops, k)
		}
	}
	if len(ops) == 0 {
		ops = append(ops, gomap.Delete, gomap.Clear)
	}
	return ops
}

// interrupt pauses or cancels what goes on; a second one quits.
func (m *model) interrupt() tea.Cmd {
	s := m.ses
	again := "^C again quits"
	switch {
	case s.playing:
		s.playing = false
	case s.snap.running():
		m.say("pausing; " + again)
		return s.do(probe.Pause{})
	}
	m.say(again)
	return nil
}

// quit leaves the screen.
func (m *model) quit() tea.Cmd {
	m.quitting = true
	if m.ses != nil {
		m.ses.cancel()
	}
	if m.opening != nil {
		m.opening.cancel()
	}
	return tea.Quit
}
