package claims

// What Swiss maps did at first and do no more.
var (
	swiss24     = Span{"Swiss maps of 1.24", func(g Go) bool { return !g.Classic && g.Minor == 24 }}
	since25     = Span{"Swiss maps since 1.25", func(g Go) bool { return !g.Classic && g.Minor >= 25 }}
	swiss24to26 = Span{"Swiss maps of 1.24 to 1.26", func(g Go) bool { return !g.Classic && g.Minor <= 26 }}
)

// chapter1: removing an element.
var chapter1 = []Claim{
	{ID: "1.1", Says: "`delete(m, k)` removes the key; deleting a missing key does nothing and never panics.", Parts: []Part{
		{Says: "after `delete(m, k)` the key is gone, and only that key", Measure: fact("delete.removes"), Holds: Always},
		{Says: "deleting a missing key changes no entry", Measure: not(fact("delete.missing.changes")), Holds: Always},
		{Says: "deleting a missing key never panics, whatever the key (an interface that holds a slice was tried)", Measure: not(some(fact("delete.missing.panics"), fact("delete.unhashable.panics"))), Holds: Never},
		{Says: "deleting a missing key, in the middle of growth, writes to the map's memory", Measure: fact("delete.missing.writes"), Holds: Classic, Role: Note},
		{Says: "a NaN key cannot be deleted", Measure: fact("nan.survives"), Holds: Always, Role: Note},
	}},
	{ID: "1.2", Says: "`delete` does not reallocate; the freed cell may be reused by a later insert.", Parts: []Part{
		{Says: "1000 deletes allocate nothing (no growth under way)", Measure: not(fact("delete.allocates")), Holds: Always},
		{Says: "the arrays are where they were after every entry is deleted", Measure: fact("delete.keeps-arrays"), Holds: Always},
		{Says: "in a map of eight entries, a delete and an insert use the same eight cells", Measure: fact("cell.reused"), Holds: Always},
		{Says: "during growth, a delete moves other entries", Measure: fact("delete.moves-others"), Holds: Classic, Role: Note},
		{Says: "100 entries, whose keys are exchanged 200 000 times, come to rest in 512 cells or more", Measure: fact("churn.grows-beyond-256"), Holds: swiss24, Role: Note},
		{Says: "they come to rest in 256", Measure: fact("churn.grows-to-256"), Holds: since25, Role: Note},
	}},
	{ID: "1.3", Says: "Deleting while ranging is safe; collecting the keys first is recommended.", Parts: []Part{
		{Says: "an entry deleted before it is reached is never produced, in thousands of random deletes within ranges", Measure: fact("range.delete.safe"), Holds: Always},
		{Says: "collecting the keys first leaves another map than deleting in the loop", Measure: fact("range.collect.differs"), Holds: Never},
		{Says: "a loop that deletes every key is compiled to one `mapclear`", Measure: all(calls("dRange", "runtime.mapclear"), not(calls("dRange", "runtime.mapdelete_fast64"))), Holds: Always, Role: Note},
		{Says: "with float keys it is, too", Measure: calls("dRangeFloat", "runtime.mapclear"), Holds: Never, Role: Note},
		{Says: "the standard library has `maps.DeleteFunc`, which deletes in the loop", Measure: source("delete(m, k)", "maps"), Holds: Since(21), Role: Note},
	}},
	{ID: "1.4", Says: "`m[k] = zero` does not delete: `len` stays; `delete` makes `v, ok` report false; `m = make(...)` drops everything and leaves the old map to the GC.", Parts: []Part{
		{Says: "`m[k] = 0` keeps `len(m)`, and `v, ok` reports true", Measure: fact("zero.keeps"), Holds: Always},
		{Says: "`delete` makes `v, ok` report zero and false", Measure: fact("ok.false"), Holds: Always},
		{Says: "what only the old map reached is finalized after `m = make(...)`", Measure: fact("make.frees"), Holds: Always},
		{Says: "`m[k] = 0` of a full small map makes it a table", Measure: fact("update.makes-table"), Holds: swiss24to26, Role: Note},
		{Says: "deleting every entry gives the array back to the heap", Measure: fact("delete.frees-array"), Holds: Never, Role: Note},
	}},
	{ID: "1.5", Says: "The comma-ok form is the reliable check.", Parts: []Part{
		{Says: "`ok` is true for a stored zero", Measure: fact("zero.keeps"), Holds: Always},
		{Says: "`ok` is false after a delete", Measure: fact("ok.false"), Holds: Always},
		{Says: "a NaN key is in the map, and `ok` says it is not", Measure: fact("nan.survives"), Holds: Always, Role: Note},
	}},
}
