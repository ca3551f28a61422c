package gomap

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// TestOtherGo runs the tests on this process's own maps, alone, in processes of other toolchains: those
// that can compile this package and have other maps than the local one.
func TestOtherGo(t *testing.T) {
	var tcs []testenv.Toolchain
	for _, tc := range testenv.Toolchains() {
		if tc != testenv.Local && tc.Version >= testenv.Go122 {
			tcs = append(tcs, tc)
		}
	}
	if len(tcs) == 0 {
		t.Skip("skipped: no other toolchain is asked for (DELTUI_TEST)")
	}
	dir := t.TempDir()
	for _, from := range []string{".", "../visible"} {
		to := filepath.Join(dir, "internal", filepath.Base(must(filepath.Abs(from))))
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range must(filepath.Glob(filepath.Join(from, "*.go"))) {
			name := filepath.Base(file)
			if strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "own") {
				continue
			}
			if err := os.WriteFile(filepath.Join(to, name), must(os.ReadFile(file)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module deltui\n\ngo 1.22\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range tcs {
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			args := []string{"test", "-vet=off", "-run=TestOwn", "-v"}
			if slices.Contains(kindsOf(tc, "go"+tc.Version), Classic) {
				args = append(args, "-tags=classicmaps")
			}
			cmd := exec.Command("go", append(args, "./internal/gomap")...)
			cmd.Dir = dir
			cmd.Env = tc.Env()
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("go %v: %v\n%s", args, err, out)
			}
			if !strings.Contains(string(out), "--- PASS: TestOwnMaps/100/") {
				t.Fatalf("TestOwnMaps did not run:\n%s", out)
			}
			t.Logf("%s", out)
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
