package samples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/samples"
	"deltui/internal/testenv"
)

// Each sample is built and run by every toolchain of the matrix: an older Go
// must understand it, and it must end by itself.
func TestBuildAndRun(t *testing.T) {
	for _, name := range samples.Names() {
		if samples.About(name) == "" {
			t.Errorf("%s does not say what it is", name)
		}
		if n := len(samples.About(name)); n > 72 {
			t.Errorf("%s says what it is in %d columns: the start screen at 80 has 72", name, n)
		}
		dir := filepath.Join(t.TempDir(), name)
		if err := samples.Unpack(name, dir); err != nil {
			t.Fatal(err)
		}
		for _, tc := range testenv.Toolchains() {
			t.Run(name+"/"+tc.String(), func(t *testing.T) {
				t.Parallel()
				bin := tc.Build(t, dir)
				out, err := exec.Command(bin, "-pause", "0").CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if len(out) == 0 {
					t.Error("it printed nothing")
				}
			})
		}
	}
}

func TestSourcesAreModulesOfGo118(t *testing.T) {
	for _, name := range samples.Names() {
		dir := t.TempDir()
		if err := samples.Unpack(name, dir); err != nil {
			t.Fatal(err)
		}
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil || !strings.Contains(string(mod), "\ngo 1.18\n") {
			t.Errorf("%s: go.mod is %q, %v", name, mod, err)
		}
	}
}

func TestUnknown(t *testing.T) {
	if samples.Has("../samples") || samples.Has("") || samples.Has("nobody") {
		t.Error("a sample that there is not")
	}
	if err := samples.Unpack("nobody", t.TempDir()); err == nil {
		t.Error("unpacked")
	}
}
