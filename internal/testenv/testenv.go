// Package testenv tells tests what the machine has, and skips with the reason
// what it lacks; and it builds the programs that tests look at, each once, into
// a cache that all packages share.
//
// By default tests take the local toolchain, so that `go test ./...` is quick.
// DELTUI_TEST names more:
//
//	DELTUI_TEST=1.23,1.27.3-mapsplitgroup   these toolchains too
//	DELTUI_TEST=all                         the whole matrix, and no test may skip
//
// With all, which CI sets, a machine promises the extras: a missing one is a
// defect and not an excuse. The same holds for a toolchain that is named.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/tools/txtar"
)

// asked is what DELTUI_TEST asks for.
var asked = func() wish {
	w, err := parseWish(os.Getenv("DELTUI_TEST"))
	if err != nil {
		fmt.Fprintf(os.Stderr, "DELTUI_TEST: %v\n", err)
		os.Exit(2)
	}
	return w
}()

// All reports whether the whole matrix is asked for and no test may skip.
func All() bool { return asked.all }

// More skips t unless All: it is one case more of what others prove by default.
func More(t testing.TB) {
	t.Helper()
	if !All() {
		t.Skip("skipped: one case more, which DELTUI_TEST=all takes")
	}
}

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
