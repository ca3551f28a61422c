package recorder

import (
	"strings"
	"sync/atomic"

	"deltui.example/hookdemo/audit/fact"
)

// Lists of import paths, each between two newlines. The generated file sets
// them: a string needs no map, whose own work might be audited.
var (
	only string // deletes made by these packages are recorded, and no others; "": all
	std  string // the standard library's, which are not; "": none are left out
)

// hidden counts the deletes that were left out. Each record has it, so that a
// log tells how many there were at least.
var hidden int64

// wanted reports whether a delete by the function is to be recorded.
func wanted(function string) bool {
	p := "\n" + fact.Package(function) + "\n"
	if only != "" && strings.Contains(only, p) || only == "" && !strings.Contains(std, p) {
		return true
	}
	atomic.AddInt64(&hidden, 1)
	return false
}
