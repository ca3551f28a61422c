package live

import (
	"slices"
	"strings"
	"syscall"

	"deltui/dlvclient"
	"deltui/internal/trace"
)

// maxPrograms bounds the programs that are told of by name.
const maxPrograms = 20

// tellSpawned tells of what the target has started beside itself, which is not
// watched: once for each program, not for each process.
func (l *Loop) tellSpawned(spawned []dlvclient.Spawned) {
	for _, s := range spawned {
		name := program(s.Command)
		switch {
		case slices.Contains(l.programs, name):
			continue
		case len(l.programs) == maxPrograms:
			l.note("the target started more programs, which are not watched")
			return
		}
		l.programs = append(l.programs, name)
		l.note("the target started " + name + ", which is not watched")
	}
}

// program is the first word of a command line; a word with a space in it has
// quotes.
func program(command string) string {
	if rest, ok := strings.CutPrefix(command, `"`); ok {
		name, _, _ := strings.Cut(rest, `" `)
		return strings.TrimSuffix(name, `"`)
	}
	name, _, _ := strings.Cut(command, " ")
	return name
}

// becameAnother ends the timeline of a target that has become another program.
func (l *Loop) becameAnother(command string) error {
	l.parted = true
	return l.end(trace.Exited, trace.Fate{
		Ended: true, Killed: true, Status: -int(syscall.SIGKILL), Signal: syscall.SIGKILL.String(),
		Text: "became another program, and was ended before that ran: " + command,
	})
}
