// Package trace holds the timeline: every moment of a target that was seen.
//
// A source of moments (Delve today, a recording later) writes to a [Sink];
// screens, printers and exports read a [Timeline]. Both ends are one [File],
// backed by its file from the first op on, so that memory stays flat whatever
// the number of ops, and so that what was seen survives the program that saw
// it. A recording is a timeline without a source: [Open].
//
//	f, err := trace.Create("x.deltui") // or "" for a temporary file
//	go source.Run(ctx, plan, f.Sink())
//	op, err := f.Seq(12)               // *File is a Timeline
//	d, err := trace.Decode(f, op)      // its map before and after, and why
//
// # What it holds
//
// Ops, moments, regions (raw bytes with their addresses), layouts, dynamic
// types, stacks, lines of source, the target's output and its fate. Never
// drawings, and of what was derived only a [Summary] an op, for searching:
// consumers decode the regions again, with [Decode], so that a replay can
// compute what nobody thought of when it was recorded.
//
//	op        1             2             3 (pending)
//	moment    before after  before after  before
//	            │      │      │      │      │
//	regions     R      Δ      Δ      Δ      Δ       R whole, Δ what changed
//
// What a moment's memory has is what was read at that moment, to the byte: the
// rest is gomap.ErrUnread, also where an earlier moment had it.
//
// # How it is kept
//
// Records gather in a block; a block can be understood by itself, so that any
// moment is found by unpacking one. Of each block a digest stays in memory:
// which ops it has, their marks, and enough to tell that no op of it can match
// a [Query]. FORMAT.md describes the file.
//
//	Sink ─► open block ─► part ─► part ─► file        digests ─► Find, Marks
//	            │        (each second)     │
//	            └───────── Timeline ◄──────┴─ cache
//
// # Numbers
//
// An op gets its [OpID] when it begins and its Seq when it ends: with many
// goroutines the two orders differ. Seq is what people and scripts see.
//
// # Trust
//
// Every text from a target is made visible when it is written, and again when
// it is read; a recording may come from a stranger, so every number in it is
// held against a bound before it is used. The package opens no target and
// starts nothing; it reads and writes the one file that it is handed.
package trace
