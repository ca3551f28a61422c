// Package testenv tells tests what the machine has, and skips with the reason
// what it lacks.
//
// DELTUI_TEST=all, which CI sets, turns every such skip into a failure and
// every short matrix into the whole one: on a machine that promises the
// extras, a missing one is a defect and not an excuse.
package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

// All reports whether the whole matrix is asked for and no test may skip.
func All() bool { return os.Getenv("DELTUI_TEST") == "all" }

// Missing skips t with the reason, or fails it when All.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if All() {
		t.Fatalf("DELTUI_TEST=all, but "+format, args...)
	}
	t.Skipf("skipped: "+format, args...)
}

// NeedTool returns the path of a program that the test runs.
func NeedTool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "no %s on this machine (Debian: apt-get install %s)", name, name)
	}
	return path
}

// NeedPtrace skips where a live target cannot be watched.
func NeedPtrace(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("skipped: live targets are tested on linux/amd64 only, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
}

// Toolchain is a Go toolchain to build a target with.
type Toolchain struct {
	Version    string // "1.23.12", or "local"
	Experiment string // GOEXPERIMENT, or ""
}

// String is the toolchain's name in subtests: 1.24.9-noswissmap.
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

// Toolchains returns the matrix: two older ones and the local one, or when All
// every version from 1.18 on and the experiments that change a map's layout.
func Toolchains() []Toolchain {
	if !All() {
		return []Toolchain{{Version: Go123}, {Version: Go125}, Local}
	}
	var tcs []Toolchain
	for _, v := range []string{Go118, Go119, Go120, Go121, Go122, Go123, Go124, Go125, Go126, Go127} {
		tcs = append(tcs, Toolchain{Version: v})
	}
	return append(tcs, Local,
		Toolchain{Go124, "noswissmap"}, Toolchain{Go125, "noswissmap"}, Toolchain{Go127, "mapsplitgroup"})
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

// Need skips where the toolchain is neither here nor to be fetched.
func (tc Toolchain) Need(t testing.TB) {
	t.Helper()
	if tc.Version == Local.Version {
		return
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
		Missing(t, "go%s cannot be had: %s", tc.Version, msg)
	}
}

// Build builds the main package in dir and returns the binary's path. Extra
// arguments go to `go build` before the package.
func (tc Toolchain) Build(t testing.TB, dir string, args ...string) string {
	t.Helper()
	tc.Need(t)
	out := filepath.Join(t.TempDir(), "prog")
	cmd := exec.Command("go", append(append([]string{"build", "-o", out}, args...), ".")...)
	cmd.Dir = dir
	cmd.Env = tc.Env()
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: go build %v: %v\n%s", tc, args, err, text)
	}
	return out
}

// Unpack writes a txtar archive's files to a new directory.
func Unpack(t testing.TB, archive []byte) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse(archive).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
