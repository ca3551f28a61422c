package layers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows lists every package of the module with those of the module that it
// imports, from the bottom up. A package that is not here fails the test, and so
// does an arrow that is here and that nobody draws.
var arrows = []struct {
	pkg  string
	uses []string
}{
	// What a map is, what was seen of it, and what that means.
	{"internal/visible", nil},
	{"internal/gomap", []string{"internal/visible"}},
	{"internal/trace", []string{"internal/gomap"}},
	{"internal/moment", []string{"internal/gomap", "internal/trace"}},
	{"internal/tally", []string{"internal/gomap", "internal/moment", "internal/trace"}},
	{"internal/trace/file", []string{"internal/gomap", "internal/moment", "internal/trace", "internal/visible"}},
	{"internal/trace/tracetest", []string{"internal/gomap", "internal/trace", "internal/trace/file"}},

	// Where it is seen. probe is all that those above need to know of it.
	{"internal/procfs", nil},
	{"internal/goabi", nil},
	{"internal/guard", []string{"internal/procfs"}},
	{"dlvclient", []string{"internal/goabi", "internal/procfs"}},
	{"internal/debuginfo", []string{"internal/goabi", "internal/gomap"}},
	{"internal/probe", []string{"internal/gomap", "internal/trace"}},
	{"internal/probe/live", []string{"dlvclient", "internal/debuginfo", "internal/goabi", "internal/gomap", "internal/probe", "internal/procfs", "internal/trace"}},
	{"internal/probe/launch", []string{"dlvclient", "internal/debuginfo", "internal/guard", "internal/probe", "internal/probe/live"}},

	// Who shows it.
	{"internal/oplog", []string{"internal/gomap", "internal/moment", "internal/trace", "internal/visible"}},
	{"internal/export", []string{"internal/gomap", "internal/moment", "internal/oplog", "internal/trace"}},
	{"internal/tui/canvas", []string{"internal/visible"}},
	{"internal/tui/look", []string{"internal/gomap", "internal/tui/canvas"}},
	{"internal/tui/panel", []string{"internal/gomap", "internal/moment", "internal/trace", "internal/tui/canvas", "internal/tui/look"}},
	{"internal/tui", []string{"internal/gomap", "internal/moment", "internal/probe", "internal/tally", "internal/trace", "internal/tui/canvas", "internal/tui/look", "internal/tui/panel"}},
	{"internal/tui/tuitest", []string{"internal/gomap", "internal/probe", "internal/trace", "internal/trace/tracetest"}},

	// Who puts it together.
	{"internal/samples", nil},
	{"internal/samples/question", nil},
	{"internal/samples/question/gen", []string{"internal/gomap", "internal/guard", "internal/probe", "internal/probe/launch", "internal/samples/question", "internal/trace/file"}},
	{"internal/scratch", []string{"internal/procfs"}},
	{"internal/target", []string{"internal/samples", "internal/scratch"}},
	{"internal/packages", nil},
	{"internal/recent", nil},
	{"internal/doctor", []string{"internal/debuginfo", "internal/gomap", "internal/visible"}},
	{"internal/cli", []string{
		"dlvclient", "internal/debuginfo", "internal/doctor", "internal/export", "internal/gomap", "internal/guard", "internal/moment", "internal/oplog", "internal/packages", "internal/probe", "internal/probe/launch",
		"internal/procfs", "internal/recent", "internal/samples", "internal/samples/question", "internal/scratch", "internal/tally", "internal/target", "internal/trace", "internal/trace/file", "internal/tui", "internal/visible",
	}},
	{"cmd/deltui", []string{"internal/cli", "internal/guard"}},

	// Tests alone.
	{"internal/testenv", nil},
	{"internal/bench", nil},
	{"internal/docs", nil},
	{"internal/release", nil},
	{"internal/layers", nil},
	{"internal/oracle", nil},

	// Beside the road.
	{"hookdemo/intercept/recorder", nil},
	{"hookdemo/intercept", []string{"hookdemo/intercept/recorder"}},
	{"hookdemo/bench", []string{"hookdemo/intercept"}},
	{"hookdemo/scene", nil},
	{"hookdemo/internal/cli", []string{"hookdemo/bench", "hookdemo/intercept", "hookdemo/scene", "internal/target"}},
	{"hookdemo/internal/modules", nil},
	{"hookdemo", []string{"hookdemo/internal/cli"}},
	{"gdbscripts", nil},
	{"runtime-notes/cite", nil},
	{"runtime-notes/console", nil},
	{"runtime-notes/bench", []string{"internal/testenv"}},
	{"runtime-notes/claims", []string{"internal/testenv"}},
}

