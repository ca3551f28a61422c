package tui

import (
	"os"
	"path"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
	"deltui/internal/trace"
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

// ruleSources are the places that show a rule, those in the function that the
// op called first.
func ruleSources(r *gomap.Rule, fn string) []gomap.RuleSource {
	name := fn[strings.LastIndexByte(fn, '.')+1:]
	srcs := slices.Clone(r.Sources)
	slices.SortStableFunc(srcs, func(a, b gomap.RuleSource) int {
		return rank(a.Func, name) - rank(b.Func, name)
	})
	return srcs
}

func rank(fn, name string) int {
	switch {
	case fn == name || strings.HasSuffix(fn, "_"+name):
		return 0
	case strings.HasPrefix(fn, "("): // what all entry points call
		return 1
	}
	return 2
}

// ruleFile is a rule's file as the compiler recorded such files in this target:
// told from a runtime frame's path, else from GOROOT.
func ruleFile(op *trace.Op, info *trace.Info, file string) string {
	for i := range op.Stack {
		f := &op.Stack[i]
		for _, dir := range []string{"/src/runtime/", "/src/internal/runtime/", "/src/reflect/"} {
			if at := strings.Index(f.File, dir); f.Std && at >= 0 {
				return f.File[:at] + "/src/" + file
			}
		}
	}
	return path.Join(info.Goroot, "src", file)
}
