package claims

import (
	"slices"
	"strings"
)

// deleters are the functions that do a delete's work, in either layout.
const deleters = `runtime\.mapdelete.*|internal/runtime/maps\.\(\*(Map|table)\)\.[dD]elete.*`

const (
	mapType    = `\*(struct )?(runtime\.maptype|internal/abi\.\w*MapType)`
	headerType = `\*(struct )?(runtime\.hmap|internal/runtime/maps\.Map)`
)

// header: the map's header has a field like that.
func header(like string) Measure {
	return fields(`runtime\.hmap|internal/runtime/maps\.Map`, func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(strings.ToLower(n), like) })
	})
}

// bucket: the map's unit of eight cells has fields with those names, in order.
func bucket(want ...string) Measure {
	return fields(`bucket<uint64,uint64>|noalg\.map\.group\[uint64\]uint64`, func(names []string) bool {
		if len(names) != len(want) {
			return false
		}
		for i, n := range names {
			if !strings.HasPrefix(n, want[i]+" ") {
				return false
			}
		}
		return true
	})
}

// notSwiss24 is all but the first release with Swiss maps.
var notSwiss24 = Span{"always, but not for the Swiss maps of 1.24", func(g Go) bool { return g.Minor != 24 || g.Classic }}

// chapter2: inside delete.
var chapter2 = slices.Concat(calling, selection, layout, collection, stepping)

var calling = []Claim{
	{ID: "2.1a", Says: "mapdelete's arguments are the map type, the header and a pointer to the key; they are passed on the stack.", Parts: []Part{
		{Says: "`runtime.mapdelete` has three parameters: map type, header, `unsafe.Pointer` (from the debug information)", Measure: parameters("runtime.mapdelete", mapType, headerType, `\*void`), Holds: Always},
		{Says: "the caller puts them on the stack, not in AX, BX and CX", Measure: not(all(
			listed("dInt16", `LEAQ\s+type[.:]map\[int16\]int\(SB\), AX\n`), listed("dInt16", `MOVQ\s+AX, BX\n`), listed("dInt16", `LEAQ\s+\S+\(SP\), CX\n`))), Holds: Never},
	}},
	{ID: "2.1b", Says: `The header must not be nil, or it panics with "assignment to entry in nil map".`, Parts: []Part{
		{Says: "`delete` on a nil map panics", Measure: fact("nil.delete.panics"), Holds: Never},
		{Says: "an assignment to a nil map panics, with that text", Measure: fact("nil.assign.text"), Holds: Always, Role: Note},
		{Says: "`delete` on a nil map panics if the key is an interface that holds a slice", Measure: fact("delete.unhashable.nil.panics"), Holds: Always, Role: Note},
	}},
	{ID: "2.1c", Says: "The caller must hold a write lock such as `h.mutex`.", Parts: []Part{
		{Says: "the map's header has a mutex (from the debug information)", Measure: some(header("mutex"), header("lock ")), Holds: Never},
		{Says: "a delete without a lock fails, with no other goroutine about", Measure: not(fact("lockless.works")), Holds: Never},
		{Says: "goroutines that share a map need a lock of their own: a second writer is fatal, and with a `sync.Mutex` all is well", Measure: all(dies("conflict", "fatal error: concurrent map writes"), fact("mutex.works")), Holds: Always},
		{Says: "`recover` helps against that", Measure: not(dies("conflict-recover", "fatal error: concurrent map writes")), Holds: Never, Role: Note},
	}},
	{ID: "2.1d", Says: "The key must be aligned to its size; its memory is not copied.", Parts: []Part{
		{Says: "mapdelete fails with an `int16` key at an odd address", Measure: fact("unaligned.key.fails"), Holds: Never},
		{Says: "a key of 64 KiB is deleted without an allocation and with less than 1 KiB of stack in each function, so no copy is made", Measure: all(not(fact("mapdelete.copies.key.to.heap")), frameBelow(deleters, 1024)), Holds: Always},
		{Says: "for `delete(m, *p)` the compiler makes a copy and hands over that", Measure: listed("dFromPointer", `LEAQ\s+\S*autotmp\S*\(SP\), CX`), Holds: Never, Role: Note},
	}},
}

