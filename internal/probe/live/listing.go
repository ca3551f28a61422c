package live

import (
	"bufio"
	"os"
	"path/filepath"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// listings reads the lines of source files around the frames and rules that a screen
// will show, and gives them to the sink, away from the target's stops.
type listings struct {
	sink *lockedSink
	seen map[place]bool
	jobs chan func()
	done chan struct{}
}

type place struct {
	file string
	line int
}

const (
	around    = 30      // lines before and after: as many as a tall screen shows of a file
	maxSource = 4 << 20 // bytes of a file
)

func newListings(sink *lockedSink) *listings {
	s := &listings{sink: sink, seen: make(map[place]bool), jobs: make(chan func(), 1024), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

func (s *listings) close() {
	close(s.jobs)
	<-s.done
}

// frames asks for the lines around the frames of a stack. It never waits: where
// the queue is full they come with a later op.
func (s *listings) frames(fs []trace.Frame) {
	for i := range fs {
		p := place{fs[i].File, fs[i].Line}
		if s.seen[p] || p.line <= 0 {
			continue
		}
		select {
		case s.jobs <- func() { s.give(p.file, p.line-around, p.line+around) }:
			s.seen[p] = true
		default:
		}
	}
}

// rules asks for the lines that show the rules of a layout.
func (s *listings) rules(kind gomap.LayoutKind, goroot string) {
	if goroot == "" {
		return
	}
	s.jobs <- func() {
		for _, r := range gomap.Rules() {
			for _, src := range r.SourcesFor(kind) {
				file := filepath.Join(goroot, "src", filepath.FromSlash(src.File))
				if at := lineOf(file, src); at > 0 {
					s.give(file, at-around, at+around)
				}
			}
		}
	}
}

func lineOf(file string, src gomap.RuleSource) int {
	fi, err := os.Stat(file)
	if err != nil || fi.Size() > maxSource {
		return 0
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	return src.FindLine(gomap.Lines(string(text)))
}

func (s *listings) give(file string, from, to int) {
	fi, err := os.Stat(file)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > maxSource {
		return
	}
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	from = max(1, from)
	var lines []string
	sc := bufio.NewScanner(f)
	for n := 1; n <= to && sc.Scan(); n++ {
		if n >= from {
			lines = append(lines, sc.Text())
		}
	}
	if len(lines) > 0 {
		_ = s.sink.Source(file, from, lines)
	}
}
