package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"

	"golang.org/x/term"
)

// Config is what the doctor is told, rather than finds out.
type Config struct {
	Version          string // deltui's own
	Delve            string // of the embedded Delve
	Stdin, Stdout    *os.File
	Env              []string
	Samples          []string
	MinCols, MinRows int // of the smallest screen that teaches
}

// Machine looks at the machine.
func Machine(ctx context.Context, c Config) []Finding {
	fs := []Finding{system(), delve(c)}
	fs = append(fs, ptrace()...)
	fs = append(fs, goCommand(ctx, c)...)
	fs = append(fs, terminal(c)...)
	if len(c.Samples) > 0 {
		fs = append(fs, ok("samples", "@%s", strings.Join(c.Samples, ", @")))
	}
	return fs
}

func system() Finding {
	s := runtime.GOOS + "/" + runtime.GOARCH
	switch s {
	case "linux/amd64":
		return ok("system", "%s", s)
	case "linux/arm64", "darwin/amd64", "darwin/arm64":
		return warn("system", "live targets are tested on linux/amd64 only; tell us how it went", "%s: deltui builds here, and is not tested", s)
	}
	return fail("system", "use linux or darwin, amd64 or arm64", "%s is not supported", s)
}

func delve(c Config) Finding {
	if c.Delve == "" {
		return warn("delve", "build deltui from its checkout with module support", "the version of the embedded Delve is not known")
	}
	return ok("delve", "%s is embedded; no dlv binary is needed. Targets of Go 1.18 to 1.27", c.Delve)
}

// goCommand looks for what builds source targets. A built binary needs none.
func goCommand(ctx context.Context, c Config) []Finding {
	path := lookPath("go", c.Env)
	if path == "" {
		return []Finding{warn("go", "install Go (https://go.dev/dl), or name binaries that are already built", "no go command in PATH: source targets cannot be built")}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "env", "GOVERSION", "GOTOOLCHAIN", "GOFLAGS", "GOMODCACHE", "GOPROXY")
	cmd.Dir = os.TempDir() // the caller's go.mod may ask for a download
	cmd.Env = c.Env
	out, err := cmd.Output()
	if err != nil {
		return []Finding{warn("go", "run it by hand", "%s env: %v", path, err)}
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	for len(lines) < 5 {
		lines = append(lines, "")
	}
	version, toolchain, flags, cache, proxy := lines[0], lines[1], lines[2], lines[3], lines[4]
	fs := []Finding{ok("go", "%s at %s", version, path)}
	if strips(flags) {
		fs = append(fs, warn("GOFLAGS", "leave -s and -w out of it for targets that you watch", "%s strips debug information", flags))
	}
	have := toolchains(cache)
	switch {
	case old(version):
		fs = append(fs, warn("toolchains", "install Go 1.21 or newer, or name Go trees: --go /path/to/go", "%s cannot fetch other versions for --go", version))
	case proxy == "off":
		fs = append(fs, warn("toolchains", "unset GOPROXY to have --go fetch others", "GOPROXY is off; on this machine: %s", orNone(have)))
	default:
		fs = append(fs, ok("toolchains", "--go fetches any from 1.18 on (GOTOOLCHAIN=%s); already here: %s", toolchain, orNone(have)))
	}
	return fs
}

// strips reports whether GOFLAGS leaves debug information out.
func strips(flags string) bool {
	_, ld, found := strings.Cut(flags, "-ldflags")
	if !found {
		return false
	}
	for _, word := range strings.FieldsFunc(ld, func(r rune) bool { return strings.ContainsRune(" '\"=", r) }) {
		if word == "-s" || word == "-w" {
			return true
		}
	}
	return false
}

func old(version string) bool {
	for _, v := range []string{"go1.18", "go1.19", "go1.20"} {
		if version == v || strings.HasPrefix(version, v+".") {
			return true
		}
	}
	return false
}

// toolchains lists those that the go command has fetched.
func toolchains(cache string) []string {
	dirs, _ := filepath.Glob(filepath.Join(cache, "golang.org", "toolchain@v0.0.1-go*."+runtime.GOOS+"-"+runtime.GOARCH))
	var names []string
	for _, d := range dirs {
		_, v, _ := strings.Cut(filepath.Base(d), "-go")
		v, _, _ = strings.Cut(v, "."+runtime.GOOS)
		names = append(names, v)
	}
	sort.Strings(names)
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func terminal(c Config) []Finding {
	name := getenv(c.Env, "TERM")
	for _, f := range []*os.File{c.Stdin, c.Stdout} {
		if f == nil || !term.IsTerminal(int(f.Fd())) {
			return []Finding{warn("terminal", "run deltui in a terminal; `deltui trace` needs none", "stdin and stdout are not both a terminal")}
		}
	}
	var fs []Finding
	if name == "" || name == "dumb" {
		return append(fs, warn("terminal", "set TERM; `deltui trace` needs none", "TERM is %q: no screen can be drawn", name))
	}
	cols, rows, err := term.GetSize(int(c.Stdout.Fd()))
	switch {
	case err != nil:
		fs = append(fs, warn("terminal", "run `stty size`", "%s, and its size is not known: %v", name, err))
	case cols < c.MinCols || rows < c.MinRows:
		fs = append(fs, warn("terminal", "make it larger: all panels show at 160×48", "%s, %d×%d: too small for the screen", name, cols, rows))
	default:
		fs = append(fs, ok("terminal", "%s, %d×%d, %s", name, cols, rows, colours(c.Env)))
	}
	return append(fs, clipboard(c.Env))
}

func colours(env []string) string {
	t, ct := getenv(env, "TERM"), getenv(env, "COLORTERM")
	switch {
	case getenv(env, "NO_COLOR") != "":
		return "no colours (NO_COLOR)"
	case ct == "truecolor" || ct == "24bit":
		return "full colour"
	case strings.Contains(t, "256"):
		return "256 colours"
	}
	return "16 colours"
}

// clipboard guesses whether copying by OSC 52 works: a terminal does not tell.
func clipboard(env []string) Finding {
	t := getenv(env, "TERM")
	switch {
	case getenv(env, "TMUX") != "":
		return warn("copying", "in tmux: set -g set-clipboard on", "tmux hands copies (OSC 52) on only if it is told to")
	case strings.HasPrefix(t, "screen"):
		return warn("copying", "copy outside of screen", "GNU screen does not hand copies (OSC 52) on")
	case t == "linux" || strings.HasPrefix(t, "vt"):
		return warn("copying", "use a terminal emulator", "%s has no clipboard", t)
	case getenv(env, "VTE_VERSION") != "":
		return warn("copying", "use a terminal with OSC 52: kitty, foot, WezTerm, Alacritty, Ghostty, iTerm2", "terminals of the VTE family ignore copies (OSC 52)")
	}
	return ok("copying", "by OSC 52, if the terminal allows it: it does not tell")
}

func lookPath(name string, env []string) string {
	for _, dir := range filepath.SplitList(getenv(env, "PATH")) {
		path := filepath.Join(dir, name)
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

func getenv(env []string, key string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, found := strings.CutPrefix(env[i], key+"="); found {
			return v
		}
	}
	return ""
}
