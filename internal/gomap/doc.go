// Package gomap decodes Go maps from raw memory, in all three layouts.
//
// The package is pure: it reads through the [Memory] that it is handed and does
// nothing else. What it is given is bytes and a [Layout] (where things are,
// taken from the target's own debug information); what it returns is a [Map]:
// the header's fields, and every bucket or group as a [Row] of eight cells.
// Two decoded moments of one map are compared by [Compare], which names each
// control byte that changed, and the runtime's [Rule] for it.
//
// # Words
//
// A cell is one of the eight places of a bucket or group: a control byte (the
// classic tophash, or the Swiss control), a key and an elem. A row is a bucket
// or a group. A [State] is what a control byte means. A tombstone is a cell in
// state deleted, which only Swiss tables have.
//
// # The three layouts
//
// Classic (Go 1.18 to 1.23, and 1.24/1.25 with GOEXPERIMENT=noswissmap): an
// array of 2^B buckets, each with a chain of overflow buckets; while the map
// grows, an array of old buckets as well.
//
//	hmap ── buckets ──► ┌─────────────┬──────────┬───────────┬──────────┐
//	                    │ tophash [8] │ keys [8] │ elems [8] │ overflow │──► …
//	                    └─────────────┴──────────┴───────────┴──────────┘
//
// Swiss (Go 1.24 on): up to eight entries live in one group (a small map);
// beyond, a directory leads to tables, each an array of groups. One table may
// stand in several places of the directory.
//
//	Map ── dirPtr ──► group                                 (dirLen == 0)
//	Map ── dirPtr ──► [*table, *table, …] ──► groups.data   (dirLen > 0)
//
//	swiss        ┌──────────┬─────────┬─────────┬───┬─────────┐
//	             │ ctrl [8] │ k0 │ e0 │ k1 │ e1 │ … │ k7 │ e7 │
//	             └──────────┴─────────┴─────────┴───┴─────────┘
//	swiss-split  ┌──────────┬───────────────┬─────────────────┐
//	             │ ctrl [8] │ k0 k1 … k7    │ e0 e1 … e7      │
//	             └──────────┴───────────────┴─────────────────┘
//
// # Reading
//
// [Decode] reads rows whole and in large pieces, and keeps their control bytes
// only. So it serves live, through a Memory that notes what passes through it,
// and later, on what was noted. Keys and elems are read when they are shown:
// [Layout.ReadKey], then [Format]; [Wants] tells what Format will ask for
// beyond the map's own memory, so that it can be read while the target stands.
//
// # Keys
//
// A [Search] finds the cell of an op's key: before a delete by comparing keys as
// Go does, after it by the control byte that went from full, which needs no key at
// all but where several did. Nobody else compares keys.
//
// # Rules
//
// A [Rule] is named for a change only where the bytes bear it out: a tombstone
// is swiss.delete.group-full only if its group had no empty cell and the
// table's growthLeft stayed. Classic ops on a growing map are done again on the
// control bytes, evacuation first, and must come out as the moment after. What
// is not borne out has no rule, and is counted. [RuleSource.FindLine] finds the
// line of the runtime's source that shows a rule, in whole files and in excerpts.
//
// # Bounds
//
// Every byte comes from a process that may be broken or hostile: all counts
// are bounded by the [Window] before anything is allocated, chains are cut
// where they repeat, and memory that cannot be read yields rows with Read
// false, never an invented byte. No input makes the decoder panic.
//
// The package never writes, never runs code of the target, never hashes a key,
// and never attributes a change to an op: that is for its callers.
package gomap
