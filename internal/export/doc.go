// Package export turns a recording into files that are read without deltui.
//
//	.html    a page by itself: map, why, who made which cell, stack, source, timeline
//	.svg     the picture of one moment
//	.cast    an asciicast: a screen an op
//	.jsonl   the ops as JSON lines, the contract of deltui trace --json
//	.pb.gz   a pprof profile by calling stack, for go tool pprof
//
//	trace.Timeline ──► op by op ──┬──► moment.Act ──► profile, JSON lines
//	                              └──► moment.Scene ──► picture, screen of a cast
//	                                        └──► record ──► page.js, which draws
//
// # The page
//
// A page is fed records, one an op ([record]); each says what is new with its op, of
// a map only what differs from the moment before. So the same page can be fed by a
// live view. All that is told of an op is package moment's word, but for one: who
// wrote a cell, which the page looks up among the changes, drifts and new rows that
// it has been fed. Where ops of one map overlapped in time, a change beside an op's
// own is nobody's.
//
// # Trust
//
// A recording may be a stranger's. Nothing in it is opened or run, and all that is
// held of it at once is bounded: rows, changes, lines, and the page as a whole. Its
// text was made visible when it was opened. In the page it is data that no browser
// runs, JSON without a single <, and is set as text; the page's policy names its one
// script and its one style by their hashes, and allows no request at all.
package export
