package tui

import (
	"os"
	"path"
	"regexp"
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
	lines := make(map[int]string)
	n := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		n++
		lines[n] = line
	}
	return lines
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

// findLine is the number of the first line of a function that contains text; 0
// if there is none. Where the function's head is not among the lines, any line
// will do.
func findLine(lines map[int]string, fn, text string) int {
	if len(lines) == 0 {
		return 0
	}
	first, last := 0, 0
	for n := range lines {
		if first == 0 || n < first {
			first = n
		}
		last = max(last, n)
	}
	head := funcHead(fn)
	from := first
	for n := first; n <= last; n++ {
		if head.MatchString(lines[n]) {
			from = n
			break
		}
	}
	for n := from; n <= last; n++ {
		if n > from && lines[n] == "}" && from != first {
			break
		}
		if strings.Contains(lines[n], text) {
			return n
		}
	}
	return 0
}

// funcHead matches the line that begins a function: "(*table).Delete" is
// "func (t *table) Delete(".
func funcHead(fn string) *regexp.Regexp {
	if recv, name, ok := strings.Cut(strings.TrimPrefix(fn, "("), ")."); ok {
		return regexp.MustCompile(`^func \(\w+ ` + regexp.QuoteMeta(recv) + `\) ` + regexp.QuoteMeta(name) + `\(`)
	}
	return regexp.MustCompile(`^func ` + regexp.QuoteMeta(fn) + `[(\[]`)
}
