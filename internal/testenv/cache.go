package testenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// A cache keeps built programs between the packages of a run, and between runs.
//
//	ROOT/lock/ab      whoever builds, takes or removes an entry ab… holds this
//	ROOT/ab…/src/     the program's files, from which it was built
//	ROOT/ab…/NAME     the binary: there only when it is whole
//
// An entry's name is the hash of all that its binary is made of, so an entry is
// never wrong, only unused; the binary's time is when it was last asked for.
// The locks are few and never removed: a lock that can be removed can be held
// twice.
type cache struct {
	root  string
	limit int64         // bytes, beyond which old entries go
	grace time.Duration // an entry asked for this recently stays: a test runs it
}

// theCache is the user's: in their cache directory, or where there is none
// (no HOME, or one that cannot be written), in that of the go command, without
// which nothing can be built.
var theCache = sync.OnceValues(func() (cache, error) {
	var problems []error
	for _, parent := range []func() (string, error){os.UserCacheDir, goCache} {
		dir, err := parent()
		if err == nil {
			dir = filepath.Join(dir, "deltui-test")
			err = os.MkdirAll(filepath.Join(dir, "lock"), 0o777)
		}
		if err == nil {
			err = writable(dir)
		}
		if err == nil {
			return cache{root: dir, limit: 1 << 30, grace: time.Hour}, nil
		}
		problems = append(problems, err)
	}
	return cache{}, fmt.Errorf("no place to keep what tests build: %w", errors.Join(problems...))
})

func goCache() (string, error) {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOCACHE: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func writable(dir string) error {
	f, err := os.CreateTemp(dir, "try-")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// lock waits for the lock of a key.
func (c cache) lock(key string) (unlock func(), err error) {
	return lockedfile.MutexAt(filepath.Join(c.root, "lock", key[:2])).Lock()
}

// get returns the path of a key's binary. If it is not there, build makes it
// from dir, which is the entry's, as bin; others that want it wait.
func (c cache) get(key, name string, build func(dir, bin string) error) (path string, err error) {
	unlock, err := c.lock(key)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(c.root, key)
	path = filepath.Join(dir, name)
	now := time.Now()
	if os.Chtimes(path, now, now) == nil {
		unlock()
		return path, nil
	}
	err = c.build(dir, path, build)
	unlock() // before the sweep, which takes other locks
	if err != nil {
		return "", err
	}
	c.sweep()
	return path, nil
}

func (c cache) build(dir, path string, build func(dir, bin string) error) error {
	// What an interrupted build left would be among the sources.
	err := os.RemoveAll(dir)
	if err == nil {
		err = os.Mkdir(dir, 0o777)
	}
	part := path + ".part"
	if err == nil {
		err = build(dir, part)
	}
	if err == nil {
		err = os.Chmod(part, 0o555)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.RemoveAll(dir)
	}
	return err
}

// sweep removes the entries that nobody asked for longest, until the rest is
// within the limit. What cannot be removed stays for the next sweep.
func (c cache) sweep() {
	type entry struct {
		key  string
		size int64
		used time.Time
	}
	var entries []entry
	var total int64
	dirs, _ := os.ReadDir(c.root)
	for _, d := range dirs {
		if !d.IsDir() || d.Name() == "lock" {
			continue
		}
		size, used := measure(filepath.Join(c.root, d.Name()))
		entries = append(entries, entry{d.Name(), size, used})
		total += size
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.used.Compare(b.used) })
	for _, e := range entries {
		if total <= c.limit || time.Since(e.used) < c.grace {
			return
		}
		unlock, err := c.lock(e.key)
		if err != nil {
			return
		}
		dir := filepath.Join(c.root, e.key)
		if _, used := measure(dir); used.Equal(e.used) { // nobody took it meanwhile
			os.RemoveAll(dir)
			total -= e.size
		}
		unlock()
	}
}

// measure returns an entry's bytes and the time of its newest file.
func measure(dir string) (size int64, used time.Time) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // removed meanwhile
		}
		if fi, err := d.Info(); err == nil && fi.Mode().IsRegular() {
			size += fi.Size()
			if fi.ModTime().After(used) {
				used = fi.ModTime()
			}
		}
		return nil
	})
	return size, used
}
