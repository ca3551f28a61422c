package canvas

import "strings"

// Wrap breaks s into lines of at most w columns: at newlines, else at blanks,
// and within a word only where the word alone is too long.
func (c *Canvas) Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for para := range strings.SplitSeq(s, "\n") {
		line, used := "", 0
		for word := range strings.FieldsSeq(para) {
			ww := c.Width(word)
			if used > 0 && used+1+ww <= w {
				line, used = line+" "+word, used+1+ww
				continue
			}
			if used > 0 {
				lines = append(lines, line)
			}
			for ww > w {
				head := c.head(word, w)
				lines = append(lines, head)
				word = word[len(head):]
				ww = c.Width(word)
			}
			line, used = word, ww
		}
		lines = append(lines, line)
	}
	return lines
}

// head is the longest beginning of s that fits w columns, at least one byte.
func (c *Canvas) head(s string, w int) string {
	end := 0
	for i := range s {
		if i > 0 && c.Width(s[:i]) > w {
			break
		}
		end = i
	}
	if c.Width(s) <= w {
		end = len(s)
	}
	return s[:max(end, 1)]
}
