package dlvclient

import (
	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/pkg/proc/linutil"
)

// machineRegs reads registers by DWARF number without making Delve convert
// them all; nil where the backend keeps them otherwise.
func machineRegs(regs proc.Registers) func(int) (uint64, bool) {
	r, ok := regs.(*linutil.AMD64Registers)
	if !ok {
		return nil
	}
	m := *r.Regs
	return func(n int) (uint64, bool) {
		switch n {
		case 0:
			return m.Rax, true
		case 1:
			return m.Rdx, true
		case 2:
			return m.Rcx, true
		case 3:
			return m.Rbx, true
		case 4:
			return m.Rsi, true
		case 5:
			return m.Rdi, true
		case 6:
			return m.Rbp, true
		case 7:
			return m.Rsp, true
		case 8:
			return m.R8, true
		case 9:
			return m.R9, true
		case 10:
			return m.R10, true
		case 11:
			return m.R11, true
		case 12:
			return m.R12, true
		case 13:
			return m.R13, true
		case 14:
			return m.R14, true
		case 15:
			return m.R15, true
		case 16:
			return m.Rip, true
		}
		return 0, false
	}
}
