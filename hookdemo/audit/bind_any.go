//go:build gc && (!go1.28 || audit_untried)

package audit

import "unsafe"

const (
	anyBound = true
	anyWhy   = ""
)

// mapdelete removes the key at k from the map with the header at m. The
// function keeps none of its arguments, so a key may stay on the stack.
//
//go:noescape
//go:linkname mapdelete runtime.mapdelete
func mapdelete(t, m, k unsafe.Pointer)
