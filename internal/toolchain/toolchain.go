// Package toolchain makes Go 1.19 usable where the go command keeps it.
//
// A newer go command fetches an older Go as a module and runs it from the module
// cache. Go 1.19 alone does not work there: with a GOROOT beneath the cache it
// says `import "": import of unknown directory` of every package (found with
// 1.19.1, 1.19.12 and 1.19.13; 1.18 and 1.20 work). A copy elsewhere works, so
// one is made, once, in the user's cache directory, and found through PATH:
// the go command takes an executable called go1.19.13 before it fetches one.
package toolchain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Needed reports whether a version (1.19.13) has to be copied.
func Needed(version string) bool { return version == "1.19" || strings.HasPrefix(version, "1.19.") }

// PathEntry returns a directory to put first in PATH, so that GOTOOLCHAIN=go…
// with that version works. It fetches and copies the toolchain where it has not
// been yet, which takes some seconds and 400 MB. env is the environment of the
// go command.
func PathEntry(ctx context.Context, version string, env []string) (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
	}
	dir = filepath.Join(cache, "deltui", "toolchains", "bin")
	link := filepath.Join(dir, "go"+version)
	if _, err := os.Stat(link); err == nil {
		return dir, nil
	}
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Env = append(append([]string(nil), env...), "GOTOOLCHAIN=go"+version)
	cmd.Dir = os.TempDir() // no go.mod there that has a say
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("fetching go%s: %w", version, err)
	}
	from := strings.TrimSpace(string(out))
	to := filepath.Join(cache, "deltui", "toolchains", "go"+version)
	// Others may do the same at the same time: whoever is first renames.
	tmp, err := os.MkdirTemp(ensure(filepath.Dir(to)), "copying-")
	if err != nil {
		return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
	}
	defer os.RemoveAll(tmp)
	if err := os.CopyFS(filepath.Join(tmp, "go"), os.DirFS(from)); err != nil {
		return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
	}
	if err := executable(filepath.Join(tmp, "go")); err != nil {
		return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
	}
	if err := os.Rename(filepath.Join(tmp, "go"), to); err != nil {
		if _, err2 := os.Stat(to); err2 != nil {
			return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
		}
	}
	if err := os.Symlink(filepath.Join(to, "bin", "go"), filepath.Join(ensure(dir), "go"+version)); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("copying go%s out of the module cache: %w", version, err)
	}
	return dir, nil
}

func ensure(dir string) string {
	_ = os.MkdirAll(dir, 0o777)
	return dir
}

// executable makes the tools of a copied tree executable again: the module
// cache's files have lost it on some systems, and a copy may too.
func executable(root string) error {
	for _, pattern := range []string{"bin/*", "pkg/tool/*/*"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := os.Chmod(f, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}
