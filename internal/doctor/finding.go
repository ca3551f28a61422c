package doctor

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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

// Style is how findings are printed.
type Style struct {
	Color bool
	// Width is where lines are broken, in columns; 0 is nowhere.
	Width int
}

// Page is the findings as a page to be read, of lines of at most width columns:
// what they come to, and then each of them.
func Page(fs []Finding, width int) string {
	var failed, warned int
	for _, f := range fs {
		switch f.Status {
		case Fail:
			failed++
		case Warn:
			warned++
		}
	}
	var b strings.Builder
	switch {
	case failed > 0:
		fmt.Fprintf(&b, "# %s in the way of watching: → says what mends it\n\n", things(failed))
	case warned > 0:
		fmt.Fprintf(&b, "# Programs can be watched here; %s could be better\n\n", things(warned))
	default:
		b.WriteString("# All is well: programs can be watched here\n\n")
	}
	_ = Print(&b, fs, Style{Width: width}) // a Builder takes all
	return b.String()
}

func things(n int) string {
	if n == 1 {
		return "one thing"
	}
	return fmt.Sprintf("%d things", n)
}

// broken breaks a text at spaces into lines of width columns; a word that is
// longer stands in a line of its own.
func broken(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// Print writes findings as text. A status has a word of its own; colour only
// repeats it.
func Print(w io.Writer, fs []Finding, style Style) error {
	wide := 0
	for _, f := range fs {
		wide = max(wide, len(f.Name))
	}
	var b strings.Builder
	for _, f := range fs {
		status := fmt.Sprintf("%-4s", f.Status)
		if style.Color {
			status = "\x1b[" + map[Status]string{OK: "32", Warn: "33", Fail: "1;31"}[f.Status] + "m" + status + "\x1b[0m"
		}
		hang := fmt.Sprintf("%*s  ", 6+wide, "")
		parts := func(text string, room int) []string {
			if text = visible.String(text); style.Width == 0 {
				return []string{text}
			}
			return broken(text, max(room, 20))
		}
		fmt.Fprintf(&b, "%s  %-*s  %s\n", status, wide, f.Name, strings.Join(parts(f.Text, style.Width-len(hang)), "\n"+hang))
		if f.Mend != "" {
			fmt.Fprintf(&b, "%s→ %s\n", hang, strings.Join(parts(f.Mend, style.Width-len(hang)-2), "\n"+hang+"  "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
