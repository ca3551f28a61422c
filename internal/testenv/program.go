package testenv

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Program is what a test has built, and how.
type Program struct {
	Dir  string   // its files, all of which count: a module
	Pkg  string   // the package in it, ./lib; "" is Dir's own
	Args []string // for go build, before the package
	Env  []string // beside the toolchain's: GOARCH=arm64
	Test bool     // go test -c
}

// Build builds the main package in dir and returns the binary's path. Extra
// arguments go to `go build` before the package.
func (tc Toolchain) Build(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return tc.BuildProgram(t, Program{Dir: dir, Args: args})
}

// Sources is where the files lie that a program was built from.
func Sources(bin string) string { return filepath.Join(filepath.Dir(bin), "src") }

// BuildProgram is Build for what else a program may need. The binary lies in
// the cache that all packages share, so nobody may change it; it was built from
// its sources there, so that what it says of its files stays true.
func (tc Toolchain) BuildProgram(t testing.TB, p Program) string {
	t.Helper()
	path, err := tc.TryBuild(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TryBuild is BuildProgram where the test wants the error, which has the go
// command's words.
func (tc Toolchain) TryBuild(t testing.TB, p Program) (path string, err error) {
	t.Helper()
	tc.Need(t)
	env := append(tc.Env(), p.Env...)
	h := sha256.New()
	if err := hashGo(h, tc, p.Env, env); err != nil {
		return "", fmt.Errorf("%s: %w", tc, err)
	}
	fmt.Fprintf(h, "%q %q %v\n", p.Args, p.Pkg, p.Test)
	if err := hashTree(h, p.Dir); err != nil {
		return "", err
	}
	return buildInCache(h, "prog", func(dir, bin string) error {
		src := filepath.Join(dir, "src")
		if err := os.CopyFS(src, os.DirFS(p.Dir)); err != nil {
			return err
		}
		return goCommand(src, env, p.command(bin)...)
	})
}

// command is what the go command is told, in a copy of p.Dir.
func (p Program) command(bin string) []string {
	args := []string{"build"}
	if p.Test {
		args = []string{"test", "-c"}
	}
	args = append(append(args, "-o", bin), p.Args...)
	if p.Pkg == "" {
		return append(args, ".")
	}
	return append(args, p.Pkg)
}

// Command builds a command of this module, or of one that it requires, in the
// caller's environment, and returns the binary's path. The sources' bytes are
// read in this process, for the key: so Go's own cache of test results knows,
// too, what the test depends on.
func Command(t testing.TB, pkg string) string {
	t.Helper()
	h := sha256.New()
	if err := hashGo(h, Toolchain{}, nil, os.Environ()); err != nil {
		t.Fatal(err)
	}
	if err := hashPackages(h, pkg); err != nil {
		Missing(t, "%s cannot be built: %v", pkg, err)
	}
	path, err := buildInCache(h, filepath.Base(pkg), func(_, bin string) error {
		return goCommand("", os.Environ(), "build", "-buildvcs=false", "-o", bin, pkg)
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Install builds a command of another module as `go install PKG@VERSION` does,
// and returns the binary's path.
func Install(t testing.TB, pkg, version string) string {
	t.Helper()
	h := sha256.New()
	env := Local.Env()
	if err := hashGo(h, Local, nil, env); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(h, "install", pkg, version)
	path, err := buildInCache(h, filepath.Base(pkg), func(dir, bin string) error {
		gobin := filepath.Join(dir, "bin")
		if err := goCommand(dir, append(env, "GOBIN="+gobin), "install", pkg+"@"+version); err != nil {
			return err
		}
		return os.Rename(filepath.Join(gobin, filepath.Base(pkg)), bin)
	})
	if err != nil {
		Missing(t, "%s@%s cannot be built: %v", pkg, version, err)
	}
	return path
}

// goCommand runs the go command. Its error has all that the command said.
func goCommand(dir string, env []string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, env
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, text)
	}
	return nil
}

// goFacts are the settings that change what the go command makes of a program.
var goFacts = []string{
	"GOVERSION", "GOROOT", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GOFLAGS",
	"CGO_ENABLED", "CC", "CXX", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_LDFLAGS",
}

var toldFacts sync.Map // toolchain and environment added → once

// hashGo adds to h what the go command is in env.
func hashGo(h hash.Hash, tc Toolchain, added, env []string) error {
	f, _ := toldFacts.LoadOrStore(fmt.Sprint(tc, added), sync.OnceValues(func() (string, error) {
		cmd := exec.Command("go", append([]string{"env"}, goFacts...)...)
		cmd.Env = env
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("go env: %w", err)
		}
		text := "deltui-test 1\n" + string(out)
		if strings.HasPrefix(text, "devel") || strings.Contains(text, "\ndevel") {
			// A tree that is being worked on is not told by its version.
			text += fmt.Sprint(os.Getpid(), time.Now())
		}
		return text, nil
	}))
	text, err := f.(func() (string, error))()
	fmt.Fprintf(h, "%q\n", text)
	return err
}

// hashTree adds to h the files below dir, by name and bytes.
func hashTree(h hash.Hash, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return hashFile(h, name, path)
	})
}

func hashFile(h hash.Hash, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	fmt.Fprintf(h, "%q %x\n", name, sum.Sum(nil))
	return nil
}

// hashPackages adds to h all that a package of this module is built from: the
// files of this module, and the versions of others.
func hashPackages(h hash.Hash, pkg string) error {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Module,GoFiles,CgoFiles,CFiles,HFiles,SFiles,SysoFiles,EmbedFiles", pkg)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w\n%s", pkg, err, &stderr)
	}
	fmt.Fprintf(h, "%q\n", pkg)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Dir                                                  string
			Standard                                                         bool
			Module                                                           *struct{ Main bool }
			GoFiles, CgoFiles, CFiles, HFiles, SFiles, SysoFiles, EmbedFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list %s: %w", pkg, err)
		}
		if p.Standard || p.Module == nil {
			continue
		}
		if !p.Module.Main {
			text, err := json.Marshal(p.Module)
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%q %s\n", p.ImportPath, text)
			continue
		}
		if _, err := os.ReadDir(p.Dir); err != nil { // a file more is a change, too
			return err
		}
		for _, names := range [][]string{p.GoFiles, p.CgoFiles, p.CFiles, p.HFiles, p.SFiles, p.SysoFiles, p.EmbedFiles} {
			for _, name := range names {
				if err := hashFile(h, p.ImportPath+"/"+name, filepath.Join(p.Dir, name)); err != nil {
					return err
				}
			}
		}
	}
}

// buildInCache returns the binary of the key in h, built by build if it is not
// there.
func buildInCache(h hash.Hash, name string, build func(dir, bin string) error) (string, error) {
	c, err := theCache()
	if err != nil {
		return "", err
	}
	return c.get(hex.EncodeToString(h.Sum(nil)[:16]), name, build)
}
