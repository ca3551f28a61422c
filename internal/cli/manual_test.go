package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var update = flag.Bool("update", false, "write the man pages anew")

// TestManual holds the man pages, which are made from the commands themselves:
// one a command, in docs/man. It is a test, so that no program that we ship has
// the maker of man pages in it.
func TestManual(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "man")
	if *update {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, cmd := range commands(New().root()) {
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		want = append(want, name)
		text := manual(t, cmd)
		path := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(path, text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(have, text) {
			t.Errorf("docs/man/%s is stale (%v): go generate ./internal/cli", name, err)
		}
	}
	slices.Sort(want)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(want, e.Name()) {
			if *update {
				_ = os.Remove(filepath.Join(dir, e.Name()))
				continue
			}
			t.Errorf("docs/man/%s is of no command that there is", e.Name())
		}
	}
}

func commands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, commands(sub)...)
		}
	}
	return all
}

// manual is a command's page. It bears no date: that of a build would make it
// another page each day.
func manual(t *testing.T, cmd *cobra.Command) []byte {
	t.Helper()
	cmd.DisableAutoGenTag = true
	var b bytes.Buffer
	header := doc.GenManHeader{Section: "1", Source: "deltui", Manual: "deltui", Date: &time.Time{}}
	if err := doc.GenMan(cmd, &header, &b); err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(b.Bytes(), []byte(`"Jan 0001"`), []byte(`""`), 1)
}
