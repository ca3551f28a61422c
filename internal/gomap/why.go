package gomap

import (
	"fmt"
	"strconv"
	"strings"
)

// explanation puts an op's Why together, sentence by sentence.
type explanation struct{ strings.Builder }

func (w *explanation) say(format string, args ...any) {
	if w.Len() > 0 {
		w.WriteByte(' ')
	}
	fmt.Fprintf(w, format, args...)
}

// plural is "1 cell", "3 cells".
func plural[N int | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// nilMap explains an op on a nil map.
func (c *comparison) nilMap() {
	d := c.d
	if c.b.Root != 0 || c.a.Root != 0 {
		d.Why = "The map's header is known at one of the two moments only: what happened to it cannot be told."
		return
	}
	d.FoundKnown = c.op == Delete
	switch c.op {
	case Delete:
		d.Rule, d.Why = "delete.nil", "The map was nil, so there was nothing to delete: the call returned at once and did not panic."
	case Assign:
		d.Rule, d.Why = "assign.nil", "The map was nil and had no memory to put an entry in: the runtime panicked."
	case Clear:
		d.Rule, d.Why = "clear.nil", "The map was nil, so there was nothing to clear: the call returned at once."
	}
}

// nothing explains an op of any layout that left every control byte as it was,
// and reports whether it did.
func (c *comparison) nothing(w *explanation) bool {
	d := c.d
	used := c.b.Used
	switch {
	case c.op == Delete && used == 0 && c.a.Used == 0:
		d.Rule = "delete.empty"
		w.say("The map was empty, so the call returned before it looked at any cell.")
	case c.op == Delete && c.a.Used == used:
		d.Rule = "delete.absent"
		w.say("The key was not in the map: no entry was deleted, and the count stayed %d.", used)
	case c.op == Clear && used == 0 && c.a.Used == 0:
		d.Rule = "clear.empty"
		w.say("The map's count was 0, so the call returned without touching a cell.")
	case c.op == Assign && c.a.Used == used:
		d.Rule = "assign.update"
		w.say("The key was in the map already: its elem was replaced, and no control byte changed.")
	default:
		return false
	}
	return true
}

// unknown says what is not explained.
func (c *comparison) unknown(w *explanation) {
	n := 0
	for i := range c.found {
		if c.found[i].Rule == "" {
			n++
		}
	}
	switch {
	case n > 0:
		w.say("Not explained: no rule accounts for %s.", plural(n, "change"))
	case c.d.Rule == "":
		c.d.Unexplained++ // by no byte at all
		w.say("Not explained: the count went from %d to %d, and the control byte that belongs to that was not seen to change%s.", c.b.Used, c.a.Used, c.seen())
	}
}

// seen tells how much of the map was read.
func (c *comparison) seen() string {
	n := 0
	for i := range c.a.Rows {
		if c.a.Rows[i].Read {
			n++
		}
	}
	if uint64(n) >= c.a.RowsTotal {
		return ""
	}
	return fmt.Sprintf(" (%d of %d rows were read)", n, c.a.RowsTotal)
}

// seed says that the map got a new hash seed.
func (c *comparison) seed(w *explanation) {
	if !c.reseeded() {
		return
	}
	if c.op == Clear {
		w.say("The map got a new hash seed.")
		return
	}
	w.say("The map holds nothing now, so it got a new hash seed.")
}

func plainNumber(n uint64) string { return strconv.FormatUint(n, 10) }

// title makes the first letter of a row's name large.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
