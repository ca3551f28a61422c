package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Toolchain is a Go toolchain to build a target with.
type Toolchain struct {
	Version    string // "1.23.12", or "local"
	Experiment string // GOEXPERIMENT, or ""
}

// String is the toolchain's name in subtests and in DELTUI_TEST:
// 1.24.9-noswissmap.
func (tc Toolchain) String() string {
	if tc.Experiment != "" {
		return tc.Version + "-" + tc.Experiment
	}
	return tc.Version
}

// Local is the toolchain that runs this test.
var Local = Toolchain{Version: "local"}

// The newest patch release of each version, as published when this was last
// brought up to date.
const (
	Go118 = "1.18.10"
	Go119 = "1.19.13"
	Go120 = "1.20.14"
	Go121 = "1.21.13"
	Go122 = "1.22.12"
	Go123 = "1.23.12"
	Go124 = "1.24.9"
	Go125 = "1.25.5"
	Go126 = "1.26.8"
	Go127 = "1.27.3"
)

var versions = []string{Go118, Go119, Go120, Go121, Go122, Go123, Go124, Go125, Go126, Go127}

// matrix is every version from 1.18 on, and the experiments that change a
// map's layout.
func matrix() []Toolchain {
	var tcs []Toolchain
	for _, v := range versions {
		tcs = append(tcs, Toolchain{Version: v})
	}
	return append(tcs, Local,
		Toolchain{Go124, "noswissmap"}, Toolchain{Go125, "noswissmap"}, Toolchain{Go127, "mapsplitgroup"})
}

// Toolchains returns those of the matrix that are asked for: the local one, and
// what DELTUI_TEST names.
func Toolchains() []Toolchain { return Among(matrix()...) }

// Among returns those of a test's own matrix that are asked for.
func Among(tcs ...Toolchain) []Toolchain {
	return slices.DeleteFunc(slices.Clone(tcs), func(tc Toolchain) bool { return tc != Local && !asked.names(tc) })
}

// Asked reports whether tests are to take this toolchain: the local one always,
// by its version too.
func (tc Toolchain) Asked() bool { return tc.isLocal() || asked.names(tc) }

// isLocal reports whether the go command takes itself for tc.
func (tc Toolchain) isLocal() bool {
	return tc == Local || tc.Experiment == "" && "go"+tc.Version == runtime.Version()
}

// Env returns the environment in which the go command is this toolchain.
func (tc Toolchain) Env() []string {
	env := os.Environ()
	toolchain := "local"
	if tc.Version != Local.Version {
		toolchain = "go" + tc.Version
	}
	// Run from the module cache, Go 1.19 finds no package, and says
	// `import "": import of unknown directory`, unless it is kept from using
	// its module index. Later versions do not know the setting.
	env = append(env, "GODEBUG=goindex=0")
	return append(env, "GOTOOLCHAIN="+toolchain, "GOEXPERIMENT="+tc.Experiment, "GOFLAGS=", "GOWORK=off")
}

var fetched sync.Map // Toolchain.Version → error text or ""

// Need skips where the toolchain is not asked for, or cannot be fetched. One
// that is asked for by name must be had.
func (tc Toolchain) Need(t testing.TB) {
	t.Helper()
	if tc.isLocal() {
		return
	}
	if !tc.Asked() {
		t.Skipf("skipped: go%s is taken with DELTUI_TEST=%s, or =all", tc, tc)
	}
	msg, ok := fetched.Load(tc.Version)
	if !ok {
		text := ""
		cmd := exec.Command("go", "version")
		cmd.Env = tc.Env()
		if out, err := cmd.CombinedOutput(); err != nil {
			text = strings.TrimSpace(string(out)) + ": " + err.Error()
		}
		msg, _ = fetched.LoadOrStore(tc.Version, text)
	}
	if msg != "" {
		t.Fatalf("DELTUI_TEST asks for go%s, which cannot be had: %s", tc.Version, msg)
	}
}

// A wish is DELTUI_TEST, parsed.
type wish struct {
	all   bool
	named []Toolchain
}

func (w wish) names(tc Toolchain) bool { return w.all || slices.Contains(w.named, tc) }

// parseWish reads "all", or toolchains with commas between: a version with or
// without its patch, and an experiment after a hyphen. What cannot be granted
// is an error, because a matrix that runs nothing would pass.
func parseWish(s string) (w wish, err error) {
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimPrefix(strings.TrimSpace(name), "go")
		switch name {
		case "", Local.Version:
			continue
		case "all":
			w.all = true
			continue
		}
		tc := Toolchain{}
		tc.Version, tc.Experiment, _ = strings.Cut(name, "-")
		for _, v := range versions {
			if strings.HasPrefix(v, tc.Version+".") {
				tc.Version = v
			}
		}
		if !slices.Contains(matrix(), tc) {
			return wish{}, fmt.Errorf("%q is no toolchain of the matrix: want all, or some of %v", name, matrix())
		}
		w.named = append(w.named, tc)
	}
	return w, nil
}
