package recent_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"deltui/internal/recent"
)

func TestList(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	for _, env := range [][]string{{"XDG_STATE_HOME=" + state}, {"HOME=" + dir, "XDG_STATE_HOME=relative"}} {
		l := recent.Of(env)
		if got := l.Names(); got != nil {
			t.Errorf("before anything: %q", got)
		}
		var want []string
		for i := range recent.Max + 5 {
			name := filepath.Join(dir, fmt.Sprintf("a b\n%d.deltui", i))
			must(t, os.WriteFile(name, nil, 0o666))
			must(t, l.Add(name))
			want = append([]string{name}, want...)
		}
		want = want[:recent.Max]
		if got := l.Names(); !slices.Equal(got, want) {
			t.Errorf("%q\nwant\n%q", got, want)
		}
		must(t, l.Add(want[3]))
		must(t, os.Remove(want[1]))
		want = slices.Concat([]string{want[3], want[0]}, want[2:3], want[4:])
		if got := l.Names(); !slices.Equal(got, want) {
			t.Errorf("one again, and one gone: %q\nwant\n%q", got, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(state, "deltui", "*")); len(left) != 1 {
		t.Errorf("in the state directory: %q", left)
	}
}

// A list that another program wrote, or a disk has eaten, is taken as far as it
// is one.
func TestDamaged(t *testing.T) {
	state := t.TempDir()
	name := filepath.Join(state, "one")
	must(t, os.WriteFile(name, nil, 0o666))
	must(t, os.Mkdir(filepath.Join(state, "deltui"), 0o777))
	text := fmt.Sprintf("{}\n\"relative\"\n%q\n%q\n%q\n\xff", state, name, name)
	must(t, os.WriteFile(filepath.Join(state, "deltui", "recent"), []byte(text), 0o666))
	l := recent.Of([]string{"XDG_STATE_HOME=" + state})
	if got := l.Names(); !slices.Equal(got, []string{name}) {
		t.Errorf("%q", got)
	}
	must(t, os.WriteFile(filepath.Join(state, "deltui", "recent"), []byte(strings.Repeat("x", 2<<20)), 0o666))
	if got := l.Names(); got != nil {
		t.Errorf("%q", got)
	}
}

func TestNowhere(t *testing.T) {
	l := recent.Of(nil)
	if err := l.Add("x"); err != nil || l.Names() != nil {
		t.Errorf("%v, %q", err, l.Names())
	}
	name := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(name, nil, 0o666))
	if err := recent.Of([]string{"XDG_STATE_HOME=" + name}).Add("x"); err == nil {
		t.Error("kept beneath a file")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
