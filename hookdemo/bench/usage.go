package bench

import (
	"os"
	"strings"
	"syscall"
)

func readUsage() usage {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return usage{}
	}
	return usage{
		seconds:     float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9,
		preemptions: int64(r.Nivcsw),
	}
}

// loadAverage is the machine's over the last minute, or "" where it has none to
// read.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
