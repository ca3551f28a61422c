package probe

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"

	"deltui/internal/trace"
)

// programs are those that the target has started beside itself. They are not
// watched, and that is said: once for each program, not for each process.
type programs struct {
	mu   sync.Mutex
	seen []string
	told int
}

// maxPrograms bounds those that are told of by name.
const maxPrograms = 20

// saw is called while the target runs.
func (p *programs) saw(_ int, command string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name := program(command); len(p.seen) <= maxPrograms && !slices.Contains(p.seen, name) {
		p.seen = append(p.seen, name)
	}
}

// take returns what there is to tell since it was last asked.
func (p *programs) take() (notes []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ; p.told < len(p.seen); p.told++ {
		note := "started " + p.seen[p.told] + ", which is not watched"
		if p.told == maxPrograms {
			note = "started more programs, which are not watched"
		}
		notes = append(notes, "the target "+note)
	}
	return notes
}

func (l *Live) tellPrograms() {
	for _, note := range l.programs.take() {
		l.note(note)
	}
}

// program is the first word of a command line, which has quotes if there is a
// space in it.
func program(command string) string {
	if rest, ok := strings.CutPrefix(command, `"`); ok {
		if name, _, ok := strings.Cut(rest, `" `); ok {
			return name
		}
		return strings.TrimSuffix(rest, `"`)
	}
	name, _, _ := strings.Cut(command, " ")
	return name
}

// became ends the timeline of a target that has become another program.
func (l *Live) became(command string) error {
	return l.end(trace.Exited, trace.Fate{
		Ended: true, Status: -int(syscall.SIGKILL), Signal: syscall.SIGKILL.String(),
		Text: fmt.Sprintf("became another program, %s, and was ended before that ran: it can be watched by itself only", command),
	})
}
