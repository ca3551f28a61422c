// Package cite keeps the notes' sources honest: each line of Go's source that a
// page points at is looked up, in that version's tree, and must say there what
// the page says it says.
//
// A page cites in the text, in square brackets, with the version, the file and
// the line, and defines each citation once, at its end, as a Markdown link:
//
//	…the cell becomes a tombstone [1.26 maps/table.go:477].
//
//	[1.26 maps/table.go:477]: https://github.com/golang/go/blob/go1.26.8/src/internal/runtime/maps/table.go#L477 "g.ctrls().set(i, ctrlDeleted)"
//
// So plain text reads as a note in brackets, a renderer makes it a link to the
// very line, and its tooltip is that line. The file in the brackets is as much
// of the path's end as tells it apart; `:473-479` cites several lines, of which
// the first is quoted.
//
// The package never judges whether a line supports a sentence. That is what a
// reader is for, and why the line is one click away.
package cite

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A Citation is one definition at the end of a page.
type Citation struct {
	Page    string // the page's name, for messages
	Label   string // what stands in the brackets
	Version string // 1.26.8
	Path    string // below the Go tree's root: src/runtime/map.go
	First   int    // line
	Last    int    // line; First if it is one line
	Quote   string // words that stand on line First
}

var (
	label      = regexp.MustCompile(`\[(1\.\d+) ([\w./()*-]+\.\w+):(\d+)(?:-(\d+))?\]`)
	definition = regexp.MustCompile(`^\[([^]]+)\]: https://github\.com/golang/go/blob/go([\d.]+)/(\S+?)#L(\d+)(?:-L(\d+))? "(.*)"$`)
	begins     = regexp.MustCompile(`^\[1\.\d+ [^]]+\]: http`)
)

// Parse returns the citations of a page and what is wrong with their form: one
// used and not defined, defined and not used, or defined as something else.
func Parse(page, text string) (cs []Citation, problems []error) {
	body, defs := split(text)
	used := map[string]bool{}
	for _, m := range label.FindAllString(body, -1) {
		used[m[1:len(m)-1]] = true
	}
	defined := map[string]bool{}
	for _, line := range defs {
		m := definition.FindStringSubmatch(line)
		if m == nil {
			problems = append(problems, fmt.Errorf("%s: not a citation's definition: %s", page, line))
			continue
		}
		c := Citation{Page: page, Label: m[1], Version: m[2], Path: m[3], Quote: unescape(m[6])}
		c.First, _ = strconv.Atoi(m[4])
		c.Last = c.First
		if m[5] != "" {
			c.Last, _ = strconv.Atoi(m[5])
		}
		if err := c.agrees(); err != nil {
			problems = append(problems, fmt.Errorf("%s: [%s]: %w", page, c.Label, err))
		}
		if defined[c.Label] {
			problems = append(problems, fmt.Errorf("%s: [%s] is defined twice", page, c.Label))
		}
		if !used[c.Label] {
			problems = append(problems, fmt.Errorf("%s: [%s] is defined and never used", page, c.Label))
		}
		defined[c.Label] = true
		cs = append(cs, c)
	}
	for l := range used {
		if !defined[l] {
			problems = append(problems, fmt.Errorf("%s: [%s] is used and not defined", page, l))
		}
	}
	return cs, problems
}

// split parts a page into its text and the definitions among its lines.
func split(text string) (body string, defs []string) {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if begins.MatchString(line) {
			defs = append(defs, strings.TrimRight(line, "\n"))
			continue
		}
		b.WriteString(line)
	}
	return b.String(), defs
}

// agrees checks that the label in the brackets says what the link says.
func (c Citation) agrees() error {
	m := label.FindStringSubmatch("[" + c.Label + "]")
	if m == nil {
		return fmt.Errorf("a label is a version, a file and a line: [1.26 maps/table.go:477]")
	}
	first, _ := strconv.Atoi(m[3])
	last := first
	if m[4] != "" {
		last, _ = strconv.Atoi(m[4])
	}
	switch {
	case Minor(c.Version) != m[1]:
		return fmt.Errorf("links to go%s", c.Version)
	case c.Path != m[2] && !strings.HasSuffix(c.Path, "/"+m[2]):
		return fmt.Errorf("links to %s", c.Path)
	case c.First != first || c.Last != last:
		return fmt.Errorf("links to lines %d to %d", c.First, c.Last)
	case strings.TrimSpace(c.Quote) == "":
		return fmt.Errorf("quotes nothing")
	}
	return nil
}

// Minor is a version without its patch: 1.26 for 1.26.8.
func Minor(version string) string {
	if p := strings.SplitN(version, ".", 3); len(p) == 3 {
		return p[0] + "." + p[1]
	}
	return version
}

// Check looks the citation up in a Go tree.
func (c Citation) Check(goroot string) error {
	lines, err := read(goroot, c.Path)
	if err != nil {
		return fmt.Errorf("%s: [%s]: %w", c.Page, c.Label, err)
	}
	if c.First < 1 || c.Last < c.First || c.Last > len(lines) {
		return fmt.Errorf("%s: [%s]: go%s's %s has %d lines", c.Page, c.Label, c.Version, c.Path, len(lines))
	}
	if !strings.Contains(squeeze(lines[c.First-1]), squeeze(c.Quote)) {
		return fmt.Errorf("%s: [%s]: that line of go%s says\n\t%s\nand not\n\t%s", c.Page, c.Label, c.Version, squeeze(lines[c.First-1]), c.Quote)
	}
	return nil
}

func read(goroot, path string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(goroot, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	return strings.Split(string(b), "\n"), nil
}

// squeeze makes each run of white space one space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s)
}
