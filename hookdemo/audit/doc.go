// Package audit deletes from Go maps under watch: a hook is asked before, told
// after, and the entry is removed by the runtime's own function.
//
//	err := audit.Delete(sessions, id)    // instead of delete(sessions, id)
//
//	          Delete(m, k)
//	               │
//	 hooks for m   │ none ───────────────────────────────┐
//	(one atomic    ▼                                     │
//	       load)                                         │
//	       Before of each hook, in order                 │
//	               │ an error aborts: the map            │
//	               │ stays as it was ──► After, err      │
//	               ▼                                     ▼
//	       runtime.mapdelete(maptype, header, &k)   bound by go:linkname
//	               │
//	               ▼
//	       After of each hook, in reverse
//
// # Words
//
// A hook watches deletes: all ([Set]), those from maps of a type ([SetType]), or
// those from one map ([SetMap]); what is wider comes first. An [Op] is one
// delete: what is asked of the hooks before, and what came of it after. An actor
// is who deletes, as an auditor will ask; [DeleteContext] takes it along. A fault is a hook's panic, or a delete
// that was refused because hooks had nested too far. A path is the way that an
// entry is removed by: [Paths] tells which of them this build has.
//
// # Binding
//
// runtime.mapdelete carries a push linkname and may be bound by anyone in every
// Go from 1.18 to 1.27. The runtime's three fast variants may be bound up to
// 1.23; from 1.24 on the linker refuses them by name, unless the program is
// built with
//
//	go build -tags audit_fast -ldflags=-checklinkname=0
//
// A refused binding fails the link and cannot be noticed by a running program,
// so build constraints decide: what is known to be refused is not bound, and a
// Go that nobody has tried (1.28 and later) binds nothing until it is built
// with -tags audit_untried. What is not bound is reported by [Paths] and left
// to the builtin delete.
//
// The runtime cannot be made to call us: defining a symbol that the runtime
// defines is a link error in every version. Only deletes written as
// audit.Delete are seen here; to see the others, build the program with
// `hookdemo intercept`.
//
// # What it never does
//
// It takes no lock of the program's, so the map needs whatever protection it
// needed before, and hooks run under that: a hook that waits makes all wait who
// want the lock, and one that takes the lock waits for itself. It deletes from no
// map but its callers'. It never lets a hook's panic through, and never removes an entry that a hook
// vetoed. It never writes anywhere: that is what hooks are for. It depends on
// nothing outside the standard library and is a go 1.18 module.
//
// # In a stack
//
// Between the runtime's function and the caller of an audited delete there are
// frames of this package and no others, and the outermost of them is Delete[…],
// DeleteContext[…] or DeleteAny. A hook runs in a method that is called by this
// package's before or after: what lies between such a frame and the next Delete
// below it is the hook's. A delete without a hook has no frame run.
package audit
