package visible

import (
	"fmt"
	"unicode/utf8"
)

// DefaultMaxLine is how many bytes of a line [Lines] keeps.
const DefaultMaxLine = 4096

// Lines makes a stream visible line by line. It is an io.Writer that never
// fails. A line ends at LF, CR LF, or a lone CR (a progress display); of a
// longer line than Max bytes the rest is counted and not kept, so that memory
// stays bounded whatever comes.
//
// Lines is not safe for concurrent use.
type Lines struct {
	Max  int               // bytes of a line that are kept; 0 is DefaultMaxLine
	Tab  int               // columns to expand tabs to; 0 keeps them
	Emit func(line string) // called for each line that is complete

	line    []byte
	cut     int // bytes of this line that were not kept
	sawCR   bool
	dropped uint64
}

// Write takes the next bytes of the stream.
func (l *Lines) Write(b []byte) (int, error) {
	limit := l.limit()
	for _, c := range b {
		if c == '\n' && l.sawCR { // CR LF: the CR has ended the line
			l.sawCR = false
			continue
		}
		l.sawCR = c == '\r'
		switch {
		case c == '\n' || c == '\r':
			l.end()
		case len(l.line) < limit:
			l.line = append(l.line, c)
		default:
			l.cut++
			l.dropped++
		}
	}
	return len(b), nil
}

// Partial is the line that has begun and not ended, made visible: a prompt.
func (l *Lines) Partial() string {
	if len(l.line) == 0 {
		return ""
	}
	line := l.line
	if l.cut == 0 {
		line = wholeRunes(line)
	}
	return l.text(line)
}

// Flush ends the line that has begun, if there is one.
func (l *Lines) Flush() {
	if len(l.line) > 0 {
		l.end()
	}
}

// Dropped is how many bytes were not kept so far.
func (l *Lines) Dropped() uint64 { return l.dropped }

func (l *Lines) limit() int {
	if l.Max > 0 {
		return l.Max
	}
	return DefaultMaxLine
}

func (l *Lines) end() {
	text := l.text(l.line)
	l.line, l.cut = l.line[:0], 0
	if l.Emit != nil {
		l.Emit(text)
	}
}

func (l *Lines) text(line []byte) string {
	if l.cut > 0 {
		line = wholeRunes(line) // the cut may have split a character
		return Line(string(line), l.Tab) + fmt.Sprintf(" … (%d bytes more)", l.cut+len(l.line)-len(line))
	}
	return Line(string(line), l.Tab)
}

// wholeRunes cuts off the beginning of a character whose end is missing.
func wholeRunes(b []byte) []byte {
	for i := 1; i <= utf8.UTFMax-1 && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
