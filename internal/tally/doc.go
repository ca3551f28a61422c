// Package tally answers who: which calls, and which maps, the deletes of a
// timeline belong to, and what they have left behind.
//
//	timeline ── op ──► moment.Act ──► Tally ──► Report ──► a table on stderr, the screen
//
// # Words
//
// A call is a calling stack, from the op's caller to the goroutine's root: two
// ops with the same frames are of the same call.
//
// A tombstone is left by the delete that made it until it is seen to be gone: an
// insert took its cell, a prune or a clear emptied it, or its table was replaced.
// What is not watched is seen too, at the next look at the row. A tombstone that
// nobody was seen to make (it was there before the first op on the map, or an op
// that is hidden made it) belongs to no call; maps count it, by their headers.
//
// A drained row is a bucket or group whose last entry a delete took: it keeps its
// memory. It is drained by that delete until an entry is in it again, it is
// evacuated, or it is gone.
//
// What is seen is what the timeline has: of a large map not all rows of each
// look, so that what something not watched did there is seen late or never. And where assigns are not watched, a classic map may have grown to as many
// buckets between two looks, and got them at the address of earlier ones: then its
// new, empty rows are taken for the old, drained ones.
//
// # What it never does
//
// It reads no process and no file, and guesses nothing: of an op whose moments
// could not be decoded it counts that it was there. It is not safe for several
// goroutines; a [Report] is.
package tally
