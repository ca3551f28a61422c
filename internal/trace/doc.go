// Package trace holds the timeline: every moment of a target that was seen.
//
// A [Source] of moments (Delve today, a recording later) writes to a [Sink];
// screens, printers and exports read a [Timeline]. Both ends are one [File],
// backed by its file from the first op on, so that memory stays flat whatever
// the number of ops, and so that what was seen survives the program that saw
// it. A recording is a timeline without a source.
//
// # What it holds
//
// Ops, moments, regions (raw bytes with their addresses), layouts, dynamic
// types, stacks, lines of source, the target's output and its fate. Never
// drawings, and of what was derived only a [Summary] an op, for searching:
// consumers decode the regions again, so that a replay can compute what nobody
// thought of when it was recorded.
//
//	op        1             2             3 (pending)
//	moment    before after  before after  before
//	            │      │      │      │      │
//	regions     R      Δ      Δ      Δ      Δ       R whole, Δ what changed
//
// # Numbers
//
// An op gets its [OpID] when it begins and its Seq when it ends: with many
// goroutines the two orders differ. Seq is what people and scripts see.
//
// The package opens no target and starts nothing; it reads and writes the one
// file that it is handed.
package trace
