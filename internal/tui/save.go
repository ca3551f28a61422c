package tui

import (
	"errors"
	"os"

	tea "charm.land/bubbletea/v2"
)

// savedMsg is what became of saving to a file.
type savedMsg struct {
	ses  *session
	path string
	say  string
	err  error
}

// savePrompt asks where to save what is held so far.
func (m *model) savePrompt(path string) *prompt {
	return newPrompt("save to", "a file for deltui replay; the session goes on", path, nil,
		func(m *model, text string) (tea.Cmd, error) {
			if text == "" {
				return nil, nil
			}
			return m.save(text, false), nil
		})
}

// save writes the file; Update must not.
func (m *model) save(path string, force bool) tea.Cmd {
	m.ses.savedTo = path
	m.say("saving to " + path + " ...")
	ses, fn := m.ses, m.ses.Save
	return func() tea.Msg {
		say, err := fn(path, force)
		return savedMsg{ses, path, say, err}
	}
}

func (m *model) saved(msg savedMsg) {
	switch {
	case errors.Is(msg.err, os.ErrExist) && m.prompt == nil:
		p := m.savePrompt(msg.path)
		p.err = msg.path + " exists: Enter replaces it, or write another name"
		done := p.done
		p.done = func(m *model, text string) (tea.Cmd, error) {
			if text == msg.path {
				return m.save(text, true), nil
			}
			return done(m, text)
		}
		m.prompt, m.note = p, ""
	case msg.err != nil:
		m.say(msg.err.Error())
	default:
		m.say(msg.say)
	}
}
