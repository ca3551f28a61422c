package cli_test

import (
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"deltui/internal/cli"
	"deltui/internal/guard"
	"deltui/internal/samples/question"
	"deltui/internal/testenv"
)

func TestMain(m *testing.M) {
	guard.Main()
	testscript.Main(m, map[string]func(){
		"deltui": func() { os.Exit(cli.New().Main(os.Args[1:])) },
	})
}

// TestScripts runs testdata/script: the command line as a user types it.
//
//	exits N command...   the command ends with this exit code
//	zero FILE SECTION    puts zeros where a section of a program is
//	question.deltui, cut.deltui   a recording, and its beginning, lie in each script's directory
//	[live]               live targets can be watched here
//	[go:1.23.12]         that toolchain is here, or can be fetched
//	[all]                DELTUI_TEST=all
func TestScripts(t *testing.T) {
	live := able(t, "live", testenv.NeedPtrace)
	toolchains := map[string]bool{}
	for _, v := range []string{testenv.Go123} {
		toolchains[v] = able(t, "go"+v, testenv.Toolchain{Version: v}.Need)
	}
	goenv := goEnv(t, "GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB")
	goenv["GORACE"] = raceEnv(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for k, v := range goenv {
				env.Setenv(k, v)
			}
			env.Setenv("GOTOOLCHAIN", "local")
			env.Setenv("GOFLAGS", "")
			env.Setenv("TERM", "xterm")
			env.Setenv("TMPDIR", env.WorkDir+"/tmp")
			rec := question.Recording()
			for name, b := range map[string][]byte{"question.deltui": rec, "cut.deltui": rec[:len(rec)-100]} {
				if err := os.WriteFile(filepath.Join(env.WorkDir, name), b, 0o666); err != nil {
					return err
				}
			}
			return os.MkdirAll(env.WorkDir+"/tmp", 0o777)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "empty": empty, "zero": zero},
		Condition: func(cond string) (bool, error) {
			switch {
			case cond == "live":
				return live, nil
			case cond == "all":
				return testenv.All(), nil
			case strings.HasPrefix(cond, "go:"):
				return toolchains[strings.TrimPrefix(cond, "go:")], nil
			}
			return false, errors.New("unknown condition " + cond)
		},
	})
}

// exits runs a command and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		got = ee.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// zero puts zeros where a section of a program is: zero FILE SECTION.
func zero(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: zero file section")
	}
	path := ts.MkAbs(args[0])
	f, err := elf.Open(path)
	ts.Check(err)
	defer f.Close()
	s := f.Section(args[1])
	if s == nil {
		ts.Fatalf("there is no section %s in %s", args[1], args[0])
	}
	b, err := os.ReadFile(path)
	ts.Check(err)
	clear(b[s.Offset : s.Offset+s.FileSize])
	ts.Check(os.WriteFile(path, b, 0o755))
}

// empty checks that nothing was left in a directory.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	left, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	if (len(left) == 0) == neg {
		ts.Fatalf("in %s: %v", args[0], left)
	}
}

func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	env := map[string]string{}
	for i, v := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		env[names[i]] = v
	}
	return env
}

// able reports whether need, which skips what this machine lacks, did not.
func able(t *testing.T, name string, need func(testing.TB)) bool {
	found := false
	t.Run(name, func(t *testing.T) {
		need(t)
		found = true
	})
	return found
}
