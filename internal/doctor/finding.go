package doctor

import (
	"fmt"
	"io"
	"strings"

	"deltui/internal/visible"
)

// Status is how well something is.
type Status string

// The statuses. Warn leaves the main use possible, Fail does not.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Finding is one line of the report.
type Finding struct {
	Status Status `json:"status"`
	Name   string `json:"name"`           // what was looked at: ptrace
	Text   string `json:"text"`           // what was found
	Mend   string `json:"mend,omitempty"` // what to do about it
}

func ok(name, format string, args ...any) Finding {
	return Finding{Status: OK, Name: name, Text: fmt.Sprintf(format, args...)}
}

func warn(name, mend, format string, args ...any) Finding {
	return Finding{Status: Warn, Name: name, Mend: mend, Text: fmt.Sprintf(format, args...)}
}

func fail(name, mend, format string, args ...any) Finding {
	return Finding{Status: Fail, Name: name, Mend: mend, Text: fmt.Sprintf(format, args...)}
}

// Well reports whether nothing has failed.
func Well(fs []Finding) bool {
	for _, f := range fs {
		if f.Status == Fail {
			return false
		}
	}
	return true
}

// Print writes findings as text. A status has a word of its own; colour only
// repeats it.
func Print(w io.Writer, fs []Finding, color bool) error {
	wide := 0
	for _, f := range fs {
		wide = max(wide, len(f.Name))
	}
	var b strings.Builder
	for _, f := range fs {
		status := fmt.Sprintf("%-4s", f.Status)
		if color {
			status = "\x1b[" + map[Status]string{OK: "32", Warn: "33", Fail: "1;31"}[f.Status] + "m" + status + "\x1b[0m"
		}
		fmt.Fprintf(&b, "%s  %-*s  %s\n", status, wide, f.Name, visible.String(f.Text))
		if f.Mend != "" {
			fmt.Fprintf(&b, "%*s  → %s\n", 6+wide, "", visible.String(f.Mend))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
