package gdbscripts_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// seen is what the oracle program saw of one delete of its own.
type seen struct {
	op, addr, result, before, after, key string
	changes                              []string // 0xaddr:from->to, by address
}

// dumped is a map as the oracle program read it at its end.
type dumped struct {
	addr   string
	used   string
	groups []string // 0xaddr:8 bytes in hex
}

var seenShape = regexp.MustCompile(`^(delete|clear) (0x[0-9a-f]+|%!p\(nil\)) (\w+) used (\d+)->(\d+) ("(?:[^"\\]|\\.)*") ?(.*)$`)

// oracle reads what the program wrote: its deletes, its dumps, and how many
// entries were left of the map that it deleted from while its stack grew.
func oracle(t *testing.T, path string) (deletes []seen, dumps map[string]dumped, deep string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dumps = map[string]dumped{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		text := sc.Text()
		if m := seenShape.FindStringSubmatch(text); m != nil {
			key, err := strconv.Unquote(m[6])
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if m[2] == "%!p(nil)" {
				m[2] = "0x0"
			}
			deletes = append(deletes, seen{m[1], m[2], m[3], m[4], m[5], key, strings.Fields(m[7])})
		} else if fs := strings.Fields(text); len(fs) > 2 && fs[0] == "dump" {
			dumps[fs[1]] = dumped{fs[2], fs[3], fs[4:]}
		} else if len(fs) == 2 && fs[0] == "deep" {
			deep = fs[1]
		} else {
			t.Fatalf("the oracle wrote %q", text)
		}
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	return deletes, dumps, deep
}

// TestTrace holds every line of a trace against what the program saw of itself:
// every key, every count, every byte with its address.
func TestTrace(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "oracle.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		want := 4
		if tc == testenv.Local || tc.Version >= testenv.Go125 {
			want = 5
		}
		if got := dwarfVersion(t, prog); got != want {
			t.Errorf("built with DWARF %d, this test wants %d", got, want)
		}
		file := filepath.Join(t.TempDir(), "oracle")
		out := gdb(t, []string{prog, file}, "gomap trace", "run")
		deletes, _, deep := oracle(t, file)
		compare(t, testenv.Sources(prog), traced(t, out), deletes, deep)
	})
}

// TestTracePIE does the same on a program that the kernel moves at its start.
func TestTracePIE(t *testing.T) {
	t.Parallel()
	needGdb(t)
	prog := build(t, testenv.Local, "oracle.txtar", "-buildmode=pie")
	file := filepath.Join(t.TempDir(), "oracle")
	out := gdb(t, []string{prog, file}, "gomap trace", "run")
	deletes, _, deep := oracle(t, file)
	compare(t, testenv.Sources(prog), traced(t, out), deletes, deep)
}

// onStack is how often the program deletes from maps on its stack.
const onStack = 300 + 10*8

// compare holds a trace against the oracle, map by map: goroutines delete from
// different maps at once.
func compare(t *testing.T, dir string, lines []line, deletes []seen, deep string) {
	t.Helper()
	got := map[string][]line{}
	found := 0
	for i, l := range lines {
		if l.seq != i+1 {
			t.Errorf("line %d has the number %d", i+1, l.seq)
		}
		if l.caller == "main.down" || l.caller == "main.wide" {
			if l.result == "found" && len(l.changes) > 0 {
				found++
			} else {
				t.Errorf("from a map on a stack an entry was deleted; the trace says %s", l.text)
			}
			continue
		}
		got[l.addr] = append(got[l.addr], l)
	}
	if found != onStack || deep != "0" {
		t.Errorf("of the maps on growing stacks, %d entries were seen being deleted, and %s were left; want %d and 0", found, deep, onStack)
	}
	want := map[string][]seen{}
	for _, s := range deletes {
		want[s.addr] = append(want[s.addr], s)
	}
	if len(deletes) < 250 {
		t.Errorf("the oracle saw only %d deletes", len(deletes))
	}
	for addr := range got {
		if len(want[addr]) == 0 {
			t.Errorf("traced, but not by the oracle: %s", got[addr][0].text)
		}
	}
	bad := 0
	for addr, ss := range want {
		if len(got[addr]) != len(ss) {
			t.Errorf("map at %s: the oracle saw %d deletes, the trace has %d", addr, len(ss), len(got[addr]))
			continue
		}
		for i, s := range ss {
			if msg := differs(got[addr][i], s); msg != "" && bad < 10 {
				bad++
				t.Errorf("%s\n  oracle: %v\n  trace:  %s", msg, s, got[addr][i].text)
			}
			callSite(t, dir, got[addr][i])
		}
	}
}

func differs(l line, s seen) string {
	var changes []string
	for _, c := range l.changes {
		changes = append(changes, fmt.Sprintf("%s:%s->%s", c.addr, c.from, c.to))
	}
	switch {
	case l.op != s.op:
		return "another op"
	case l.key != s.key:
		return fmt.Sprintf("another key: %s, want %s", l.key, s.key)
	case l.result != s.result:
		return "another result"
	case l.before != s.before || l.after != s.after:
		return "another count"
	case strings.Join(changes, " ") != strings.Join(s.changes, " "):
		return "other bytes"
	}
	return ""
}

// callSite checks that a line's caller is where the source deletes.
func callSite(t *testing.T, dir string, l line) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, l.file))
	if err != nil {
		t.Errorf("%v: %s", err, l.text)
		return
	}
	src := strings.Split(string(data), "\n")
	if l.fileLine > len(src) || !regexp.MustCompile(`delete\(|SetMapIndex|for k := range m`).MatchString(src[l.fileLine-1]) {
		t.Errorf("%s:%d does not delete: %s", l.file, l.fileLine, l.text)
	}
}

// TestTraceLimits covers the options: fewer changes on a line, an end to it.
func TestTraceLimits(t *testing.T) {
	t.Parallel()
	prog := build(t, testenv.Local, "oracle.txtar")
	file := filepath.Join(t.TempDir(), "oracle")
	out := gdb(t, []string{prog, file}, "gomap trace -changes 3", "gomap trace off", "gomap trace -changes 2", "run")
	for _, l := range traced(t, out) {
		if len(l.changes) > 2 {
			t.Errorf("more than 2 changes: %s", l.text)
		}
		if l.op == "clear" && !strings.HasSuffix(l.changesText, "; +18 more") {
			t.Errorf("20 cells were cleared, the line says %q", l.changesText)
		}
	}
	out = gdb(t, []string{prog, file}, "gomap trace", "gomap trace off", "run")
	if n := len(traced(t, out)); n > 0 {
		t.Errorf("%d lines after `gomap trace off`", n)
	}
	standard := 0
	for _, l := range traced(t, gdb(t, []string{prog, file}, "gomap trace -std", "run")) {
		if strings.HasPrefix(l.caller, "os/signal.") {
			standard++
		}
	}
	if standard == 0 {
		t.Error("-std shows no delete by os/signal")
	}
	out = gdb(t, []string{prog, file}, "gomap trace -what")
	if !strings.Contains(out, "does not know -what") {
		t.Errorf("an unknown option is not refused: %s", out)
	}
}
