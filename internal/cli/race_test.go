package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raceEnv is the environment in which a deltui that is built with -race writes
// down the races that it sees, instead of ending with an exit code of its own.
// They fail t when it ends.
func raceEnv(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		logs, err := filepath.Glob(filepath.Join(dir, "race.*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, log := range logs {
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "DATA RACE") {
				t.Errorf("deltui has a race:\n%s", text)
			}
		}
	})
	return "exitcode=0 log_path=" + filepath.Join(dir, "race")
}
