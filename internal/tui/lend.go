package tui

import tea "charm.land/bubbletea/v2"

// lend gives the terminal to the shell or another program by cmd: whoever
// restores it, should we die, is told that it is not the screen's meanwhile.
func (m *model) lend(cmd tea.Cmd) tea.Cmd {
	holds := m.cfg.holds
	return func() tea.Msg {
		holds(false)
		return cmd()
	}
}

// takeBack says that it is the screen's again.
func (m *model) takeBack() tea.Msg {
	m.cfg.holds(true)
	return nil
}

// holds tells whether the terminal is the screen's.
func (c *Config) holds(on bool) {
	if c.Holds != nil {
		c.Holds(on)
	}
}

// newsMsg is a piece of news from outside of the session.
type newsMsg string

// listen waits for the next one.
func (c *Config) listen() tea.Cmd {
	news := c.News
	if news == nil {
		return nil
	}
	return func() tea.Msg { return newsMsg(<-news) }
}
