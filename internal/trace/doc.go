// Package trace is the words of the timeline: every moment of a target that was
// seen, who writes them and who reads them.
//
// A source of moments (Delve today) writes to a [Sink]; screens, printers and
// exports read a [Timeline]. Package file has both ends, backed by a file; what a
// moment shows is decoded by package moment. A recording is a timeline without a
// source.
//
// # What it holds
//
// Ops, moments, regions (raw bytes with their addresses, and what they are),
// layouts, dynamic types, stacks, lines of source, the target's output and its
// fate. Never drawings, and of what was derived only a [Summary] an op, for
// searching: consumers decode the regions again, so that a replay can compute what
// nobody thought of when it was recorded.
//
//	op       1                    2             3 (pending)
//	moment   before step… after   before after  before           survey 1
//	           │     │     │         │     │      │                  │
//	regions    R     Δ     Δ         Δ     Δ      Δ                  R
//
// What a moment's memory has is what was read at that moment, to the byte: the
// rest is gomap.ErrUnread, also where an earlier moment had it.
//
// # Numbers
//
// An op gets its [OpID] when it begins and its Seq when it ends: with many
// goroutines the two orders differ. Seq is what people and scripts see. A survey,
// a look outside any op, has a number of its own.
//
// # Searching
//
// A [Query] matches ops by what their summaries say. [Bounds] is what is known of
// many ops together, so that most of them need not be looked at.
//
// # What it never does
//
// It opens no target and no file, starts nothing, and decodes no map.
package trace
