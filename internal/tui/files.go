package tui

import (
	"os"
	"path"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
)

// fileMsg is a file's lines, by number; none where it is not at hand.
type fileMsg struct {
	ses   *session
	file  string
	lines map[int]string
}

// maxFile bounds the source files that are read, maxFiles how many are kept.
const (
	maxFile  = 4 << 20
	maxFiles = 64
)

// read loads a file's lines: from disk in a live session, else, and for a
// recording always, what the timeline holds of it.
func (s *session) read(file string) tea.Cmd {
	if len(s.files) >= maxFiles {
		clear(s.files)
	}
	s.files[file] = map[int]string{} // until it comes: no news
	tl, live := s.Timeline, s.Source != nil
	return func() tea.Msg {
		if live {
			if lines := readFile(file); lines != nil {
				return fileMsg{s, file, lines}
			}
		}
		lines := tl.Source(file)
		if len(lines) == 0 {
			lines = nil
		}
		return fileMsg{s, file, lines}
	}
}

func readFile(file string) map[int]string {
	if !path.IsAbs(file) || path.Ext(file) != ".go" && path.Ext(file) != ".s" {
		return nil
	}
	st, err := os.Stat(file)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxFile {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return gomap.Lines(string(text))
}
