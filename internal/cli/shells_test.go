//go:build linux

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"deltui/internal/testenv"
	"deltui/internal/tui/tuitest"
)

// TestShells types into real shells and presses Tab: what they make of the
// scripts is not in the scripts.
func TestShells(t *testing.T) {
	for _, sh := range []struct {
		name string
		args []string
		rc   string // typed first
	}{
		{"bash", []string{"--norc", "--noprofile", "-i"}, `PS1='> '; bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; source <(deltui completion bash)`},
		{"zsh", []string{"-f", "-i"}, `PS1='> '; autoload -U compinit; compinit -u -D; source <(deltui completion zsh)`},
		{"fish", []string{"--no-config", "-i"}, `function fish_prompt; echo '> '; end; function fish_greeting; end; deltui completion fish | source`},
	} {
		t.Run(sh.name, func(t *testing.T) {
			t.Parallel()
			path := testenv.NeedTool(t, sh.name)
			bin := t.TempDir()
			if err := os.Symlink(testenv.Command(t, "deltui/cmd/deltui"), filepath.Join(bin, "deltui")); err != nil {
				t.Fatal(err)
			}
			press := func(line string) *tuitest.Terminal {
				home := t.TempDir()
				cmd := exec.Command(path, sh.args...)
				cmd.Dir = unpackProgram(t, "package main\n\nfunc main() {}\n")
				cmd.Env = append([]string{"HOME=" + home, "LANG=C.UTF-8", "PATH=" + bin + ":" + os.Getenv("PATH")}, tuitest.Env...)
				c := tuitest.Start(t, cmd, 120, 40)
				// The answer of echo is not in what was typed.
				c.Type(sh.rc + "; echo rea''dy\r").See("ready").Type("clear\r")
				c.Type(line + "\t")
				return c
			}
			press("deltui @ev").See("deltui @evict")
			press("deltui trace --ops delete,as").See("assign") // bash puts a backslash before the comma
			press("deltui trace --until=tomb").See("deltui trace --until=tombstones=")
			c := press("deltui trace ")
			c.See("main.go").See("@evict").See("@workers")
			press("deltui compl").See("deltui completion")
			press("deltui completion f").See("deltui completion fish")
		})
	}
}
