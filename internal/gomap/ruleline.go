package gomap

import (
	"slices"
	"strings"
)

// Lines are the lines of a file's text by their numbers, from 1.
func Lines(text string) map[int]string {
	ls := strings.Split(text, "\n")
	lines := make(map[int]string, len(ls))
	for i, l := range ls {
		lines[i+1] = l
	}
	return lines
}

// FindLine returns the number of the line that s stands for, among lines of
// s.File by their numbers: the first of s.Func that contains s.Text, or the
// function's own where Text is empty. 0: not there.
//
// The lines may be all of the file's, or excerpts. In an excerpt that does not
// show of which function its first lines are, a line with the text will do, if
// nothing better is found elsewhere.
func (s RuleSource) FindLine(lines map[int]string) int {
	const (
		outside = iota // of s.Func
		inside
		unknown
	)
	at, guess, last := outside, 0, 0
	numbers := make([]int, 0, len(lines))
	for n := range lines {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		line := lines[n]
		if n != last+1 { // something is left out
			at = unknown
		}
		last = n
		switch {
		case isHead(line):
			if at = outside; s.begins(line) {
				at = inside
			}
		case strings.HasPrefix(line, "}"):
			at = outside
			continue
		case s.Text == "":
			continue
		}
		if at == outside || !strings.Contains(line, s.Text) {
			continue
		}
		if at == inside {
			return n
		}
		if guess == 0 {
			guess = n
		}
	}
	return guess
}

// isHead reports whether a line begins a function. One without a body declares
// what another package defines.
func isHead(line string) bool {
	return strings.HasPrefix(line, "func ") && strings.HasSuffix(strings.TrimRight(line, " \r\n"), "{")
}

// begins reports whether a line that begins a function begins s.Func:
// (*table).Delete is func (t *table) Delete(.
func (s RuleSource) begins(line string) bool {
	if recv, method, ok := strings.Cut(strings.TrimPrefix(s.Func, "("), ")."); ok {
		return strings.HasPrefix(line, "func (") && strings.Contains(line, " "+recv+") "+method+"(")
	}
	return strings.HasPrefix(line, "func "+s.Func+"(") || strings.HasPrefix(line, "func "+s.Func+"[")
}
