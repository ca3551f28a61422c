// Package moment decodes what a timeline holds, for people and programs alike.
//
// A timeline holds regions and layouts. A [Look] is what they say of one map at
// one moment: the memory that was read, and the map decoded from it. Whoever
// needs to know more than one moment tells takes two looks: [Between] is what
// became of a map from one to the other. An [Act] is two looks of an op, mostly
// its before and its after, with what lies between them: what was found and taken
// away, why. It is cheap, for it is taken of each op while the target stands. A
// [Scene] is a moment of an op with all that people ask of it again and again: the
// cell that it is about, the rule and its line of source, what each cell held.
//
//	trace.Timeline ── Memory ──► Look ──┬─► Between ──► Act ──┬─► text, JSON
//	                    regions         │                     └─► Scene ──► screen, pages, lessons, contrast
//	                                    └─► Drift
//
// Two questions have one answer here, for all: which cell an op is about
// ([gomap.Search]: by the byte that changed, and by its key where none did), and
// whose op it is (the source's word, [Act.Caller]; [Calls] parts the stack there).
//
// # One truth
//
// All that is shown comes out of these functions, from the regions of the
// timeline and from nothing else: what is seen live and what a recording says
// later are the same calls on the same bytes. So nothing here takes a map that
// somebody else has decoded, and a cache may hold looks but never change one.
//
// # What it never does
//
// It reads no process and no file, it draws nothing, and it never changes what it
// has returned: looks, acts and scenes may be kept and shared. At an op's before a
// scene holds nothing of what comes: who shows it cannot give the answer away to
// somebody who is asked to predict it.
package moment
