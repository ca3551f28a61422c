package debuginfo

import (
	"fmt"
	"strings"
)

// Error tells what happened, and what to do about it.
func (e *Error) Error() string {
	s := e.Path
	if s != "" {
		s += ": "
	}
	s += string(e.Reason)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Advice != "" {
		s += " (" + e.Advice + ")"
	}
	return s
}

// refuse is an *Error with a formatted detail.
func refuse(path string, r Reason, advice, format string, args ...any) *Error {
	return &Error{Path: path, Reason: r, Advice: advice, Detail: fmt.Sprintf(format, args...)}
}

// missing is the refusal of a shape that the reader does not know.
func missing(path, what string, wanted, found []string) *Error {
	return refuse(path, Unknown, "run deltui doctor on the binary and report what it says",
		"%s: wanted %s; found %s", what, strings.Join(wanted, ", "), orNone(found))
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// guard turns a panic of the readers beneath into a Malformed error: debug/elf
// and debug/dwarf are not hardened against hostile files.
func guard(path, doing string, err *error) {
	if r := recover(); r != nil {
		*err = refuse(path, Malformed, "build it again", "%s: %v", doing, r)
	}
}
