// Package console keeps the notes' terminal sessions honest: each deltui command
// that a page shows is run, and what the page shows of its output must be there.
//
// A session is a fenced block of the language `console`:
//
//	```console
//	$ cd runtime-notes/programs
//	$ deltui trace --json --go 1.23.12 ./small.go
//	{"op":"delete","key":"3","changes":[{"to":"0x01","state":["full","emptyOne"],…}],…}
//	```
//
// Only `cd` and `deltui` are run, from the top of the tree. What is shown is an
// excerpt: the lines must occur, in that order, with others between them. `…`
// stands for anything. A JSON line lists the fields that matter, in any order,
// and ends an object that has more with `,…}`, an array that may have more with
// `,…]`; in a string, `…` is any text.
package console

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// A Session is one command and what is shown of its output.
type Session struct {
	Page string
	Line int // of the command
	Dir  string
	Args []string // after "deltui"
	Want []string
}

// Parse returns the sessions of a page.
func Parse(page, text string) ([]Session, error) {
	var ss []Session
	in, dir := false, "."
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			in, dir = strings.TrimSpace(line) == "```console", "."
		case !in:
		case strings.HasPrefix(line, "$ cd "):
			dir = strings.TrimSpace(line[5:])
		case strings.HasPrefix(line, "$ deltui "):
			ss = append(ss, Session{page, i + 1, dir, strings.Fields(line)[2:], nil})
		case strings.HasPrefix(line, "$ "):
			return nil, fmt.Errorf("%s:%d: only cd and deltui can be run: %s", page, i+1, line)
		case strings.TrimSpace(line) == "" || strings.TrimSpace(line) == "…":
		case len(ss) == 0 || ss[len(ss)-1].Page != page:
			return nil, fmt.Errorf("%s:%d: output of no command: %s", page, i+1, line)
		default:
			s := &ss[len(ss)-1]
			if strings.HasPrefix(line, "{") {
				if _, err := excerpt(line); err != nil {
					return nil, fmt.Errorf("%s:%d: %w", page, i+1, err)
				}
			}
			s.Want = append(s.Want, line)
		}
	}
	return ss, nil
}

const more = "…"

var (
	moreFields = regexp.MustCompile(`,?…\}`)
	moreItems  = regexp.MustCompile(`,?…\]`)
)

// excerpt reads a shown line of JSON. What stands for more becomes a field or
// an item called "…".
func excerpt(line string) (any, error) {
	s := moreFields.ReplaceAllString(line, `,"…":true}`)
	s = moreItems.ReplaceAllString(s, `,"…"]`)
	s = strings.NewReplacer("{,", "{", "[,", "[").Replace(s)
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return nil, fmt.Errorf("an excerpt that is no JSON: %w: %s", err, s)
	}
	return v, nil
}

// Match reports the first line that is shown and was not printed.
func (s Session) Match(output string) error {
	lines := strings.Split(output, "\n")
	for _, want := range s.Want {
		i := 0
		for ; i < len(lines); i++ {
			if matches(want, lines[i]) {
				break
			}
		}
		if i == len(lines) {
			return fmt.Errorf("%s:%d: deltui %s: not in its output, or not in that place:\n\t%s", s.Page, s.Line, strings.Join(s.Args, " "), want)
		}
		lines = lines[i+1:]
	}
	return nil
}

func matches(want, line string) bool {
	if !strings.HasPrefix(want, "{") {
		return text(strings.TrimSpace(want), strings.TrimSpace(line))
	}
	w, err := excerpt(want)
	if err != nil {
		return false
	}
	var got any
	if json.Unmarshal([]byte(line), &got) != nil {
		return false
	}
	return within(w, got)
}

// text matches a string that has … for anything.
func text(want, got string) bool {
	parts := strings.Split(want, more)
	if len(parts) == 1 {
		return want == got
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(got, first) {
		return false
	}
	got = got[len(first):]
	for _, p := range parts[1 : len(parts)-1] {
		_, rest, ok := strings.Cut(got, p)
		if !ok {
			return false
		}
		got = rest
	}
	return strings.HasSuffix(got, last)
}

// within reports whether all that is wanted is in what was got.
func within(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range w {
			if k == more {
				continue
			}
			if gv, ok := g[k]; !ok || !within(v, gv) {
				return false
			}
		}
		return w[more] != nil || len(w) == len(g)
	case []any:
		g, ok := got.([]any)
		if !ok {
			return false
		}
		open := len(w) > 0 && w[len(w)-1] == any(more)
		if open {
			w = w[:len(w)-1]
		} else if len(w) != len(g) {
			return false
		}
		for i, at := 0, 0; i < len(w); i, at = i+1, at+1 {
			for at < len(g) && !within(w[i], g[at]) {
				if !open {
					return false
				}
				at++
			}
			if at == len(g) {
				return false
			}
		}
		return true
	case string:
		g, ok := got.(string)
		return ok && text(w, g)
	}
	return want == got
}
