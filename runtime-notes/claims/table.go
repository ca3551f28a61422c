package claims

import (
	"fmt"
	"regexp"
	"strings"
)

// Table makes CLAIMS.md: the table, then each claim with its paragraph and its
// evidence. teach has a section `## ID` for each claim, an opening before the
// first, and definitions of its citations at the end.
func Table(claims []Claim, teach string) (string, error) {
	opening, paragraphs, definitions := sections(teach)
	var b strings.Builder
	b.WriteString("<!-- made by `go test ./runtime-notes/claims -update` from the tests and claims/teach.md; edits here are lost -->\n\n")
	b.WriteString(opening + "\n")
	b.WriteString("| | the article says | verdict | in Go |\n|---|---|---|---|\n")
	for _, c := range claims {
		mark := ""
		if c.Recorded() {
			mark = " †"
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | **%s**%s | %s |\n", c.ID, anchor(c), c.Says, c.Over(), mark, c.Versions())
	}
	for _, c := range claims {
		text := paragraphs[c.ID]
		if text == "" {
			return "", fmt.Errorf("claim %s: no paragraph in teach.md", c.ID)
		}
		delete(paragraphs, c.ID)
		fmt.Fprintf(&b, "\n## %s\n\n> %s\n\n%s\n\n", title(c), c.Says, text)
		b.WriteString("| measured | holds |\n|---|---|\n")
		for _, p := range c.Parts {
			says := p.Says
			if p.Recorded != nil {
				says = "*[recorded](bench/RESULTS.md):* " + says
			}
			switch p.Role {
			case Note:
				says = "*besides:* " + says
			case Decides:
				says = "*decides:* " + says
			}
			fmt.Fprintf(&b, "| %s | %s |\n", says, p.Holds.Text)
		}
		fmt.Fprintf(&b, "\n`go test ./runtime-notes/claims -run 'TestClaims/%s$'`\n", c.ID)
	}
	for id := range paragraphs {
		return "", fmt.Errorf("teach.md: a paragraph for %s, which is no claim", id)
	}
	if definitions != "" {
		b.WriteString("\n" + definitions)
	}
	return b.String(), nil
}

func title(c Claim) string { return c.ID + " " + c.Over() }

// anchor is what Markdown renderers make of the claim's title.
func anchor(c Claim) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, title(c))
}

// definition is how package cite's definitions of citations begin.
var definition = regexp.MustCompile(`^\[1\.\d+ [^]]+\]: http`)

// sections cuts teach.md up.
func sections(teach string) (opening string, paragraphs map[string]string, definitions string) {
	paragraphs = map[string]string{}
	id, text := "", strings.Builder{}
	end := func() {
		s := strings.TrimSpace(text.String())
		text.Reset()
		if id == "" {
			opening = s + "\n"
			return
		}
		paragraphs[id] = s
	}
	for _, line := range strings.SplitAfter(teach, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			end()
			id = strings.TrimSpace(line[3:])
		case definition.MatchString(line):
			definitions += line
		default:
			text.WriteString(line)
		}
	}
	end()
	return opening, paragraphs, definitions
}
