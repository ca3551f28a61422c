// Package scene is a short play: a cache of sessions that evicts, audits and
// cascades. It is small enough to be watched in deltui, delete by delete.
//
//	sessions  map[string]*session     s-01 … s-12, at most 8 may stay
//	tokens    map[uint64]string       token → session; goes with its session, by Cascade
//	drafts    map[string]int          nobody audits it: the builtin deletes from it
//
// Act by act the hook changes, while the deletes in the code stay the same: NoOp,
// AuditLog, AuditLog+Cascade (one of whose errors keeps a session alive), and a
// hook that panics.
package scene
