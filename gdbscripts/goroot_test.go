package gdbscripts_test

import (
	"os/exec"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// goroot is where a toolchain's sources are.
func goroot(t *testing.T, tc testenv.Toolchain) string {
	t.Helper()
	tc.Need(t)
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Env = tc.Env()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	return strings.TrimSpace(string(out))
}
