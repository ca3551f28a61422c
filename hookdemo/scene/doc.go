// Package scene is a short play for two caches, small enough to be watched in
// deltui, delete by delete.
//
//	plain    a cache whose sessions the builtin deletes: (*cache).drop
//	audited  its twin, of the same types and with the same entries, whose
//	         sessions audit.Delete deletes: (*cache).evict
//
// An act deletes one key from plain, then the same key from audited. In each the
// hooks are others: none, AuditLog, AuditLog and a Cascade that takes a session's
// tokens along, or keeps the session; a hook that panics. At the end the twins
// differ by what the hooks did, and by nothing else.
package scene
