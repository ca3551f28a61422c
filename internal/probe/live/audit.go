package live

import "strings"

// An audit package deletes for whoever calls its Delete, and writes down that it
// did, as hookdemo/audit does. What it deletes so is its caller's op. It is known
// by its name, and by what was called of it: what an audit package deletes of its
// own accord is its own.

// inAudit reports whether a function is of a package named audit.
func inAudit(fn string) bool {
	fn, _, _ = strings.Cut(fn, "[") // type arguments have paths and dots of their own
	return strings.HasPrefix(fn[strings.LastIndexByte(fn, '/')+1:], "audit.")
}

// isAuditDelete reports whether a function of an audit package deletes what its
// caller wants deleted: Delete, DeleteAny.
func isAuditDelete(fn string) bool {
	fn, _, _ = strings.Cut(fn, "[")
	return strings.HasPrefix(fn[strings.LastIndexByte(fn, '/')+1:], "audit.Delete")
}
