package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// stage is what the whole screen is about.
type stage int

const (
	onStart   stage = iota // the list of items
	onOpening              // long work before a session
	onPage                 // a text of the start screen
	onSession
)

// model is the one tea.Model. Its parts are plain structs; what they do with
// keys and how they draw stands in their own files.
type model struct {
	cfg Config
	ctx context.Context

	stage   stage
	ses     *session
	opening *opening
	begun   []*opening // all that may still be at work
	start   startList
	page    pageView

	glyphs *look.Glyphs
	depth  look.Depth
	light  bool
	styles []string
	w, h   int

	mapv    panel.MapView
	why     panel.WhyView
	brief   panel.WhyView
	bytes   panel.BytesView
	stack   panel.StackView
	source  panel.SourceView
	outp    panel.OutputView
	focus   panel.ID
	zoom    bool
	raw     bool
	typing  bool // keys go to the target
	overlay overlay
	prompt  *prompt
	keys    *keyMap

	note        string // shown until the next key
	offer       *offer // that the last key made
	interrupted bool   // the last key was ^C
	quitting    bool
	err         error // what Run returns

	frame   frame
	needs   needs // on a screen of this size
	lit     bool  // what changed pulses
	pulseID int
	pulses  time.Duration // 0 for none
	buttons []button      // of the footer
	canvas  *canvas.Canvas
	view    tea.View
	dirty   bool
	draws   int  // views computed, for tests
	hold    bool // tests poll by themselves
}

// newModel is the screen before anything is known of the terminal.
func newModel(ctx context.Context, cfg Config) *model {
	m := &model{cfg: cfg, ctx: ctx, depth: look.TrueColor, pulses: pulseTime, focus: panel.Map, glyphs: &look.Rich, dirty: true}
	if cfg.Options.ASCII {
		m.glyphs = &look.ASCII
	}
	if cfg.Options.NoColor {
		m.depth = look.NoColor
	}
	m.keys = newKeyMap(m.glyphs)
	m.canvas = canvas.New(0, 0, cfg.Options.ASCII)
	m.restyle()
	switch {
	case cfg.Session != nil:
		m.enter(cfg.Session)
	case cfg.Open != nil:
		m.stage = onOpening
	}
	return m
}

func (m *model) restyle() {
	m.styles = look.Styles(m.depth, m.light)
	m.dirty = true
}

// enter puts a session on the screen.
func (m *model) enter(ses *Session) {
	m.ses = start(m.ctx, ses)
	m.stage, m.focus, m.zoom, m.raw, m.typing = onSession, panel.Map, false, false, false
	m.overlay, m.prompt, m.needs = nil, nil, needs{}
	m.mapv, m.stack = panel.MapView{}, panel.StackView{}
	if ses.Note != "" {
		m.say(ses.Note)
	}
}

// begin is what a session that was entered does first.
func (m *model) begin() tea.Cmd {
	s := m.ses
	first := func() tea.Msg { return pollMsg{s, observe(s.Timeline, s.Source, &snapshot{}, 1)} }
	cmds := []tea.Cmd{first, s.run()}
	if m.w > 0 {
		cmds = append(cmds, m.resized())
	}
	return tea.Batch(cmds...)
}

// run runs the source, if there is one.
func (s *session) run() tea.Cmd {
	if s.Run == nil {
		close(s.done)
		return nil
	}
	return func() tea.Msg {
		if !s.begun.CompareAndSwap(false, true) {
			return nil // the screen has been closed already
		}
		defer close(s.done)
		if s.takesSize() {
			// A program may ask for its size first of all.
			select {
			case <-s.sized:
				_ = s.tellSize()
			case <-s.ctx.Done():
			}
		}
		return doneMsg{s, s.Run(s.ctx)}
	}
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, m.cfg.listen()}
	switch m.stage {
	case onSession:
		cmds = append(cmds, m.begin())
	case onOpening:
		cmds = append(cmds, m.open(m.cfg.Title, m.cfg.Open, false))
	}
	return tea.Batch(cmds...)
}

// env is what panel id draws with.
func (m *model) env(id panel.ID) *panel.Env {
	return &panel.Env{
		G: m.glyphs, Scene: m.ses.scene, Focused: m.focus == id, Alone: len(m.frame.panels) == 1,
		Raw: m.raw, Asking: m.asking(), Lit: m.lit, Maker: m.maker(),
	}
}
