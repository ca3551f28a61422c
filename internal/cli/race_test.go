package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raceEnv is the environment in which a deltui that is built with -race writes
// down the races that it sees, instead of ending with an exit code of its own.
// They fail t when it ends; but for one that is Delve's: RequestManualStop,
// which may be called while Continue runs, reads TargetGroup.Selected, and
// Continue writes it, the same value where there is one target.
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
			for report := range strings.SplitSeq(string(text), "==================\n") {
				known := strings.Contains(report, "proc.(*TargetGroup).RequestManualStop()") && strings.Contains(report, "proc.(*TargetGroup).pickCurrentTarget()")
				if strings.Contains(report, "DATA RACE") && !known {
					t.Errorf("deltui has a race:\n%s", report)
				}
			}
		}
	})
	return "exitcode=0 log_path=" + filepath.Join(dir, "race")
}
