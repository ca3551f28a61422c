package gdbscripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// dlvVersion is what gomap.star is tested with where go.mod does not say.
const dlvVersion = "v1.27.2"

// needDlv builds dlv, of the version that go.mod pins. It is installed by
// version and not built from our module, whose go.sum need not know all that the
// command imports.
func needDlv(t *testing.T) string {
	t.Helper()
	testenv.NeedPtrace(t)
	version := dlvVersion
	if out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/go-delve/delve").Output(); err == nil {
		version = strings.TrimSpace(string(out))
	}
	return testenv.Install(t, "github.com/go-delve/delve/cmd/dlv", version)
}

// dlv runs commands in dlv on a program, after sourcing gomap.star.
func dlv(t *testing.T, prog []string, commands ...string) string {
	t.Helper()
	script, err := filepath.Abs("gomap.star")
	if err != nil {
		t.Fatal(err)
	}
	init := filepath.Join(t.TempDir(), "init")
	text := strings.Join(append(append([]string{"source " + script}, commands...), "exit", ""), "\n")
	if err := os.WriteFile(init, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"exec", "--check-go-version=false", "--allow-non-terminal-interactive=true", "--init", init, prog[0], "--"}
	return run(t, exec.Command(needDlv(t), append(args, prog[1:]...)...))
}

// TestDlvTrace holds the trace of gomap.star against the same oracle.
func TestDlvTrace(t *testing.T) {
	t.Parallel()
	needDlv(t)
	for _, tc := range matrix() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			prog := build(t, tc, "oracle.txtar")
			file := filepath.Join(t.TempDir(), "oracle")
			out := dlv(t, []string{prog, file}, "gomap_trace")
			if !strings.Contains(out, "gomap: the program exited with status 0") {
				t.Fatalf("no end:\n%s", out)
			}
			deletes, _, deep := oracle(t, file)
			compare(t, testenv.Sources(prog), traced(t, out), deletes, deep)
		})
	}
}

// TestDlvAgain wants help, and a second run, beside a breakpoint of the user's.
func TestDlvAgain(t *testing.T) {
	t.Parallel()
	needDlv(t)
	prog := build(t, testenv.Local, "evict.txtar")
	out := dlv(t, []string{prog}, "help gomap_trace", "break runtime.mapdelete_fast64", "gomap_trace", "restart", "gomap_trace")
	if !strings.Contains(out, "Print a line for each delete (and clear)") {
		t.Errorf("no help: %s", out)
	}
	if n := len(traced(t, out)); n != 10 {
		t.Errorf("%d lines, want 5 of each run: %s", n, out)
	}
	out = dlv(t, []string{prog}, "break main.drop", "gomap_trace", "breakpoints")
	if n := len(traced(t, out)); n != 2 || !strings.Contains(out, "stopped at something else") || strings.Contains(out, "gomap4") {
		t.Errorf("want two lines, a stop at main.drop, and no breakpoint left behind: %s", out)
	}
}
