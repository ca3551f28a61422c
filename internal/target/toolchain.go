package target

import (
	"context"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// newest is the newest patch release of each Go version that is known here;
// the module proxy is asked for later ones.
var newest = map[string]string{
	"1.18": "1.18.10", "1.19": "1.19.13", "1.20": "1.20.14", "1.21": "1.21.13", "1.22": "1.22.12",
	"1.23": "1.23.12", "1.24": "1.24.9", "1.25": "1.25.5", "1.26": "1.26.8", "1.27": "1.27.3",
}

// oldest is the first Go whose maps deltui reads.
const oldest = "go1.18"

var (
	minorVersion = regexp.MustCompile(`^1\.\d+$`)
	fullVersion  = regexp.MustCompile(`^1\.\d+(\.\d+)?((rc|beta)\d+)?(-[\w.]+)?$`)
)

// toolchain settles which go command builds, and with what environment. A
// version that is not on this machine is fetched by the go command itself.
func (b *builder) toolchain(ctx context.Context) error {
	b.env = setenv(b.spec.Env, "GOTMPDIR", b.tmp)
	b.dir = b.spec.Dir
	want := b.spec.Go
	if want != "" && isTree(b.spec.Dir, want) {
		return b.tree(ctx, want)
	}
	goCmd, err := lookGo(b.spec.Env)
	if err != nil {
		return &Error{Kind: NoGo, What: "no go command", Why: "it is not in PATH", Advice: "install Go (https://go.dev/dl), or name a binary that is already built"}
	}
	b.goCmd = goCmd
	if want == "" {
		return nil
	}
	name := strings.TrimPrefix(want, "go")
	if !fullVersion.MatchString(name) {
		return &Error{Kind: Usage, What: "--go " + want, Why: "neither a version nor the root of a Go tree", Advice: "such as --go 1.23, --go 1.23.12 or --go /path/to/go"}
	}
	if version.Compare("go"+name, oldest) < 0 {
		return &Error{Kind: Usage, What: "--go " + want, Why: "maps are read from Go 1.18 on", Advice: "take --go 1.18 or newer"}
	}
	if minorVersion.MatchString(name) {
		name = b.newestPatch(ctx, name)
	}
	b.report.set(Resolving, "go"+name)
	if name == "1.19" || strings.HasPrefix(name, "1.19.") {
		// Run from the module cache, it finds no package (`import "": import of
		// unknown directory`) unless it is kept from using its module index.
		debug := "goindex=0"
		if had := getenv(b.env, "GODEBUG"); had != "" {
			debug = had + "," + debug
		}
		b.env = setenv(b.env, "GODEBUG", debug)
	}
	b.env = setenv(b.env, "GOTOOLCHAIN", "go"+name)
	// Asked in a directory without a go.mod, so that the answer is about the
	// toolchain alone; and before all else, since it is what downloads.
	b.dir = b.tmp
	defer func() { b.dir = b.spec.Dir }()
	var out strings.Builder
	said, err := b.run(ctx, &out, "env", "GOVERSION")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return noToolchain("go"+name, said)
	}
	got := strings.Fields(out.String() + " ?")[0]
	got, _, _ = strings.Cut(got, "-X:") // experiments
	if got != "go"+name {
		return &Error{Kind: NoToolchain, What: "go" + name + " cannot be had", Why: "the go command in PATH is " + got + ", and only Go 1.21 and newer fetch other versions", Advice: "install a newer Go, or name the root of a Go tree: --go /path/to/go"}
	}
	return nil
}

// tree uses the go command of a Go tree, such as a runtime developer's own.
func (b *builder) tree(ctx context.Context, root string) error {
	root = abs(b.spec.Dir, root)
	b.goCmd = filepath.Join(root, "bin", "go")
	b.env = setenv(setenv(b.env, "GOTOOLCHAIN", "local"), "GOROOT", "")
	if _, err := os.Stat(b.goCmd); err != nil {
		advice := "name the root of a Go tree"
		if _, err := os.Stat(filepath.Join(root, "src", "make.bash")); err == nil {
			advice = "build it first: cd " + filepath.Join(root, "src") + " && ./make.bash"
		}
		return &Error{Kind: NoToolchain, What: "--go " + b.spec.Go + " has no bin/go", Advice: advice}
	}
	b.dir = b.tmp
	defer func() { b.dir = b.spec.Dir }()
	if said, err := b.exec(ctx, b.report, nil, "version"); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &Error{Kind: NoToolchain, What: b.goCmd + " does not run", Why: firstLine(said + "\n" + err.Error()), Output: said}
	}
	return nil
}

func isTree(dir, name string) bool {
	return strings.ContainsRune(name, filepath.Separator) || name == "." || name == ".." ||
		isDir(abs(dir, name)) && isDir(filepath.Join(abs(dir, name), "bin"))
}

// newestPatch is the newest release of a version such as 1.23. The module
// proxy is asked only for versions that this program does not know yet.
func (b *builder) newestPatch(ctx context.Context, minor string) string {
	if v, ok := newest[minor]; ok {
		return v
	}
	best := ""
	saved := b.dir
	b.dir = b.tmp
	out, _ := b.quiet(ctx, "list", "-m", "-versions", "golang.org/toolchain")
	b.dir = saved
	for _, v := range strings.Fields(out) {
		_, v, _ = strings.Cut(v, "-")
		v, _, _ = strings.Cut(v, ".linux")
		if version.IsValid(v) && version.Lang(v) == "go"+minor && version.Compare(v, best) > 0 {
			best = v
		}
	}
	if best == "" {
		return minor + ".0"
	}
	return strings.TrimPrefix(best, "go")
}

// noToolchain explains why the go command could not fetch a version.
func noToolchain(name, said string) error {
	e := &Error{Kind: NoToolchain, What: name + " cannot be had", Output: said}
	switch {
	case strings.Contains(said, "not available") || strings.Contains(said, "404") || strings.Contains(said, "410"):
		e.Why = "no such release for this system, or GOPROXY does not have it"
		e.Advice = "see https://go.dev/dl for versions, and `go env GOPROXY GOSUMDB`"
	case strings.Contains(said, "dial tcp") || strings.Contains(said, "lookup") || strings.Contains(said, "no such host") || strings.Contains(said, "timeout"):
		e.Why = "the module proxy cannot be reached"
		e.Advice = "go online once, or name the root of a Go tree: --go /path/to/go"
	default:
		e.Why = lastLine(said)
		e.Advice = "see `go env GOPROXY GOSUMDB GOTOOLCHAIN`"
	}
	return e
}

// lookGo finds the go command in the PATH of env.
func lookGo(env []string) (string, error) {
	for _, dir := range filepath.SplitList(getenv(env, "PATH")) {
		if dir == "" {
			dir = "."
		}
		path := filepath.Join(dir, "go")
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("looking for go: %w", exec.ErrNotFound)
}

func getenv(env []string, key string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(env[i], "="); ok && k == key {
			return v
		}
	}
	return ""
}

// setenv returns env with key set; an empty value unsets it.
func setenv(env []string, key, value string) []string {
	out := make([]string, 0, len(env)+1)
	for _, kv := range env {
		if k, _, _ := strings.Cut(kv, "="); k != key {
			out = append(out, kv)
		}
	}
	if value != "" {
		out = append(out, key+"="+value)
	}
	return out
}
