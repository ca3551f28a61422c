package target

import "strings"

// Kind classifies what keeps a target from being built.
type Kind string

// The kinds. Usage is for flags that make no sense together; the command line
// tells it from the rest by its exit code.
const (
	Usage        Kind = "usage"
	NotFound     Kind = "not found"
	NotRunnable  Kind = "not runnable"
	NoGoFiles    Kind = "no Go files"
	NoMain       Kind = "no main package"
	NoTests      Kind = "no tests"
	NotCompiling Kind = "does not compile"
	Forbidden    Kind = "version forbidden"
	NoToolchain  Kind = "no toolchain"
	NoGo         Kind = "no go command"
	Failed       Kind = "go command failed"
)

// Error is why a target could not be built: what happened, why, and what to do.
type Error struct {
	Kind   Kind
	What   string
	Why    string
	Advice string
	// Output is what the go command or the compiler said, raw: it may hold
	// escape sequences, from a file's name for one.
	Output string
}

// Error is the whole in one line, without Output.
func (e *Error) Error() string {
	s := e.What
	if e.Why != "" {
		s += ": " + e.Why
	}
	if e.Advice != "" {
		s += "; " + e.Advice
	}
	return strings.ReplaceAll(s, "\n", " ")
}
