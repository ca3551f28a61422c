//go:build linux

package target_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deltui/internal/target"
)

// A build that is cancelled while the compiler runs leaves no process and no
// file behind.
func TestCancelLeavesNothing(t *testing.T) {
	t.Parallel()
	root := unpack(t)
	// A cold cache, so that there is much to compile; and a word in the
	// environment by which our children are known.
	env, tmp := environ(t, "GOCACHE="+t.TempDir(), "CGO_ENABLED=0")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	compiling := false
	_, err := target.Build(ctx, target.Spec{Target: []string{"m"}, Dir: root, Env: env}, func(e target.Event) {
		if e.Stage == target.Building && !compiling && len(children(t, tmp)) > 1 {
			compiling = true // the go command and a compiler at least
			cancel()
		}
	})
	if !compiling {
		t.Fatal("no compiler was seen at work")
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	empty(t, tmp)
	deadline := time.Now().Add(10 * time.Second)
	for len(children(t, tmp)) > 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if left := children(t, tmp); len(left) > 0 {
		t.Errorf("still running: %v", left)
	}
}

// children lists the processes that have the word in their environment.
func children(t *testing.T, word string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		env, err := os.ReadFile(f) // empty for a zombie
		if err == nil && strings.Contains(string(env), word) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "cmdline"))
			found = append(found, strings.ReplaceAll(string(name), "\x00", " "))
		}
	}
	return found
}
