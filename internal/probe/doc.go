// Package probe has the words by which a target is watched: what a [Source] of
// moments is, the [Plan] that it watches by, the commands that it takes.
//
//	screen, printers ── commands ──► Source ── ops, regions, output, fate ──► trace.Sink
//
// A Source is the one door for commands: screens and printers never touch the
// target by another way. It never blocks its caller, and what it has to tell it
// tells a timeline: nobody hears of an op from a source.
//
// There is one kind of source today, internal/probe/live: a process under Delve.
// internal/probe/launch starts such a process and hands it over. Another way to
// come by a process (attaching) is another package that hands one over; another
// way to see moments (without stops, from another machine) is another
// implementation of Source. Neither needs a change here.
//
// The package holds no code that touches a process.
package probe
