package gomap

import (
	"fmt"
	"strings"
)

func (e *evacuation) classicWhy() {
	var w explanation
	c, d := e.comparison, e.d
	first, _ := c.b.Field("buckets")
	switch {
	case c.op == Assign && first == 0 && c.a.Used > 0:
		d.Rule = "classic.assign.first-bucket"
		w.say("The map had no bucket yet: the runtime allocated one, and the entry took its first cell.")
	case e.grew && e.sameSize:
		d.Rule = "classic.assign.same-size-grow"
		w.say("There were too many overflow buckets for %s: the map got %s anew, into which the entries are packed, a few old buckets with each delete and assign.",
			entries(c.b.Used), e.buckets(e.b1))
	case e.grew && e.b0 == 0:
		d.Rule = "classic.assign.grow"
		w.say("The one bucket holds no more than 8 entries: the map got %s, and the entries move.", e.buckets(e.b1))
	case e.grew:
		d.Rule = "classic.assign.grow"
		w.say("%s in %s would have been more than 6.5 to a bucket: the map got %s. The entries follow, a few old buckets with each delete and assign.",
			title(entries(c.b.Used+1)), e.buckets(e.b0), e.buckets(e.b1))
	}
	e.movedWhy(&w)
	switch {
	case d.Rule == "classic.assign.first-bucket":
	case e.done != "":
		if d.Rule == "" {
			d.Rule = e.done
		}
		e.ownWhy(&w)
	case d.Rule != "":
	case c.op == Clear && len(c.found) > 0 && c.a.Used == 0:
		d.Rule = "classic.clear"
		w.say("Clear zeroed the bucket array: %s gone, every cell emptyRest (00). The map kept %s.", entries(c.b.Used), e.buckets(e.b1))
		if old, _ := c.b.Field("oldbuckets"); old != 0 {
			w.say("Its growth ended here: the old buckets were dropped.")
		}
	case c.nothing(&w):
	}
	c.unknown(&w)
	c.seed(&w)
	d.Why = w.String()
}

// buckets is how many 2^b are.
func (e *evacuation) buckets(b uint64) string { return plural(uint64(1)<<(b&63), "bucket") }

func entries(n uint64) string {
	if n == 1 {
		return "1 entry"
	}
	return plainNumber(n) + " entries"
}

// movedWhy tells of the evacuation that came before the op itself.
func (e *evacuation) movedWhy(w *explanation) {
	if len(e.evacuated) > 0 {
		what := fmt.Sprintf("%d old buckets were", len(e.evacuated))
		switch len(e.evacuated) {
		case 1:
			what = fmt.Sprintf("old bucket %d was", e.evacuated[0])
		case 2: // all that one op does
			what = fmt.Sprintf("old buckets %d and %d were", e.evacuated[0], e.evacuated[1])
		}
		switch {
		case e.grew:
			w.say("%s evacuated at once.", title(what))
		case e.op == Delete:
			w.say("The map was growing, and every delete, even of a missing key, moves it on: %s evacuated first.", what)
		default:
			w.say("The map was growing, and every assign moves it on: %s evacuated first.", what)
		}
	}
	switch {
	case e.finished && e.grew:
		w.say("The growth before this one ended in the same call.")
	case e.finished:
		w.say("That was the last of them: the old buckets are gone.")
	}
}

// ownWhy says why the op changed its cell as it did.
func (e *evacuation) ownWhy(w *explanation) {
	at, cell := e.doneAt, e.doneCell
	switch e.done {
	case "classic.delete.empty-one":
		next := cell + 1
		where := at
		if next == CellsPerRow {
			next = 0
			where.Overflow++
		}
		w.say("The next cell, cell %d of %s, was not emptyRest: more could follow. So cell %d of %s became emptyOne (01), which says that it alone is empty.", next, where, cell, at)
	case "classic.delete.empty-rest":
		w.say("Nothing followed cell %d of %s in its chain, so it became emptyRest (00): a search may stop there.", cell, at)
		switch {
		case e.back == 1:
			w.say("The emptyOne before it then had nothing after it either and became emptyRest too.")
		case e.back > 1:
			w.say("The %d emptyOne cells before it then had nothing after them either and became emptyRest too.", e.back)
		}
	case "classic.delete.arrived":
		w.say("The entry had just come to cell %d of %s from its old bucket, and was deleted there.", cell, at)
	case "classic.assign.empty-rest", "classic.assign.empty-one":
		state := strings.TrimPrefix(e.done, "classic.assign.")
		name := map[string]string{"empty-rest": "emptyRest", "empty-one": "emptyOne"}[state]
		w.say("The entry took cell %d of %s, the first empty cell of its chain; it was %s.", cell, at, name)
	case "classic.assign.overflow":
		w.say("All cells of bucket %d's chain were full, so the runtime linked one more overflow bucket to it, and the entry took its first cell.", at.Row)
	}
}
