package gomap

import (
	"regexp"
	"testing"
)

// now are the words that say of an op that it is going on: beside a map as it is
// after the op, "has 2 empty cells" would be wrong.
var now = regexp.MustCompile(`\b(becomes?|takes|gets|goes from|stays?|keeps?|moves? to|has \d+ empty|has no empty|is (nil|not emptyRest|not in the map|in the map|full|given|set|reset)|are full|zeroes|makes|links|allocates|replaced, and no control byte changes)\b`)

// general are sentences on what the runtime always does, which have no tense.
var general = regexp.MustCompile(`the map never becomes small again`)

// TestTense holds every sentence on an op in the past.
func TestTense(t *testing.T) {
	for _, c := range comparisons {
		l := classicLayout()
		if c.kind != Classic {
			l = swissLayout(c.kind == SwissSplit)
		}
		why := general.ReplaceAllString(Compare(c.op, draw(t, l, c.before), draw(t, l, c.after)).Why, "")
		if w := now.FindString(why); w != "" {
			t.Errorf("%s: %q is not past: %s", c.name, w, why)
		}
	}
}
