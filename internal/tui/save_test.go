package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// saves is a Save as the command line has it.
func saves(f *file.File) func(string, bool) (string, error) {
	return func(path string, force bool) (string, error) {
		var opts []file.Option
		if force {
			opts = append(opts, file.Force)
		}
		_, err := f.Save(path, opts...)
		return "saved to " + path, err
	}
}

// TestReplayIsLive: at each moment every panel below the status line is the same,
// byte for byte, of a live session and of what was saved of it.
func TestReplayIsLive(t *testing.T) {
	for _, size := range sizes[:3] {
		live := driveLive(t, tracetest.Options{Ops: 40, Keys: 40}, size[0], size[1])
		f := live.m.ses.Timeline.(*file.File)
		live.m.ses.Save = saves(f)
		live.Go(31)
		path := filepath.Join(t.TempDir(), "x.deltui")
		live.Press("w").See("save to session.deltui")
		for range "session.deltui" {
			live.Press("backspace")
		}
		live.Type(path).Press("enter").See("saved to ")
		g, err := file.Open(path)
		must(t, err)
		t.Cleanup(func() { g.Close() })
		for _, name := range []string{"/home/gopher/evict/cache.go", "/usr/local/go/src/internal/runtime/maps/table.go"} {
			live.m.ses.files[name] = f.Source(name) // and not of this machine's disk, which has another
		}
		replay := driveReplay(t, g, size[0], size[1])
		for range 31 { // panels are as large as what they have had to show
			replay.Press("right")
		}
		replay.Screen() // where live was drawn
		for _, keys := range [][]string{
			{"g"},
			{"right"},
			{"right"},
			{"right"},
			{"right"},
			{"down"},
			{"x"},
			{"x"},
			{"t"},
			{"b"},
			{"2"},
			{"3"},
			{"4"},
			{"down"},
			{"5"},
			{"6"},
			{"1"},
			{"z"},
			{"z"},
			{"]"},
			{"v"},
			{"esc"},
			{"H"},
			{"esc"},
			{"left"},
			{"left"},
			{"left"},
			{"G"},
		} {
			a, b := panels(live.Press(keys...)), panels(replay.Press(keys...))
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("%v: after %q, line %d of live is\n%s\nand of the recording\n%s", size, keys, i+2, a[i], b[i])
				}
			}
		}
	}
}

// panels is the screen without its first and last line, with all styles.
func panels(d *driver) []string {
	lines := strings.Split(d.ANSI(), "\n")
	return lines[1 : len(lines)-1]
}

// TestSaveAsks: a file that exists is replaced only when that is asked for, and what
// goes wrong is told.
func TestSaveAsks(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 20, Layouts: tuitest.Swiss})
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.WriteFile(path, []byte("mine"), 0o666))
	d := drive(t, Config{Session: &Session{Timeline: f, Save: saves(f), Note: "block 3 is damaged"}}, 120, 40)
	d.See("block 3 is damaged")
	d.m.ses.savedTo = path
	d.Press("w", "enter").See("exists: Enter replaces it").Press("esc")
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Fatal("it was replaced")
	}
	d.Press("w", "enter").See("exists: Enter replaces it").Press("enter").See("saved to ")
	if g, err := file.Open(path); err != nil || g.Len() != 20 {
		t.Fatal(err)
	}
	d.m.ses.savedTo = filepath.Join(path, "no", "such")
	d.Press("w", "enter").See("creating recording: ")
}
