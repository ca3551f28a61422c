// Package tracetest makes timelines for tests, without a target.
//
// It acts out maps in the memory layouts that Go's runtime uses (a Swiss map
// and a classic one, both map[uint64]int), does random deletes, assigns and
// clears on them, and writes what a source would have read to a [trace.Sink]:
// regions before and after each op, stacks, lines of source, output. The
// control bytes go through the same states as in a real map: tombstones,
// emptyRest runs, growth, splits, evacuation.
//
// What it makes is plausible and nothing more: the truth about maps is tested
// against real programs.
package tracetest