var selection = []Claim{
	{ID: "2.2a", Says: "mapdelete_fast64 serves only keys of type uint64, not int64 or named types.", Parts: []Part{
		{Says: "`uint64` keys are the only ones for which the compiler calls it", Measure: not(some(calls("dInt64", fast64), calls("dInt", fast64), calls("dNamed", fast64), calls("dPointer", fast64))), Holds: Never},
		{Says: "it is called for `uint64`, `int64`, `int`, a named `uint64`, `*T`, `chan`, `[8]byte` and `struct{a, b int32}`", Measure: all(
			calls("dUint64", fast64), calls("dInt64", fast64), calls("dInt", fast64), calls("dNamed", fast64),
			calls("dPointer", fast64), calls("dChan", fast64), calls("dBytes8", fast64), calls("dPair", fast64)), Holds: Always, Role: Note},
		{Says: "`float64` and `struct{int32; int8}` keys, of eight bytes as well, go to `mapdelete`", Measure: all(calls("dFloat", "runtime.mapdelete"), calls("dPadded", "runtime.mapdelete")), Holds: Always, Role: Note},
	}},
	{ID: "2.2b", Says: "It needs a map without `hashmapindirectkey`/`indirectelem`, a key that does not escape, and an inlinable hash function.", Parts: []Part{
		{Says: "there is something called `hashmapindirectkey` (in the source tree)", Measure: source("hashmapindirectkey", "runtime", "internal", "reflect", "cmd/compile/internal"), Holds: Never},
		{Says: "elems must not be indirect: with 128 bytes it is called, with 136 it is not", Measure: all(calls("dElem128", fast64), not(calls("dElem136", fast64)), calls("dElem136", "runtime.mapdelete")), Holds: Always},
		{Says: "a key that escapes goes to `mapdelete`", Measure: not(calls("dEscapes", fast64)), Holds: Never},
		{Says: "the hash function is inlined, not called through a pointer in the map's type", Measure: not(code(`runtime\.mapdelete_fast64|internal/runtime/maps\.\(\*Map\)\.Delete`, `CALL ([A-Z][A-Z0-9]+|0x[0-9a-f]+\([A-Z0-9]+\)|0\([A-Z0-9]+\))\s`)), Holds: Never},
	}},
	{ID: "2.2c", Says: "On a write conflict it falls back to the general path.", Parts: []Part{
		{Says: "after a write conflict the program goes on", Measure: not(dies("conflict", "fatal error: concurrent map writes")), Holds: Never},
		{Says: "`recover` catches it", Measure: not(dies("conflict-recover", "fatal error: concurrent map writes")), Holds: Never, Role: Note},
	}},
	{ID: "2.2d", Says: "One million deletes: 2.1 ns for map[uint64]int, 8.7 ns for map[uint64]interface{}, 14.3 ns for map[string]int.", Parts: []Part{
		{Says: "`map[uint64]any` is served by another function than `map[uint64]int`", Measure: not(all(calls("dUint64", fast64), calls("dFace", fast64))), Holds: Never},
		{Says: "`map[uint64]any` costs three times `map[uint64]int` or more", Recorded: &Ratio{"uint64→any", func(r float64) bool { return r >= 3 }}, Holds: Never},
		{Says: "`map[string]int` costs five times `map[uint64]int` or more", Recorded: &Ratio{"string→int", func(r float64) bool { return r >= 5 }}, Holds: Never},
	}},
}

const fast64 = "runtime.mapdelete_fast64"

var layout = []Claim{
	{ID: "2.3a", Says: "A bucket is tophash[8], then all keys, then all values, then the overflow pointer.", Parts: []Part{
		{Says: "so says the debug information of `map[uint64]uint64`", Measure: bucket("tophash", "keys", "values", "overflow"), Holds: Classic},
		{Says: "it is a control word and eight slots, of a key and an elem each (or keys and elems apart, in a 1.27 built for it)", Measure: some(bucket("ctrl", "slots"), bucket("ctrl", "keys", "elems")), Holds: Swiss, Role: Note},
	}},
	{ID: "2.3b", Says: "delete compares tophash first, then the key, then zeroes key and value.", Parts: []Part{
		{Says: "`mapdelete` does not find a key under a forged tophash or control byte", Measure: not(fact("forged.generic.found")), Holds: Always},
		{Says: "nor does `mapdelete_fast64`", Measure: not(fact("forged.fast64.found")), Holds: Swiss},
		{Says: "an integer key is zeroed", Measure: fact("int.key.zeroed"), Holds: Never},
		{Says: "the value is zeroed", Measure: fact("elem.zeroed"), Holds: Always},
		{Says: "a string key's pointer is zeroed", Measure: fact("string.key.pointer.zeroed"), Holds: Always, Role: Note},
		{Says: "a string key's length is not", Measure: fact("string.key.length.stays"), Holds: Classic, Role: Note},
	}},
	{ID: "2.3c", Says: "It sets tophash[i] to emptyOne, never to emptyRest.", Parts: []Part{
		{Says: "a cell that a full one follows becomes emptyOne (1)", Measure: fact("ctrl.inner.emptyOne"), Holds: Classic},
		{Says: "so does the last cell of a bucket", Measure: fact("ctrl.last.emptyOne"), Holds: Never},
		{Says: "the last cell becomes emptyRest (0), and emptyOne cells before it too, once nothing follows them", Measure: all(fact("ctrl.last.emptyRest"), fact("ctrl.inner.later.emptyRest")), Holds: Classic, Role: Note},
		{Says: "a small map's cell becomes empty (0x80)", Measure: fact("ctrl.small.empty"), Holds: Swiss, Role: Note},
		{Says: "in a table, a full group's cell becomes deleted (0xfe), another's empty (0x80)", Measure: all(fact("ctrl.full-group.tombstone"), fact("ctrl.group-with-room.empty")), Holds: Swiss, Role: Note},
		{Says: "`clear` of a map that deletes have emptied leaves no mark of them", Measure: fact("clear.of-empty.cleans"), Holds: notSwiss24, Role: Note},
	}},
	{ID: "2.3d", Says: `With overflow buckets, a deleted key can still seem present ("false existence") because nothing is rehashed.`, Parts: []Part{
		{Says: "of 1600 keys, deleted one by one, one was still found by a look-up or a range", Measure: fact("overflow.ghosts"), Holds: Never},
		{Says: "that map had overflow buckets", Measure: fact("overflow.exists"), Holds: Classic, Role: Note},
	}},
	{ID: "2.3e", Says: "A delete leaves the overflow chain as it is.", Parts: []Part{
		{Says: "the chains are the same buckets after every entry is deleted (no growth under way)", Measure: fact("overflow.kept"), Holds: Classic},
		{Says: "during growth, a delete moves entries to other chains", Measure: fact("delete.moves-others"), Holds: Classic, Role: Note},
	}},
}

