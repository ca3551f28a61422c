package dlvclient

import "runtime"

// DWARF numbers of the stack and frame pointers.
var spReg, bpReg = func() (sp, bp int) {
	if runtime.GOARCH == "arm64" {
		return 31, 29
	}
	return 7, 6
}()
