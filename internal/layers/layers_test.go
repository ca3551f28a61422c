package layers

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// below lists, for each package of the road, what of the module it may import.
// A package that is not listed here may not be imported by any that is.
var below = map[string][]string{
	"internal/gomap":     {},
	"internal/visible":   {},
	"internal/guard":     {},
	"dlvclient":          {},
	"internal/debuginfo": {"internal/gomap"},
	"internal/trace":     {"internal/gomap", "internal/visible"},
	"internal/probe":     {"internal/gomap", "internal/trace", "internal/debuginfo", "internal/guard", "dlvclient"},
	"internal/oplog":     {"internal/gomap", "internal/trace", "internal/visible"},
	"internal/tui":       {"internal/gomap", "internal/trace", "internal/probe", "internal/visible"},
}

// only lists the modules outside that one package alone may import, with the
// packages below it.
var only = map[string][]string{
	"github.com/go-delve/delve":          {"dlvclient"},
	"charm.land/":                        {"internal/tui"},
	"github.com/charmbracelet/":          {"internal/tui"},
	"github.com/spf13/cobra":             {"internal/cli", "hookdemo"},
	"github.com/klauspost/compress/zstd": {"internal/trace"},
}

// pure packages do no I/O of their own.
var pure = map[string]bool{"internal/gomap": true}

var doesIO = []string{"os", "os/exec", "net", "net/http", "syscall", "golang.org/x/sys/unix"}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T, system string) []pkg {
	t.Helper()
	goos, goarch, _ := strings.Cut(system, "/")
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "deltui/...")
	cmd.Env = append(cmd.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var ps []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	return ps
}

// inside reports whether path is dir or lies below it.
func inside(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func TestArrows(t *testing.T) {
	for _, system := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
		t.Run(strings.ReplaceAll(system, "/", "-"), func(t *testing.T) {
			ps := packages(t, system)
			if len(ps) < 10 {
				t.Fatalf("only %d packages were listed", len(ps))
			}
			for _, p := range ps {
				check(t, strings.TrimPrefix(p.ImportPath, "deltui/"), p.Imports)
			}
		})
	}
}

func check(t *testing.T, name string, imports []string) {
	allowed, listed := below[name]
	for _, imp := range imports {
		if rel, ours := strings.CutPrefix(imp, "deltui/"); ours && listed {
			ok := inside(rel, name)
			for _, a := range allowed {
				ok = ok || rel == a
			}
			if !ok {
				t.Errorf("%s imports %s, which does not lie below it", name, rel)
			}
		}
		for module, owners := range only {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			ok := false
			for _, o := range owners {
				ok = ok || inside(name, o)
			}
			if !ok {
				t.Errorf("%s imports %s, which only %s may", name, imp, strings.Join(owners, " and "))
			}
		}
		if pure[name] {
			for _, io := range doesIO {
				if imp == io {
					t.Errorf("%s imports %s, but does no I/O", name, imp)
				}
			}
		}
	}
}

// No exported name of dlvclient mentions a type of Delve.
func TestDelveStaysInside(t *testing.T) {
	out, err := exec.Command("go", "doc", "-all", "deltui/dlvclient").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		for _, word := range []string{"proc.", "api.", "debugger.", "rpc2.", "service."} {
			// Prose may name Delve's packages; declarations stand at the margin
			// or are indented by one tab, prose by four spaces.
			if !strings.HasPrefix(line, "    ") && !strings.Contains(line, "//") && strings.Contains(line, word) && strings.ContainsAny(line, "(*") && strings.HasPrefix(strings.TrimSpace(line), "func") {
				t.Errorf("the declaration %q mentions %s", line, word)
			}
		}
	}
}
