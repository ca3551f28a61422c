package tui

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/probe"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/panel"
)

// Copying: pictures as text, and the op as JSON. OSC 52 brings them to the
// clipboard of the terminal that one sits at, also through ssh.

// copyPanel copies the picture of the panel that has the focus.
func (m *model) copyPanel() tea.Cmd {
	r, ok := m.frame.panels[m.focus]
	if !ok {
		return nil
	}
	text := m.picture().Plain(r)
	if m.frame.narrow {
		text = m.picture().Plain(canvas.Rect{X: 0, Y: r.Y, W: r.W, H: r.H})
	}
	m.say(fmt.Sprintf("copied the %s panel: %d lines", m.focus, strings.Count(text, "\n")))
	return tea.SetClipboard(text)
}

// copyScreen copies the picture of the whole screen.
func (m *model) copyScreen() tea.Cmd {
	text := m.picture().Plain(canvas.Rect{W: m.w, H: m.h})
	m.say("copied the screen")
	return tea.SetClipboard(text)
}

// picture is the screen as it is without what lies over it.
func (m *model) picture() *canvas.Canvas {
	c := canvas.New(m.w, m.h, m.cfg.Options.ASCII)
	was, over, note, prompt := m.canvas, m.overlay, m.note, m.prompt
	m.canvas, m.overlay, m.note, m.prompt = c, nil, "", nil
	m.drawSession(c.Area())
	m.canvas, m.overlay, m.note, m.prompt = was, over, note, prompt
	return c
}

// copyJSON copies the op as a line of the JSON contract.
func (m *model) copyJSON() tea.Cmd {
	op, fn := m.ses.scene.Op, m.ses.JSON
	return func() tea.Msg {
		line, err := fn(op)
		if err != nil {
			return noteMsg("the op cannot be told as JSON: " + err.Error())
		}
		return copiedMsg{string(line), fmt.Sprintf("copied op %d as JSON: %d bytes", op.Seq, len(line))}
	}
}

// copiedMsg is a text for the clipboard, and what to say of it.
type copiedMsg struct{ text, say string }

// editor is the user's editor as a command line, or "".
func editor() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if e := strings.TrimSpace(os.Getenv(name)); e != "" {
			return e
		}
	}
	return ""
}

// edit opens the line of source in the user's editor.
func (m *model) edit() tea.Cmd {
	spot := m.ses.spot
	if _, err := os.Stat(spot.File); err != nil {
		m.say("the file is not here: " + spot.File)
		return nil
	}
	args := editorArgs(editor(), spot)
	return m.lend(tea.ExecProcess(exec.Command(args[0], args[1:]...), func(err error) tea.Msg {
		m.takeBack()
		if err != nil {
			return noteMsg("the editor: " + err.Error())
		}
		return noteMsg("")
	}))
}

// editorArgs is the command that opens a file at a line. Editors say that in
// three ways.
func editorArgs(line string, spot panel.Spot) []string {
	args := strings.Fields(line)
	at := fmt.Sprintf("%s:%d", spot.File, spot.Line)
	switch filepath.Base(args[0]) {
	case "code", "codium", "cursor":
		return append(args, "--goto", at)
	case "hx", "helix", "subl", "zed", "micro", "kak":
		return append(args, at)
	}
	return append(args, fmt.Sprintf("+%d", spot.Line), spot.File)
}

// typed gives a key to the target, as the bytes that a terminal would send.
func (m *model) typed(k tea.KeyPressMsg) tea.Cmd {
	var b string
	switch name := k.String(); {
	case name == "esc":
		m.typing = false
		return nil
	case name == "ctrl+c":
		m.typing = false
		m.say("typing ended; ^C again quits, i types on")
		return nil
	case name == "enter":
		b = "\n"
	case name == "tab":
		b = "\t"
	case name == "backspace":
		b = "\x7f"
	case name == "ctrl+d":
		b = "\x04"
	case name == "ctrl+u":
		b = "\x15"
	case name == "ctrl+w":
		b = "\x17"
	case name == "up":
		b = "\x1b[A"
	case name == "down":
		b = "\x1b[B"
	case name == "right":
		b = "\x1b[C"
	case name == "left":
		b = "\x1b[D"
	default:
		b = k.Text
	}
	if b == "" {
		return nil
	}
	return m.ses.do(probe.WriteStdin{Data: []byte(b)})
}
