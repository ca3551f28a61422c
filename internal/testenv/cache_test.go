package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain is also one of the processes that want a program at once.
func TestMain(m *testing.M) {
	if root := os.Getenv("TESTENV_ROOT"); root != "" {
		path, err := testCache(root).get(key("ab"), "prog", slowly(os.Getenv("TESTENV_LOG")))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(path)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func testCache(root string) cache {
	if err := os.MkdirAll(filepath.Join(root, "lock"), 0o777); err != nil {
		panic(err)
	}
	return cache{root: root, limit: 1 << 20, grace: time.Minute}
}

func key(s string) string { return s + strings.Repeat("0", 32-len(s)) }

// slowly builds in a tenth of a second, and writes a line of it.
func slowly(log string) func(dir, bin string) error {
	return func(dir, bin string) error {
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.WriteString("built\n"); err != nil {
			return err
		}
		if err := os.WriteFile(bin, []byte("ha"), 0o666); err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
		return os.WriteFile(bin, []byte("half and half"), 0o666)
	}
}

// TestOneBuilds has processes, and goroutines of this one, ask at once.
func TestOneBuilds(t *testing.T) {
	root, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var path string
			if i%2 == 0 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "TESTENV_ROOT="+root, "TESTENV_LOG="+log)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Errorf("%v\n%s", err, out)
					return
				}
				path = strings.TrimSpace(string(out))
			} else {
				var err error
				if path, err = testCache(root).get(key("ab"), "prog", slowly(log)); err != nil {
					t.Error(err)
					return
				}
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != "half and half" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
	wg.Wait()
	if b, err := os.ReadFile(log); err != nil || string(b) != "built\n" {
		t.Errorf("%q, %v: want one build", b, err)
	}
}

// TestInterrupted: what a killed or failed build left is neither taken nor kept.
func TestInterrupted(t *testing.T) {
	c, log := testCache(t.TempDir()), filepath.Join(t.TempDir(), "log")
	dir := filepath.Join(c.root, key("cd"))
	if err := os.MkdirAll(filepath.Join(dir, "src"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prog.part", "src/left.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("ha"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken")
	if _, err := c.get(key("cd"), "prog", func(_, bin string) error {
		if err := os.WriteFile(bin, []byte("ha"), 0o666); err != nil {
			return err
		}
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a failed build leaves its entry: %v", err)
	}
	path, err := c.get(key("cd"), "prog", slowly(log))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "half and half" {
		t.Errorf("%q", b)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o555 {
		t.Errorf("%v, %v: all may run it, and nobody change it", fi.Mode(), err)
	}
}

// TestSweep: the entries longest unused go, until the rest is within the limit;
// those just used stay, even beyond it.
func TestSweep(t *testing.T) {
	c := testCache(t.TempDir())
	add := func(name string, size int, age time.Duration) {
		t.Helper()
		path, err := c.get(key(name), "prog", func(_, bin string) error {
			return os.WriteFile(bin, bytes.Repeat([]byte{1}, size), 0o666)
		})
		if err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	here := func() (names string) {
		dirs, err := os.ReadDir(c.root)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range dirs {
			if d.Name() != "lock" {
				names += d.Name()[:2]
			}
		}
		return names
	}
	const third = 1 << 20 / 3
	add("a0", third, 3*time.Hour)
	add("b0", third, 5*time.Hour)
	add("c0", third, time.Hour)
	add("b0", third, 2*time.Hour) // asked for again
	if got := here(); got != "a0b0c0" {
		t.Errorf("within the limit: %s", got)
	}
	add("d0", third, 0)
	if got := here(); got != "b0c0d0" {
		t.Errorf("a third too much: %s", got)
	}
	add("e0", third, 0)
	add("f0", third, 0)
	add("e1", third, 0)
	if got := here(); got != "d0e0e1f0" {
		t.Errorf("all just used: %s", got)
	}
}
