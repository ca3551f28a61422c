// Package auditlog is the hook that writes down each delete: one JSON line, by
// log/slog, in a rotated file.
//
//	delete's goroutine                        │  the log's goroutine
//	                                          │
//	audit.Delete ──► After ──► sampler ──► record ──► queue ──► JSON lines ──► rotated file
//	                              │           │         │                         │
//	                        not sampled    goroutine,  full: wait,          fails: try again
//	                        (counted)      caller, key  or drop and count   until it is written
//
// # A record
//
//	{"time":"…","level":"INFO","msg":"delete","seq":7,
//	 "goroutine":18,"depth":4,"caller":{"func":"main.(*cache).evict","file":"…","line":41},
//	 "map":"5f0c31a29be4d877","map_type":"map[string]*main.session","key_type":"string","key":"\"s-17\"",
//	 "found":true,"len":[13,12],"hook":"AuditLog+Cascade","outcome":"deleted","rate":1}
//
// map is a keyed hash of the address of the map's header: the same for the same
// map as long as the program runs, and nothing that an attacker could use. (The
// article behind this project prints %p of &m, the address of a variable.)
// depth counts the frames from the goroutine's root to the caller, both
// included. len is the map's length before and after. rate is the share of
// deletes that were being written when this one was: a record stands for 1/rate
// deletes. Where there is something to say, a record also has key_len (the
// whole key's length, if the key was cut), actor (who deletes, of
// audit.WithActor), nest (how many deletes were around
// this one, in whose hooks it was made), error and faults.
//
// Other records have the msg "fault" (a hook's panic, a refused delete; see
// [Log.Watch]), "dropped" (how many records the full queue has dropped since the
// last such) and "end", the last one, with the totals.
//
// # Words
//
// A record is accepted when its delete is done and it was neither sampled out
// nor dropped. The queue holds accepted records until they are written. Full
// says what a delete does when the queue is full: Block or Drop. Closed says what
// one does after Close: FailClosed refuses it, FailOpen lets it pass and counts
// it. A record is lost if it was accepted and never written; [Log.Close] says how many were.
//
// # What it promises
//
// Under Block, each delete that the sampler takes is in the file when Close
// returns nil, whoever else closes it at the same time. A delete that could not
// be recorded because the log is closed does not take place (or, FailOpen, does,
// and [Stats] says how many). Under Drop, the same but for those counted as
// dropped, and the log itself says how many those are and where. A disk that is
// full, or slow, is a full queue sooner or later: no record is given up while
// the log is open. A line is never torn without its whole being written again
// below.
//
// # What Block means
//
// The delete waits where it is: on its goroutine, with every lock that the
// program holds around it. While the disk is slow, whoever wants that lock waits
// for the disk too, readers included; while it is full, for as long as it is. A
// Writer that needs the lock itself, or that waits for a request of the same
// program, then waits for ever. Where that cannot be borne: a queue that outlasts
// the worst pause, deletes made after the lock is let go of, or Drop. No choice
// of these makes a disk faster; they say who waits and what is missing.
//
// What it never does: keep a map or a key alive after its record is made, call
// a method of a key, write to the standard output. It cannot promise anything
// about SIGKILL or a crash: what is in the queue is gone then.
package auditlog
