package dlvclient

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"deltui/internal/procfs"
)

// tighten returns what takes it back, or nil where it would not help.
func tighten(pid int) (loosen func()) {
	var ours, theirs, one unix.CPUSet
	if unix.SchedGetaffinity(0, &ours) != nil || unix.SchedGetaffinity(pid, &theirs) != nil {
		return nil
	}
	if ours.Count() < 2 {
		return nil
	}
	cpu := -1
	for i := range len(ours) * 64 {
		if ours.IsSet(i) && theirs.IsSet(i) {
			cpu = i
		}
	}
	if cpu < 0 {
		return nil
	}
	one.Set(cpu)
	procs := runtime.GOMAXPROCS(1)
	self := os.Getpid()
	for _, tid := range procfs.Threads(self) {
		_ = unix.SchedSetaffinity(tid, &one)
	}
	for i, tid := range procfs.Threads(pid) {
		if i != monitor {
			_ = unix.SchedSetaffinity(tid, &one)
		}
	}
	return func() {
		for _, tid := range procfs.Threads(self) {
			_ = unix.SchedSetaffinity(tid, &ours)
		}
		for _, tid := range procfs.Threads(pid) {
			_ = unix.SchedSetaffinity(tid, &theirs)
		}
		runtime.GOMAXPROCS(procs)
	}
}

// monitor is the place of runtime.sysmon's thread among a Go process's: the
// first that runtime.main starts.
const monitor = 1
