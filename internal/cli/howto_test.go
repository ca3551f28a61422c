package cli

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHowTo: the page fits 80 columns, and each command on it is one that there
// is, with flags that it has.
func TestHowTo(t *testing.T) {
	n := 0
	for line := range strings.SplitSeq(howTo, "\n") {
		if utf8.RuneCountInString(line) > pageWidth {
			t.Errorf("wider than %d: %s", pageWidth, line)
		}
		words, ok := strings.CutPrefix(line, "    deltui ")
		if !ok {
			continue
		}
		n++
		cmd, args, err := New().root().Find(strings.Fields(words))
		if err == nil {
			err = cmd.ParseFlags(args)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 8 {
		t.Errorf("%d commands", n)
	}
}
