package modules

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"deltui/internal/testenv"
)

const (
	auditPath = "deltui.example/hookdemo/audit"
	logPath   = "deltui.example/hookdemo/auditlog"
	oldestLog = "go1.24" // timberjack's
)

func moduleDir(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// command runs a command in dir with the toolchain, and returns all that it says.
func command(tc testenv.Toolchain, dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, tc.Env()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestDepends: what each module says that it needs.
func TestDepends(t *testing.T) {
	for name, want := range map[string]struct {
		path, goVersion string
		needs           []string
	}{
		"audit":    {auditPath, "1.18", nil},
		"auditlog": {logPath, "1.24.0", []string{auditPath, "github.com/DeRuina/timberjack", "github.com/petermattis/goid"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := moduleDir(t, name)
			text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			f, err := modfile.Parse("go.mod", text, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := module.CheckPath(f.Module.Mod.Path); err != nil || f.Module.Mod.Path != want.path {
				t.Errorf("the path %s, which a require of a version takes: %v", f.Module.Mod.Path, err)
			}
			var needs []string
			for _, r := range f.Require {
				if !r.Indirect {
					needs = append(needs, r.Mod.Path)
				}
			}
			if got := strings.Join(needs, " "); got != strings.Join(want.needs, " ") || f.Go.Version != want.goVersion {
				t.Errorf("go %s, needs %q", f.Go.Version, got)
			}
			if out, err := command(testenv.Local, dir, "go", "mod", "tidy", "-diff"); err != nil {
				t.Errorf("go mod tidy: %v\n%s", err, out)
			}
		})
	}
	if out, err := command(testenv.Local, moduleDir(t, "audit"), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "."); err != nil ||
		strings.Join(strings.Fields(out), " ") != auditPath+"/fact "+auditPath {
		t.Errorf("package audit is linked with %s %v", out, err)
	}
}

// TestOwnTests runs each module's tests where it is the main module, as one who
// takes it would, with each Go that it is for.
func TestOwnTests(t *testing.T) {
	for _, tc := range testenv.Toolchains() {
		for _, name := range []string{"audit", "auditlog"} {
			if name == "auditlog" && tc != testenv.Local && version.Compare("go"+tc.Version, oldestLog) < 0 {
				continue
			}
			t.Run(tc.String()+"/"+name, func(t *testing.T) {
				tc.Need(t)
				for _, args := range [][]string{{"vet", "./..."}, {"test", "-count=1", "./..."}} {
					if out, err := command(tc, moduleDir(t, name), "go", args...); err != nil {
						t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
					}
				}
			})
		}
	}
}

// program deletes under audit, and where it can, with a log.
const program = `
-- go.mod --
module example.com/taker

go 1.18
-- main.go --
package main

import (
	"fmt"

	"deltui.example/hookdemo/audit"
)

func main() {
	sessions := map[string]int{"s-17": 1}
	fmt.Println(audit.Delete(sessions, "s-17"), len(sessions))
}
`

const logProgram = `
-- go.mod --
module example.com/taker

go 1.24
-- main.go --
package main

import (
	"context"
	"fmt"
	"os"

	"deltui.example/hookdemo/audit"
	"deltui.example/hookdemo/auditlog"
)

func main() {
	log, err := auditlog.New(auditlog.Options{Writer: os.Stdout})
	if err != nil {
		panic(err)
	}
	audit.Set(log)
	sessions := map[string]int{"s-17": 1}
	fmt.Println(audit.Delete(sessions, "s-17"), len(sessions))
	if err := log.Close(context.Background()); err != nil {
		panic(err)
	}
}
`

// recipe is a block of commands in the README, by the comment above it.
func recipe(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)<!-- " + name + " -->\n```sh\n(.*?)```").FindSubmatch(text)
	if m == nil {
		t.Fatalf("the README has no commands called %s", name)
	}
	return string(m[1])
}

// TestTake: a program that is not in this repository takes the modules by the
// README's commands.
func TestTake(t *testing.T) {
	oldest, log := testenv.Toolchain{Version: testenv.Go118}, testenv.Local
	if !oldest.Asked() {
		oldest = testenv.Local
	}
	for _, c := range []struct {
		recipe, program string
		tc              testenv.Toolchain
		want            string
	}{
		{"replace audit", program, oldest, "<nil> 0"},
		{"replace auditlog", logProgram, log, `"key":"\"s-17\""`},
		{"workspace", program, oldest, "<nil> 0"},
	} {
		t.Run(c.recipe, func(t *testing.T) {
			c.tc.Need(t)
			dir := testenv.Unpack(t, []byte(c.program))
			cmd := exec.Command("sh", "-euc", recipe(t, c.recipe)+"go run .")
			for _, v := range c.tc.Env() {
				if v != "GOWORK=off" {
					cmd.Env = append(cmd.Env, v)
				}
			}
			cmd.Env = append(cmd.Env, "DELTUI="+filepath.Join(moduleDir(t, "audit"), "..", ".."))
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestRequire: a plain require of a version takes the modules, once something
// serves them: here a module proxy that is a directory.
func TestRequire(t *testing.T) {
	proxy := t.TempDir()
	for name, path := range map[string]string{"audit": auditPath, "auditlog": logPath} {
		publish(t, proxy, path, moduleDir(t, name))
	}
	dir := testenv.Unpack(t, []byte(logProgram))
	upstream, err := command(testenv.Local, dir, "go", "env", "GOPROXY")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	for _, args := range [][]string{{"get", logPath + "@v0.0.0"}, {"mod", "tidy"}, {"run", "."}, {"clean", "-modcache"}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(testenv.Local.Env(), "GOPROXY=file://"+filepath.ToSlash(proxy)+","+strings.TrimSpace(upstream),
			"GONOSUMDB=deltui.example/*", "GOMODCACHE="+cache, "GOFLAGS=-modcacherw")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		if args[0] == "run" && !strings.Contains(string(out), `"key":"\"s-17\""`) {
			t.Errorf("the program said\n%s", out)
		}
	}
}

// publish puts a directory into a module proxy, as version v0.0.0.
func publish(t *testing.T, proxy, path, dir string) {
	t.Helper()
	m := module.Version{Path: path, Version: "v0.0.0"}
	var archive bytes.Buffer
	if err := modzip.CreateFromDir(&archive, m, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len())); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]string{"Version": m.Version})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"list": []byte("v0.0.0\n"), "v0.0.0.info": info, "v0.0.0.mod": mod, "v0.0.0.zip": archive.Bytes()} {
		if err := os.WriteFile(filepath.Join(at, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
