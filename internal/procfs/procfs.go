// Package procfs reads what Linux tells of a process in /proc. It is the one
// place that knows the format of these files. On other systems every read
// fails.
package procfs

import (
	"bytes"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

// Stat is what is used of /proc/PID/stat; see proc_pid_stat(5).
type Stat struct {
	// State is R, S or D of a process that runs or sleeps, T of one that was
	// stopped, t of one that is stopped by its tracer, Z or X of one that is
	// dead but for its parent's asking.
	State byte
	// Group is the id of its process group.
	Group int
	// CPU is the time in user and system mode, in clock ticks.
	CPU uint64
	// Started is when the process began, in clock ticks since boot: it tells a
	// process from a later one with the same id. It survives exec.
	Started uint64
}

// Dead reports that only the process's exit status is left of it.
func (s Stat) Dead() bool { return s.State == 'Z' || s.State == 'X' }

// ReadStat reads the state of a process or thread.
func ReadStat(pid int) (Stat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Stat{}, fmt.Errorf("reading the state of process %d: %w", pid, err)
	}
	s, err := parseStat(b)
	if err != nil {
		return Stat{}, fmt.Errorf("reading the state of process %d: %w", pid, err)
	}
	return s, nil
}

// parseStat parses "4211 (a name) S 1 …". The name may hold anything, spaces
// and parentheses too, so what follows is counted from its last one.
func parseStat(b []byte) (Stat, error) {
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const state, group, utime, stime, started = 0, 2, 11, 12, 19 // 3, 5, 14, 15 and 22 in the manual
	if len(fields) <= started || len(fields[state]) != 1 {
		return Stat{}, fmt.Errorf("%d fields follow the name in %.80q", len(fields), b)
	}
	s := Stat{State: fields[state][0]}
	if s.State < 'A' || s.State > 'z' {
		return Stat{}, fmt.Errorf("the state is %q", s.State)
	}
	var err error
	if s.Started, err = strconv.ParseUint(fields[started], 10, 64); err != nil {
		return Stat{}, fmt.Errorf("start time: %w", err)
	}
	if s.Group, err = strconv.Atoi(fields[group]); err != nil {
		return Stat{}, fmt.Errorf("process group: %w", err)
	}
	for _, f := range []string{fields[utime], fields[stime]} {
		n, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return Stat{}, fmt.Errorf("processor time: %w", err)
		}
		s.CPU += n
	}
	return s, nil
}

// Threads lists the ids of a process's threads in the order of their creation,
// dead ones that nobody has asked for included.
func Threads(pid int) []int {
	ents, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	var tids []int
	for _, e := range ents {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	sort.Ints(tids)
	return tids
}

// Tracer is the id of the process that traces a thread; 0 is none.
func Tracer(tid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return 0, fmt.Errorf("asking who traces %d: %w", tid, err)
	}
	const field = "\nTracerPid:"
	_, rest, ok := bytes.Cut(b, []byte(field))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if !ok || err != nil {
		return 0, fmt.Errorf("asking who traces %d: no TracerPid in its status", tid)
	}
	return n, nil
}

// Children lists the processes whose parent a process is, dead ones that it has
// not asked for included.
func Children(pid int) []int {
	var pids []int
	for _, tid := range Threads(pid) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, tid))
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(f); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// Command is what a process was started as, its words parted by spaces and cut
// after maxCommand bytes; raw, for it may hold anything.
func Command(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(b) == 0 {
		if b, err = os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err != nil {
			return "?"
		}
	}
	const maxCommand = 80
	s := strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", " "))
	if len(s) > maxCommand {
		s = s[:maxCommand] + "…"
	}
	return s
}
