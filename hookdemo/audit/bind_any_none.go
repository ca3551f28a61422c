//go:build !gc || (go1.28 && !audit_untried)

package audit

import "unsafe"

const (
	anyBound = false
	anyWhy   = "nobody has tried this Go yet; -tags audit_untried binds it all the same"
)

func mapdelete(t, m, k unsafe.Pointer) { panic("audit: runtime.mapdelete is not bound") }
