package intercept

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// How is the means by which the go command is made to use a patch.
type How string

// The means; Auto takes Overlay where the go command allows it.
const (
	Auto     How = "auto"
	Overlay  How = "overlay"
	Toolexec How = "toolexec"
)

// A Toolchain is the one that the go command would use in a directory.
type Toolchain struct {
	Version    string // go1.26.8
	Root       string // GOROOT
	ModCache   string
	Experiment string // GOEXPERIMENT

	layout layout
}

// A gocmd is a go command with its directory and environment.
type gocmd struct {
	path string
	dir  string
	env  []string
}

// newGo finds the go command for a version (1.23.12, go1.23.12), the root of a
// Go tree, or "": what dir and the environment say.
func newGo(want, dir string, env []string) (gocmd, error) {
	if env == nil {
		env = os.Environ()
	}
	g := gocmd{path: "go", dir: dir, env: env}
	switch st, err := os.Stat(want); {
	case want == "":
	case err == nil && st.IsDir():
		root, err := filepath.Abs(want)
		if err != nil {
			return g, err
		}
		g.path = filepath.Join(root, "bin", "go")
		g.env = append(g.env, "GOTOOLCHAIN=local", "GOROOT="+root)
	default:
		g.env = append(g.env, "GOTOOLCHAIN=go"+strings.TrimPrefix(want, "go"))
	}
	return g, nil
}

func (g gocmd) command(args ...string) *exec.Cmd {
	cmd := exec.Command(g.path, args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	return cmd
}

// output runs the command and returns its stdout; the error has its stderr.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if msg := strings.TrimSpace(stderr.String()); msg != "" {
			err = fmt.Errorf("%w\n%s", err, msg)
		}
		return nil, fmt.Errorf("%s: %w", strings.Join(cmd.Args[:min(len(cmd.Args), 3)], " "), err)
	}
	return out, nil
}

// findToolchain asks the go command, and refuses a Go that cannot be patched.
func findToolchain(g gocmd) (*Toolchain, error) {
	out, err := output(g.command("env", "-json", "GOVERSION", "GOROOT", "GOMODCACHE", "GOEXPERIMENT"))
	if err != nil {
		return nil, fmt.Errorf("asking for the Go toolchain: %w", err)
	}
	var e struct{ GOVERSION, GOROOT, GOMODCACHE, GOEXPERIMENT string }
	if err := json.Unmarshal(out, &e); err != nil {
		return nil, fmt.Errorf("asking for the Go toolchain: %w", err)
	}
	tc := &Toolchain{Version: e.GOVERSION, Root: e.GOROOT, ModCache: e.GOMODCACHE, Experiment: e.GOEXPERIMENT}
	tc.layout, err = layoutOf(e.GOVERSION, e.GOEXPERIMENT)
	return tc, err
}

// layoutOf chooses by version. What it accepts is what has been tried.
func layoutOf(goversion, experiment string) (layout, error) {
	const tried = "deletes can be intercepted in Go 1.22 and 1.23 (classic maps) and 1.24 to 1.27 (Swiss maps); choose one with --go"
	v, _, _ := strings.Cut(goversion, " ") // go1.24.9 X:noswissmap
	v, _, _ = strings.Cut(v, "-")          // go1.26.8-X:…
	if !version.IsValid(v) {
		return layout{}, fmt.Errorf("%s is no release of Go: %s", goversion, tried)
	}
	for _, x := range strings.Split(experiment, ",") {
		if x == "noswissmap" {
			return layout{}, fmt.Errorf("%s with GOEXPERIMENT=noswissmap has maps that are not handled here: %s", goversion, tried)
		}
	}
	switch version.Lang(v) {
	case "go1.22", "go1.23":
		return classicLayout(), nil
	case "go1.24", "go1.25":
		return swissLayout("SwissMapType"), nil
	case "go1.26", "go1.27":
		return swissLayout("MapType"), nil
	}
	return layout{}, fmt.Errorf("%s is not among those: %s", goversion, tried)
}

// how decides by which means a patch gets into the build, and refuses the one
// asked for if it cannot.
func (tc *Toolchain) how(want How) (How, error) {
	inCache := below(tc.Root, tc.ModCache) && version.Compare(version.Lang(tc.Version), "go1.25") >= 0
	switch {
	case want == Auto && inCache:
		return Toolexec, nil
	case want == Auto:
		return Overlay, nil
	case want == Overlay && inCache:
		return "", fmt.Errorf("%s refuses an overlay of its own source in %s, which is below the module cache; use --how toolexec", tc.Version, tc.Root)
	case want == Overlay || want == Toolexec:
		return want, nil
	}
	return "", fmt.Errorf("no way of interception is called %q; there are auto, overlay and toolexec", want)
}

func below(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// A patch maps files of the toolchain, by their full name, to their new text.
type patch map[string][]byte

// patch reads the toolchain's map sources and returns their new text.
func (tc *Toolchain) patch() (patch, error) {
	dir := filepath.Join(tc.Root, "src", filepath.FromSlash(tc.layout.pkg))
	p := patch{}
	for _, f := range tc.layout.files {
		name := filepath.Join(dir, f.name)
		if _, err := os.Stat(name); err != nil && f.alt != "" {
			name = filepath.Join(dir, f.alt)
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: its map source: %w", tc.Version, err)
		}
		text, err := f.apply(name, src)
		if err != nil {
			return nil, fmt.Errorf("%s has other map functions than expected, nothing was built: %w", tc.Version, err)
		}
		p[name] = text
	}
	return p, nil
}
