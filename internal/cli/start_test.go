//go:build linux

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/recent"
	"deltui/internal/samples/question"
	"deltui/internal/testenv"
	"deltui/internal/tui/tuitest"
)

// onStart is the start screen in a module that deletes, with two recordings that
// were made, of which one has gone.
func onStart(t *testing.T, w, h int) *tuitest.Terminal {
	t.Helper()
	home := t.TempDir()
	recording := filepath.Join(home, "kept.deltui")
	if err := os.WriteFile(recording, question.Recording(), 0o666); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(home, "gone.deltui")
	if err := os.WriteFile(gone, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(home, "state")
	for _, name := range []string{recording, gone} {
		if err := recent.Of([]string{"XDG_STATE_HOME=" + state}).Add(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	cmd, _ := deltui(t)
	cmd.Dir = unpackProgram(t, "package main\n\nimport \"os\"\n\nfunc main() {\n\tm := map[int]int{len(os.Args): 1}\n\tdelete(m, len(os.Args))\n}\n")
	cmd.Env = append(append(cmd.Env, tuitest.Env...), "TMPDIR="+t.TempDir(), "HOME="+home, "XDG_STATE_HOME="+state)
	for name, value := range goEnv(t, "GOCACHE", "GOMODCACHE", "GOPATH") { // not new with the home
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return tuitest.Start(t, cmd, w, h)
}

// TestStartRecordings: a recording that is still there is listed and opens.
func TestStartRecordings(t *testing.T) {
	t.Parallel()
	c := onStart(t, 80, 24)
	c.See("kept.deltui").See("a recording in ~")
	if screen := c.Screen(); strings.Contains(screen, "gone.deltui") {
		t.Errorf("a recording that has gone is listed:\n%s", screen)
	}
	c.Type("6").See("op 1 of 5").Type("q").Gone(0)
}

// TestStartPage: the page for who has a program of her own, at 80×24.
func TestStartPage(t *testing.T) {
	t.Parallel()
	c := onStart(t, 80, 24)
	c.See("kept.deltui").Type("8").See("deltui ./srv -- -its -own args").See("deltui --test ./store")
	c.Type("q").See("choose").Type("7").See("@evict, @workers").Type("q").See("choose").Type("q").Gone(0)
}

// TestStartPackage: from no argument at all to the first delete of a program of
// her own in two keys.
func TestStartPackage(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c := onStart(t, 120, 40)
	c.See("a package of prog").Type("2").See("1 delete: main.go:7").Type("\r").See("before op 1").Type("q").Gone(0)
}

// TestStartNext: the half minute's last card leads on to a live target.
func TestStartNext(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c := onStart(t, 120, 40)
	c.See("half a minute").Type("1").See("of 5").Type("G").See("Enter: watch @evict live   Esc: start").Type("\r").See("evict").See("before op 1").Type("q").Gone(0)
}
