package dlvclient

import (
	"fmt"

	"github.com/go-delve/delve/pkg/proc"
	"github.com/go-delve/delve/pkg/proc/linutil"
)

// libraries looks for the shared libraries of a process, for Delve.
//
// Delve (1.27.2) does so itself at every stop, before it has chosen the thread
// to read memory by: it uses the one that hit the stop before. That thread can
// have ended since (in a program with cgo: a thread that C made, called Go and
// returned), and then Continue fails with "no such process", with the stop half
// made: the process cannot be continued from it. So Delve is kept from looking,
// by hiding the address of the dynamic section, and is made to look where it is
// of use: before a stack is unwound, at a complete stop.
// docs/upstream/delve-memthread.patch is the mend for Delve itself.
type libraries struct{ section proc.ElfDynamicSection }

// holdLibraries takes the looking over. The target's lock is held.
func holdLibraries(bi *proc.BinaryInfo) libraries {
	l := libraries{bi.ElfDynamicSection}
	bi.ElfDynamicSection.Addr = 0
	return l
}

// update looks. The target's lock is held.
func (l libraries) update(tgt *proc.Target) error {
	if l.section.Addr == 0 {
		return nil
	}
	bi := tgt.BinInfo()
	bi.ElfDynamicSection = l.section
	defer func() { bi.ElfDynamicSection.Addr = 0 }()
	if err := linutil.ElfUpdateSharedObjects(tgt); err != nil {
		return fmt.Errorf("looking for shared libraries: %w", err)
	}
	return nil
}
