package toolchain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNeeded(t *testing.T) {
	for v, want := range map[string]bool{"1.19": true, "1.19.13": true, "1.18.10": false, "1.20.14": false, "1.190": false} {
		if Needed(v) != want {
			t.Errorf("Needed(%s) is %t", v, !want)
		}
	}
}

// What is there already is neither fetched nor copied again. That a copy works
// is seen by every test that builds with Go 1.19.
func TestThereAlready(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("skipped: no cache directory")
	}
	bin := filepath.Join(cache, "deltui", "toolchains", "bin")
	if err := os.MkdirAll(bin, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "go1.19.13"), nil, 0o777); err != nil {
		t.Fatal(err)
	}
	dir, err := PathEntry(t.Context(), "1.19.13", []string{"GOPROXY=off"})
	if err != nil || !strings.HasPrefix(dir, cache) {
		t.Error(dir, err)
	}
}
