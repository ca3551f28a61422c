// Package scratch makes temporary directories whose names tell which process they
// belong to, so that a later run can take away what one that was killed has left:
//
//	deltui-4211-8837465-9d1c7a02-305441741
//	       │    │       │        └ random
//	       │    │       └ the machine and the process namespace that the id is of
//	       │    └ when the process began, in clock ticks since boot
//	       └ its id
//
// A directory of another user, of a process that lives, or of a machine or
// container that shares the file system with this one is never touched.
package scratch

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"deltui/internal/procfs"
)

// Dir makes a directory of this process below parent; "" is the system's own
// place for such.
func Dir(parent string) (string, error) {
	started := uint64(0) // where the system does not say
	if s, err := procfs.ReadStat(os.Getpid()); err == nil {
		started = s.Started
	}
	return os.MkdirTemp(parent, fmt.Sprintf("deltui-%d-%d-%s-*", os.Getpid(), started, here()))
}

var name = regexp.MustCompile(`^deltui-(\d+)-(\d+)-([0-9a-f]{8})-\d+$`)

// Sweep removes the directories below parent whose processes have died. It tells
// no errors: what cannot be removed stays for the next time.
func Sweep(parent string) {
	if parent == "" {
		parent = os.TempDir()
	}
	dir, err := os.Open(parent)
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, n := range names {
		if m := name.FindStringSubmatch(n); m != nil && m[3] == here() && ours(filepath.Join(parent, n)) && dead(m[1], m[2]) {
			_ = os.RemoveAll(filepath.Join(parent, n))
		}
	}
}

// ours reports whether path is a directory of this user.
func ours(path string) bool {
	fi, err := os.Lstat(path)
	if err != nil || !fi.IsDir() {
		return false
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// dead reports that the process is surely gone.
func dead(id, started string) bool {
	pid, err := strconv.Atoi(id)
	if err != nil || pid <= 0 {
		return false
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	s, err := procfs.ReadStat(pid)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Gone meanwhile, if this system has a /proc at all.
		_, err := procfs.ReadStat(os.Getpid())
		return err == nil
	case err != nil:
		return false
	}
	return started != "0" && strconv.FormatUint(s.Started, 10) != started
}

// here tells this machine and process namespace from others.
func here() string {
	h := fnv.New32a()
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid")
	fmt.Fprintf(h, "%s\x00%s", host, space)
	return fmt.Sprintf("%08x", h.Sum32())
}
