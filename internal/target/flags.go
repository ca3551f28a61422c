package target

import (
	"errors"
	"strings"
)

// SplitFlags splits flags for the go command as GOFLAGS is split: at white
// space, where a word that begins with ' or " runs to the next one of its kind.
// Nothing is an escape.
func SplitFlags(s string) ([]string, error) {
	var words []string
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		if s == "" {
			return words, nil
		}
		if q := s[0]; q == '\'' || q == '"' {
			end := strings.IndexByte(s[1:], q)
			if end < 0 {
				return nil, errors.New("a quote " + string(q) + " is not closed")
			}
			words = append(words, s[1:1+end])
			s = s[end+2:]
			continue
		}
		end := strings.IndexAny(s, " \t\r\n")
		if end < 0 {
			end = len(s)
		}
		words = append(words, s[:end])
		s = s[end:]
	}
}
