// Package probe watches a live target's map operations.
//
// It decides where to stop and what to read, and writes ops and regions to a
// [trace.Sink]. A [Source] is the one door for commands: screens and printers
// never touch the target by another way. A source never blocks its caller.
//
//	commands ──► Source ──► dlvclient: breakpoints, stops, bytes, stacks
//	                │
//	                └─────► trace.Sink: ops, regions, output, fate
//
// # How an op is seen
//
// Two stops an op: one after the prologue of the entry point, where its
// arguments are in registers, and one at the RET that it leaves by. The stop
// stands after the prologue, which runs again when the stack has grown, so it is
// hit once. An op is matched to its own return by goroutine and function: no map
// op is made inside another. Conditions are checked before anything is read of
// the map.
//
//	entry ──► filter ──► key ──► header, rows ──► Begin, Read(Before)
//	RET   ──► whose op? ──► header, rows      ──► Read(After), End
//
// An op that leaves by a panic, or a fatal error, never reaches a RET: it is ended
// at runtime.gopanic, throw or fatal, on its goroutine, or when the target ends.
//
// The package never changes the target but for Delve's own breakpoints, never
// calls a function in it, and never reads the past: what was not read at a
// moment stays unread.
package probe
