// Package oplog prints the ops of a timeline: as JSON lines for scripts, and as
// text that reads well.
//
//	trace.Timeline ──► moment.Act (one op, decoded) ──┬──► JSON: one line, the contract of DESIGN.md
//	                                                  └──► Text: a headline, changes, why, callers
//
// An op is printed when it has ended, in the order of ending, with one write:
// whoever reads the pipe has it at once. Printing stands in the hot path of
// `deltui trace`, so lines are appended to one buffer and nothing is reflected
// upon.
//
// # What is not known
//
// A moment that was not read is null: an op that never returned has
// "used":[13,null]. A field that has no meaning for an op, or that could not be
// read, is absent: the key of a clear, found where the count was not read. The
// stack is empty where none was asked for. A change that no rule explains has
// the rule "".
//
// All text of the target comes out in printable characters only: in JSON as
// \u escapes, which lose nothing.
//
// The package never reads a target, and derives nothing: what it tells of an op
// is what [moment.Act] says, here as on the screen.
package oplog
