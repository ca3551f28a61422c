// Package bench is the load test of the article behind this project (its
// section 4.3): many goroutines delete random uint64 keys from a map that they
// share, by several ways, and what that costs is measured.
//
//	one op of a goroutine                    timed
//	  lock; m[k] = v; unlock                   no
//	  lock; delete k; unlock                   call: all of it
//	      ▲       ▲                            lock: until it is held
//	      └───────┴── parts of the call        delete: what is done under it
//
// k is random over all uint64, so that each delete finds its key. The map has
// --fill other entries all the time.
//
// # Words
//
// In a closed loop a goroutine makes its next call when the last has returned.
// While one call takes long, those that ought to have been made are not, and
// appear in no figure: coordinated omission. So its quantiles say how long calls
// took that were made, and not how long a user would have waited. In an open loop
// (--rate) calls are meant for fixed times; "since intended" counts from those,
// with the lateness of the timer and what calls before it took.
//
// A run is one way under one loop, once. A round is a run of each, in random
// order. Figures are medians of the rounds, with the least and the greatest. The
// end is what comes after the last call has returned, until all keys are deleted
// and all records written: batches and the log's queue. Pending are the keys that
// were still in the map when it began.
//
// A way is a way to delete. Each way runs in a process of its own, so that one's
// garbage is not collected in another's time. A way that cannot be run is
// reported with its reason and has no numbers.
//
//	builtin         delete(m, k) under one mutex
//	sharded         delete(m, k) in one of --shards maps, each with its mutex
//	linkname        audit.Delete under one mutex, the hook is NoOp
//	audit-sampled   the same, AuditLog with its sampler
//	audit-full      the same, AuditLog writes every delete
//	batch           the article's: a delete only notes the key; the goroutine's
//	                --batch-th takes the lock and deletes them all. The key stays
//	                visible until then. Of its calls only those have a wait for
//	                the lock; "delete" is what a call does otherwise
//	intercept-off   way builtin in a build by hookdemo intercept, without a log
//	intercept       the same, every delete is logged
//
// What it never does: explain a figure, or leave its logs behind.
package bench