var collection = []Claim{
	{ID: "2.4a", Says: "GC marking stops all threads and takes a snapshot.", Parts: []Part{
		{Says: "the program stands still while the collector marks", Measure: not(fact("mark.program-runs")), Holds: Never},
		{Says: "what a delete cuts off while the collector marks outlives that cycle, as in a snapshot", Measure: fact("mark.deleted-outlives-cycle"), Holds: Always},
	}},
	{ID: "2.4b", Says: "The marker sees an emptyOne cell as live and does not evacuate it; cells are dropped when the map next grows.", Parts: []Part{
		{Says: "what only a deleted cell pointed to stays alive", Measure: not(fact("gc.frees-deleted-elem")), Holds: Never},
		{Says: "the collector leaves a deleted cell where and as it is", Measure: not(fact("gc.changes-cells")), Holds: Always},
		{Says: "a new array, after growth, remembers no deleted cell", Measure: not(fact("grow.remembers")), Holds: Always},
	}},
	{ID: "2.4c", Says: "A write conflict that adds an overflow bucket triggers evacuation; the GC's sweep zeroes emptyOne cells.", Parts: []Part{
		{Says: "a write conflict does something else than kill the program", Measure: not(dies("conflict", "fatal error: concurrent map writes")), Holds: Never},
		{Says: "too many overflow buckets make an insert start an evacuation", Measure: fact("overflow.same-size-grow"), Holds: Classic},
		{Says: "a collection changes a deleted cell's bytes", Measure: fact("gc.changes-cells"), Holds: Never},
	}},
}

var stepping = []Claim{
	{ID: "2.5a", Says: "With gdb and a break on runtime.gcStart, one sees delete → mapdelete_fast64 → gcWriteBarrier → gcStart.", Parts: []Part{
		{Says: "the functions that delete calls `gcWriteBarrier` (in the machine code)", Measure: code(deleters, `CALL runtime\.gcWriteBarrier`), Holds: Always},
		{Says: "`gcWriteBarrier`, or the flush that it calls, calls `gcStart`", Role: Decides, Measure: code(`runtime\.(gcWriteBarrier|wbBufFlush).*`, `CALL runtime\.gcStart`), Holds: Never},
		{Says: "200 000 deletes start a collection", Role: Decides, Measure: fact("deletes.start-gc"), Holds: Never},
	}},
	{ID: "2.5b", Says: "mapdelete_fast64 is an assembly path that calls mapdelete in Go.", Parts: []Part{
		{Says: "it stands in a file of assembly (by the binary's line table)", Measure: fact("fast64.is.assembly"), Holds: Never},
		{Says: "it calls `mapdelete` (in the machine code)", Measure: code(`runtime\.mapdelete_fast64`, `CALL runtime\.mapdelete\(`), Holds: Never},
		{Says: "it calls `(*Map).Delete`", Measure: code(`runtime\.mapdelete_fast64`, `CALL internal/runtime/maps\.\(\*Map\)\.Delete\(`), Holds: Swiss, Role: Note},
		{Says: "`gcWriteBarrier` is assembly", Measure: fact("gcWriteBarrier.is.assembly"), Holds: Always, Role: Note},
	}},
	{ID: "2.5c", Says: "`writebarrierptr(&e.key)` is what marks the entry for collection.", Parts: []Part{
		{Says: "the runtime has a function `writebarrierptr`", Measure: some(source("writebarrierptr(", "runtime", "internal", "cmd/compile/internal"), symbol("runtime.writebarrierptr")), Holds: Never},
		{Says: "the barrier lets the cycle under way collect what was deleted", Measure: not(fact("mark.deleted-outlives-cycle")), Holds: Never},
	}},
}
