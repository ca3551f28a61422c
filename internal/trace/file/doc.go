// Package file is a timeline that a file backs: what its sink is handed can be
// read at once, and the file is a recording.
//
//	f, err := file.Create("x.deltui") // or "" for a temporary file
//	go source.Run(ctx, plan, f.Sink())
//	op, err := f.Seq(12)               // *File is a trace.Timeline
//	a, err := moment.Of(f, op)         // its map before and after, and why
//
//	g, err := file.Open("x.deltui")    // later: the same, without a source
//
// # How it is kept
//
// Records gather in a block; a block can be understood by itself, so that any
// moment is found by unpacking one. Of each block a digest stays in memory:
// which ops it has, their marks, and enough to tell that no op of it can match
// a query. FORMAT.md describes the file, byte for byte.
//
//	Sink ─► open block ─► part ─► part ─► file        digests ─► Find, Marks
//	            │        (each second)     │
//	            └───────── Timeline ◄──────┴─ caches
//
// # Where things are
//
//	file.go       File: what it is made of; creating and closing one
//	sink.go       what a source hands over: ops, reads, surveys
//	facts.go      … and what it says of the target as a whole
//	output.go     … and what the target printed
//	summarize.go  what is derived when an op ends
//	save.go       a copy of what is held, as a recording
//	store.go      from the open block to the file; ring.go where that is bounded
//
//	block.go      a block, decoded; what it has of a moment
//	encode.go     records into bytes; decode.go bytes into records
//	patch.go      memory, as what changed
//	digest.go     what is known of a block without unpacking it
//	frame.go      frames, header and footer; varint.go the numbers in them
//	limits.go     what no file may exceed
//
//	timeline.go   what readers ask for: ops, marks, maps
//	moments.go    … moments, surveys and their memory
//	find.go       … and searching
//	touched.go    … and which op touched a control byte
//	blockcache.go blocks that were read lately; lookcache.go looks
//	open.go       opening a recording, sound or damaged; index.go its index
//
// # Caches change no answer
//
// Three things are kept only for speed: blocks that were read lately, the looks
// that the last ops were summarized by, and the regions of ops in progress. Each
// is what would be read from the records again, or is dropped the moment that it
// is not; TestCaches compares every answer with and without them.
//
// # Trust
//
// Every text from a target is made visible when it is written, and again when it
// is read; a recording may come from a stranger, so every number in it is held
// against a bound before it is used. The package opens no target and starts
// nothing; it reads and writes the one file that it is handed.
package file
