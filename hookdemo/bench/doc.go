// Package bench is the load test of the article behind this project (its
// section 4.3): many goroutines delete random uint64 keys from a map that they
// share, by several ways, and what that costs is measured.
//
//	one op of a goroutine           timed
//	  lock; m[k] = v; unlock          no
//	  lock; delete k; unlock          yes, the wait for the lock included
//
// k is random over all uint64, so that each delete finds its key. The map has
// --fill other entries all the time.
//
// # Words
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
//	                visible until then, and up to --batch keys for each goroutine
//	                are still there at the end unless it deletes them
//	intercept-off   way builtin in a build by hookdemo intercept, without a log
//	intercept       the same, every delete is logged
//
// What it never does: compare numbers of two runs, or leave its logs behind.
package bench