// only lists the modules outside that one package alone may import, with the
// packages below it.
var only = map[string][]string{
	"github.com/go-delve/delve":          {"dlvclient"},
	"charm.land/":                        {"internal/tui"},
	"github.com/charmbracelet/":          {"internal/tui"},
	"github.com/spf13/cobra":             {"internal/cli", "hookdemo"},
	"github.com/klauspost/compress/zstd": {"internal/trace/file"},
	"github.com/google/pprof":            {"internal/export"},
	"github.com/creack/pty":              {"internal/probe/launch", "internal/tui/tuitest"},
}

// pure packages do no I/O of their own.
var pure = map[string]bool{"internal/gomap": true, "internal/trace": true, "internal/moment": true, "internal/probe": true, "internal/tally": true}

var doesIO = []string{"os", "os/exec", "net", "net/http", "syscall", "golang.org/x/sys/unix"}

// look looks at every file of the module, so that `go test` does not take a
// result from its cache when one has changed: it cannot know what the commands
// read that these tests run.
func look(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T, system string) []pkg {
	t.Helper()
	look(t)
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
	left := make(map[string]bool) // arrows that were not seen
	for _, a := range arrows {
		left[a.pkg] = true
		for _, to := range a.uses {
			left[a.pkg+" → "+to] = true
		}
	}
	allowed := make(map[string]bool, len(left))
	for arrow := range left {
		allowed[arrow] = true
	}
	for _, system := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
		for _, p := range packages(t, system) {
			name := strings.TrimPrefix(p.ImportPath, "deltui/")
			if !allowed[name] {
				t.Errorf("%s: %s is not in the table", system, name)
				continue
			}
			delete(left, name)
			for _, imp := range p.Imports {
				to, ours := strings.CutPrefix(imp, "deltui/")
				arrow := name + " → " + to
				if ours && !allowed[arrow] {
					t.Errorf("%s: %s is not in the table", system, arrow)
				}
				delete(left, arrow)
				if word := foreign(name, imp); word != "" {
					t.Errorf("%s: %s", system, word)
				}
			}
		}
	}
	for arrow := range left {
		t.Errorf("%s is in the table, and not in the code", arrow)
	}
}

// foreign says what is wrong with a package importing one from outside of the
// module.
func foreign(name, imp string) string {
	for module, owners := range only {
		if strings.HasPrefix(imp, module) && !slices.ContainsFunc(owners, func(o string) bool { return inside(name, o) }) {
			return fmt.Sprintf("%s imports %s, which only %s may", name, imp, strings.Join(owners, " and "))
		}
	}
	if pure[name] && slices.Contains(doesIO, imp) {
		return fmt.Sprintf("%s imports %s, but does no I/O", name, imp)
	}
	return ""
}

// A rule that holds whatever is imported is no rule.
func TestForeign(t *testing.T) {
	for _, c := range []struct {
		name, imp string
		wrong     bool
	}{
		{"internal/tui/panel", "charm.land/bubbletea/v2", false},
		{"internal/oplog", "charm.land/bubbletea/v2", true},
		{"internal/probe/live", "github.com/go-delve/delve/service/api", true},
		{"dlvclient", "github.com/go-delve/delve/service/api", false},
		{"internal/moment", "os", true},
		{"internal/trace/file", "os", false},
	} {
		if got := foreign(c.name, c.imp) != ""; got != c.wrong {
			t.Errorf("%s imports %s: wrong is %v, want %v", c.name, c.imp, got, c.wrong)
		}
	}
}
