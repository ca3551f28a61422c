package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"deltui/internal/testenv"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"hookdemo": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	// The go command's caches, which scripts have no home for.
	cache := map[string]string{"GOCACHE": "", "GOMODCACHE": ""}
	for name := range cache {
		cache[name] = goEnv(t, name)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(cond string) (bool, error) {
			if cond == "all" {
				return testenv.All(), nil
			}
			return false, fmt.Errorf("no condition %q", cond)
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("CHECKOUT", root)
			for name, value := range cache {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
