// Package live watches the map operations of a process that it is handed.
//
// It decides where to stop and what to read, and writes ops and regions to a
// [trace.Sink]. It neither starts a process nor finds one, and owns no terminal:
// who does hands it over as a [Target], with the way to let go of it.
//
//	launch (attach, …) ── Target ──► Loop ──► dlvclient: breakpoints, stops, bytes, stacks
//	             commands ──────────►  │
//	                                   └────► trace.Sink: ops, regions, output, fate
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
// # Slow motion
//
// An op can be followed inside: its thread then goes by single instructions, while
// all others stand still, and what the map runtime writes to the map is one step
// each. Calls of what is not of the map runtime run freely (steps.go).
//
// # How the watching ends
//
//	by itself      exited, killed from outside         Fate: how
//	killed         what was launched for us            Fate: killed by deltui
//	detached       what ran before us                  Fate: runs on
//
// Letting go (a limit is reached, the context ends) is one of the last two: the
// [Target] says which. Each has a function of its own, and the fate says what was
// done, not what was meant.
//
// The package never changes the target but for Delve's own breakpoints, never
// calls a function in it, and never reads the past: what was not read at a
// moment stays unread.
package live
