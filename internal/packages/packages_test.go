package packages_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"deltui/internal/packages"
)

const module = `
-- go.mod --
module ex.org/own

go 1.18
-- cmd/srv/main.go --
package main

import "ex.org/own/store"

func main() { store.Drop() }
-- cmd/still/main.go --
package main

func main() {}
-- store/store.go --
package store

import "ex.org/own/store/inner"

func Drop() { inner.Drop(); delete(m, 1) }

var m map[int]int
-- store/store_test.go --
package store

import "testing"

func TestDrop(t *testing.T) { clear(m) }
-- store/inner/inner.go --
package inner

import "maps"

func Drop() {
	maps.DeleteFunc(m, nil)
	list.delete(1) // a method of somebody's
}
-- store/inner/inner_plan9.go --
package inner

func other() { delete(m, 1) }
-- broken/broken.go --
package broken {
-- vendor/v/main.go --
package main

func main() { delete(m, 1) }
-- nested/go.mod --
module ex.org/nested
-- nested/main.go --
package main

func main() { delete(m, 1) }
-- testdata/main.go --
package main

func main() { delete(m, 1) }
`

// TestTargets: a program is listed by what it may come to, through what it
// imports; tests by their package's own calls; nothing that is not the module's.
func TestTargets(t *testing.T) {
	root := unpack(t)
	for _, tc := range []struct{ dir, want string }{
		{".", "./cmd/srv: ./store/store.go:5 ./store/inner/inner.go:6\n--test ./store: ./store/store.go:5 ./store/store_test.go:5\n"},
		{"store", "../cmd/srv: ./store.go:5 ./inner/inner.go:6\n--test .: ./store.go:5 ./store_test.go:5\n"},
		{"cmd/srv", ".: ../../store/store.go:5 ../../store/inner/inner.go:6\n--test ../../store: ../../store/store.go:5 ../../store/store_test.go:5\n"},
	} {
		m, err := packages.Find(context.Background(), filepath.Join(root, tc.dir))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, target := range m.Targets() {
			if target.Test {
				b.WriteString("--test ")
			}
			b.WriteString(target.Dir + ":")
			for _, s := range target.Sites {
				fmt.Fprintf(&b, " %s/%s:%d", s.Dir, s.File, s.Line)
			}
			b.WriteByte('\n')
		}
		if got := b.String(); got != tc.want {
			t.Errorf("from %s:\n%swant\n%s", tc.dir, got, tc.want)
		}
		if m.Path != "ex.org/own" || m.More {
			t.Errorf("module %q, more %v", m.Path, m.More)
		}
	}
}

func TestNoModule(t *testing.T) {
	if _, err := packages.Find(context.Background(), "/"); !errors.Is(err, packages.ErrNoModule) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := packages.Find(ctx, unpack(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func unpack(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(module)).Files {
		name := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
