package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"deltui/internal/samples"
	"deltui/internal/scratch"
)

// Spec is what the user asked for.
type Spec struct {
	// Target is a package directory, an import path, a built binary, a sample's
	// name with an @ before it, or one or more .go files.
	Target []string
	Test   bool   // build the package's tests, as `go test -c` does
	Go     string // 1.23, 1.23.12, go1.23.12 or the root of a Go tree; "" is the caller's
	Debug  bool   // -N -l for the user's packages
	Flags  string // more flags for the go command, quoted as in GOFLAGS
	Dir    string // where the caller is; "" is the current directory
	Env    []string
	Guard  Guard // nil: none
}

// Guard undoes what a build has begun, should this process die meanwhile: it
// kills the process groups that are watched, and removes the files.
type Guard interface {
	Watch(pid int)
	Unwatch(pid int)
	Remove(path string)
	Keep(path string)
}

// noGuard is none.
type noGuard struct{}

func (noGuard) Watch(int)     {}
func (noGuard) Unwatch(int)   {}
func (noGuard) Remove(string) {}
func (noGuard) Keep(string)   {}

// Binary is a target that can be run.
type Binary struct {
	Path  string // absolute
	Name  string // the target as the user named it
	Dir   string // where it should run
	Built bool   // built by us, else the user's own file
	tmp   string
	guard Guard
}

// Remove takes away what was built. It is safe to call more than once.
func (b *Binary) Remove() error {
	if b == nil || b.tmp == "" {
		return nil
	}
	err := removeAll(b.tmp)
	if err == nil {
		b.guard.Keep(b.tmp)
	}
	return err
}

// Stage is a part of the way from a target to its binary.
type Stage string

// The stages, in their order; a target need not pass them all.
const (
	Resolving   Stage = "looking at"
	Downloading Stage = "downloading"
	Building    Stage = "building"
	Linking     Stage = "linking"
)

// Event is progress: it comes at each change, and twice a second in between.
type Event struct {
	Stage   Stage
	Text    string // what is downloaded or built now: a module, a package
	Built   int    // packages compiled so far; those in the build cache do not count
	Elapsed time.Duration
}

// Build makes a binary of s. Progress is reported from another goroutine, one
// call at a time, and not after Build has returned; it may be nil. Errors are
// [*Error] or ctx's.
func Build(ctx context.Context, s Spec, progress func(Event)) (*Binary, error) {
	if s.Env == nil {
		s.Env = os.Environ()
	}
	if s.Guard == nil {
		s.Guard = noGuard{}
	}
	if s.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, fmt.Errorf("looking for the current directory: %w", err)
		}
		s.Dir = dir
	}
	what, err := classify(s)
	if err != nil {
		return nil, err
	}
	if what.kind == binaryTarget {
		return existing(s, what)
	}
	flags, err := SplitFlags(s.Flags)
	if err != nil {
		return nil, &Error{Kind: Usage, What: "--build-flags", Why: err.Error(), Advice: "quote as in GOFLAGS: --build-flags \"-tags=a,b '-ldflags=-X main.v=1'\""}
	}

	tmp, err := scratch.Dir(getenv(s.Env, "GOTMPDIR"))
	if err != nil {
		return nil, fmt.Errorf("making a directory for the build: %w", err)
	}
	s.Guard.Remove(tmp)
	b := &builder{spec: s, what: what, flags: flags, tmp: tmp, report: newReporter(progress)}
	defer b.report.stop()
	bin, err := b.build(ctx)
	if err != nil {
		if rmErr := removeAll(tmp); rmErr == nil {
			s.Guard.Keep(tmp)
		} else if ctx.Err() == nil {
			err = errors.Join(err, rmErr)
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("building %s: %w", what.name, context.Cause(ctx))
		}
		return nil, err
	}
	return bin, nil
}

// existing is a target that the user has built.
func existing(s Spec, w what) (*Binary, error) {
	for flag, set := range map[string]bool{"--test": s.Test, "--go": s.Go != "", "--debug": s.Debug, "--build-flags": s.Flags != ""} {
		if set {
			return nil, &Error{Kind: Usage, What: flag + " on a built binary", Why: w.name + " is not built by deltui", Advice: "name its package instead"}
		}
	}
	if err := runnable(w.path); err != nil {
		return nil, &Error{Kind: NotRunnable, What: w.name + " cannot be run", Why: err.Error(), Advice: "chmod +x it"}
	}
	return &Binary{Path: w.path, Name: w.name, Dir: s.Dir}, nil
}

// removeAll takes away a tree that killed children may be writing to for a
// moment longer.
func removeAll(dir string) error {
	var err error
	for range 20 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("removing what was built: %w", err)
}

// unpack puts a sample where it can be built.
func unpack(name, dir string) (string, error) {
	dir = filepath.Join(dir, "sample")
	return dir, samples.Unpack(name, dir)
}
