// Release makes the archives of a release, one a system, and their checksums:
//
//	go run ./internal/release -o dist              as the checkout's tag says, which has to be clean
//	go run ./internal/release -o dist -snapshot    of any checkout, for trying
//
// An archive has the program, its man pages, completions for three shells, the
// licence, README and CHANGELOG, below one directory of its own name. Version and
// commit come into the program by the go command, from the checkout; the archive's
// times are the commit's, and so two runs on one commit and toolchain make the
// same bytes.
//
// It is a program of ours and not goreleaser because all that is wanted of that
// is four calls of go build: compiling it takes longer than they do.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// systems are those that a release is for; runtime names.
var systems = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"}

func main() {
	out := flag.String("o", "dist", "the `directory` to make the archives in")
	snapshot := flag.Bool("snapshot", false, "make them of a checkout that has no tag, or changes")
	only := flag.String("system", "", "make one alone, such as linux/amd64")
	flag.Parse()
	if err := release(*out, *snapshot, *only); err != nil {
		fmt.Fprintln(os.Stderr, "release: "+err.Error())
		os.Exit(1)
	}
}

// release makes the archives from the checkout that it runs in.
func release(out string, snapshot bool, only string) error {
	root, err := output("git", "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("looking for the checkout: %w", err)
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	rev, err := revision(snapshot)
	if err != nil {
		return err
	}
	if only != "" {
		systems = []string{only}
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "deltui-release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	go func() {
		<-stop
		os.RemoveAll(tmp)
		os.Exit(1)
	}()

	common, err := companions(tmp)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, system := range systems {
		goos, goarch, ok := strings.Cut(system, "/")
		if !ok {
			return fmt.Errorf("-system %s: a system is such as linux/amd64", system)
		}
		bin := filepath.Join(tmp, goos+"-"+goarch, "deltui")
		if err := build(bin, goos, goarch); err != nil {
			return err
		}
		name := fmt.Sprintf("deltui_%s_%s_%s", rev.version, goos, goarch)
		path := filepath.Join(out, name+".tar.gz")
		sum, err := archive(path, name, rev.when, append([]entry{{"deltui", bin, 0o755}}, common...))
		if err != nil {
			return fmt.Errorf("making %s: %w", path, err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sum, filepath.Base(path))
		fmt.Println(path)
	}
	path := filepath.Join(out, "checksums.txt")
	if err := os.WriteFile(path, []byte(sums.String()), 0o666); err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

// rev is what a release is made of.
type rev struct {
	version string // 1.2.3, or snapshot-0123456789ab
	when    time.Time
}

// revision refuses a checkout that is not what a tag says, unless it is a
// snapshot that is made.
func revision(snapshot bool) (r rev, err error) {
	commit, err := output("git", "rev-parse", "HEAD")
	if err != nil {
		return r, fmt.Errorf("asking for the commit: %w", err)
	}
	stamp, err := output("git", "log", "-1", "--format=%cI")
	if err != nil {
		return r, fmt.Errorf("asking for the commit's time: %w", err)
	}
	if r.when, err = time.Parse(time.RFC3339, stamp); err != nil {
		return r, fmt.Errorf("the commit's time: %w", err)
	}
	if snapshot {
		r.version = "snapshot-" + commit[:12]
		return r, nil
	}
	tag, err := output("git", "describe", "--tags", "--exact-match", "--match", "v[0-9]*")
	if err != nil {
		return r, errors.New("this commit has no tag such as v1.2.3: git tag it, or make a -snapshot")
	}
	if changed, err := output("git", "status", "--porcelain"); err != nil || changed != "" {
		return r, fmt.Errorf("the checkout has changes that no commit has: commit them, or make a -snapshot\n%s", changed)
	}
	r.version = strings.TrimPrefix(tag, "v")
	return r, nil
}

// build builds the program as `go install` of this checkout would, without the
// build machine's paths. Its debug information is kept: what is a microscope
// should be one that can be looked at.
func build(path, goos, goarch string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-o", path, "./cmd/deltui")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building for %s/%s: %w\n%s", goos, goarch, err, said)
	}
	return nil
}

// companions are the files that every archive has beside the program.
func companions(tmp string) ([]entry, error) {
	host := filepath.Join(tmp, "host")
	if said, err := exec.Command("go", "build", "-o", host, "./cmd/deltui").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building for this machine, to ask for completions: %w\n%s", err, said)
	}
	var entries []entry
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		entries = append(entries, entry{name, name, 0o644})
	}
	for shell, name := range map[string]string{"bash": "deltui.bash", "zsh": "_deltui", "fish": "deltui.fish"} {
		script, err := exec.Command(host, "completion", shell).Output()
		if err != nil {
			return nil, fmt.Errorf("asking for the completions of %s: %w", shell, err)
		}
		path := filepath.Join(tmp, name)
		if err := os.WriteFile(path, script, 0o666); err != nil {
			return nil, err
		}
		entries = append(entries, entry{"completions/" + name, path, 0o644})
	}
	pages, err := filepath.Glob("docs/man/*.1")
	if err != nil || len(pages) == 0 {
		return nil, errors.New("there are no man pages in docs/man: go generate ./internal/cli")
	}
	for _, page := range pages {
		entries = append(entries, entry{"man/" + filepath.Base(page), page, 0o644})
	}
	return entries, nil
}

func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out)), err
}
