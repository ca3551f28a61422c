package gdbscripts_test

import (
	"context"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// matrix is the toolchains that the scripts are tested with, those asked for of
// some that together have every layout, and DWARF 4 and 5.
func matrix() []testenv.Toolchain {
	return testenv.Among(
		testenv.Toolchain{Version: testenv.Go123},
		testenv.Local,
		testenv.Toolchain{Version: testenv.Go120},
		testenv.Toolchain{Version: testenv.Go124},
		testenv.Toolchain{Version: testenv.Go124, Experiment: "noswissmap"},
		testenv.Toolchain{Version: testenv.Go127, Experiment: "mapsplitgroup"})
}

// flavour is the layout that a toolchain gives to maps, in DESIGN's words.
func flavour(tc testenv.Toolchain) string {
	switch {
	case tc.Experiment == "mapsplitgroup":
		return "swiss-split"
	case tc.Experiment == "noswissmap", tc.Version < testenv.Go124 && tc.Version != testenv.Local.Version:
		return "classic"
	default:
		return "swiss"
	}
}

// eachToolchain runs test for the program of an archive built with each
// toolchain of the matrix.
func eachToolchain(t *testing.T, archive string, test func(t *testing.T, tc testenv.Toolchain, prog string)) {
	needGdb(t)
	for _, tc := range matrix() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			test(t, tc, build(t, tc, archive))
		})
	}
}

// build returns the program of testdata/ARCHIVE built with tc.
func build(t *testing.T, tc testenv.Toolchain, archive string, args ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", archive))
	if err != nil {
		t.Fatal(err)
	}
	return tc.Build(t, testenv.Unpack(t, data), args...)
}

var gdbVersion = sync.OnceValue(func() string {
	out, _ := exec.Command("gdb", "-nx", "-batch", "-ex", "python print('gdb', int(gdb.VERSION.split('.')[0]))").CombinedOutput()
	return strings.TrimSpace(string(out))
})

// needGdb skips where there is no gdb 13 or later with Python.
func needGdb(t *testing.T) string {
	t.Helper()
	testenv.NeedPtrace(t)
	path := testenv.NeedTool(t, "gdb")
	if n, err := strconv.Atoi(strings.TrimPrefix(gdbVersion(), "gdb ")); err != nil || n < 13 {
		testenv.Missing(t, "gdb 13 or later with Python is needed, this one says %q", gdbVersion())
	}
	return path
}

// gdb runs commands in gdb, after sourcing gomap.py, on a program, and returns
// all that was printed, by the program too. prog may be followed by arguments.
func gdb(t *testing.T, prog []string, commands ...string) string {
	t.Helper()
	script, err := filepath.Abs("gomap.py")
	if err != nil {
		t.Fatal(err)
	}
	return bareGdb(t, prog, append([]string{"source " + script}, commands...)...)
}

const exitRace = "internal-error: wait returned unexpected status 0x0"

func bareGdb(t *testing.T, prog []string, commands ...string) string {
	t.Helper()
	// Go's own printers are loaded only where a test asks for them. Where gdb
	// itself breaks, it leaves no core file among the sources.
	args := []string{
		"-nx", "-batch", "-iex", "set auto-load python-scripts off",
		"-iex", "maintenance set internal-error corefile no", "-iex", "maintenance set internal-error quit yes",
	}
	for _, c := range commands {
		args = append(args, "-ex", c)
	}
	if len(prog) > 0 {
		args = append(append(args, "--args"), prog...)
	}
	out := run(t, exec.Command(needGdb(t), args...))
	// gdb 13 may break when a program with threads ends: the last of them and the
	// process are waited for at once. The test is about what comes before.
	for try := 0; strings.Contains(out, exitRace); try++ {
		if try == 3 {
			t.Fatalf("gdb breaks each time:\n%s", out)
		}
		t.Logf("gdb broke, once more: %s", out[strings.Index(out, exitRace):])
		out = run(t, exec.Command(needGdb(t), args...))
	}
	for _, sign := range []string{"Traceback", "Python Exception", "an op was not read", "internal-error"} {
		if strings.Contains(out, sign) {
			t.Errorf("gdb printed %q:\n%s", sign, out)
		}
	}
	return out
}

// run runs a debugger to its end.
func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	bounded := exec.CommandContext(ctx, cmd.Path, cmd.Args[1:]...)
	bounded.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "LC_ALL=C.UTF-8")
	bounded.Dir = cmd.Dir
	bounded.Stdin = cmd.Stdin
	bounded.WaitDelay = 10 * time.Second
	out, err := bounded.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%v: not done after 5 minutes\n%s", cmd.Args, out)
	}
	if err != nil {
		t.Logf("%v: %v", cmd.Args, err) // -batch exits 1 when its last command failed
	}
	return string(out)
}

// line is one line of `gomap trace`, and of gomap.star's trace.
type line struct {
	seq               int
	op, typ, addr     string
	key               string
	result            string
	before, after     string
	changes           []change
	caller, file      string
	fileLine          int
	goroutine, fn     string
	notes             string
	text, changesText string
}

type change struct {
	where, addr, from, to string
	states                string // full->empty
}

var (
	lineShape = regexp.MustCompile(`^(\d+)  (delete|clear)\((.*?)@(0x[0-9a-f]+)(?:, (.*))?\)` +
		`  (found|absent|cleared|panicked|fatal|exited)  used (\d+)->(\d+|\?)` +
		`  (no byte changed(?: of those read)?|not seen to its end|.*?->\w+(?:; \+\d+ more)?)  (.*) (\S+):(\d+)  goroutine (\d+)  (\S+)(.*)$`)
	changeShape = regexp.MustCompile(`^(.*) (0x[0-9a-f]+) ([0-9a-f]{2})->([0-9a-f]{2}) (\w+->\w+)$`)
)

// traced returns the lines of a trace that are among a debugger's output.
func traced(t *testing.T, out string) []line {
	t.Helper()
	var ls []line
	for text := range strings.SplitSeq(out, "\n") {
		if !regexp.MustCompile(`^\d+  (delete|clear)\(`).MatchString(text) {
			continue
		}
		m := lineShape.FindStringSubmatch(text)
		if m == nil {
			t.Errorf("not a line of a trace: %s", text)
			continue
		}
		l := line{
			op: m[2], typ: m[3], addr: m[4], key: m[5], result: m[6], before: m[7], after: m[8],
			caller: m[10], file: m[11], goroutine: m[13], fn: m[14], notes: m[15], text: text, changesText: m[9],
		}
		l.seq, _ = strconv.Atoi(m[1])
		l.fileLine, _ = strconv.Atoi(m[12])
		for text := range strings.SplitSeq(m[9], "; ") {
			if c := changeShape.FindStringSubmatch(text); c != nil {
				l.changes = append(l.changes, change{c[1], c[2], c[3], c[4], c[5]})
			} else if strings.Contains(text, "->") {
				t.Errorf("not a change: %q in %s", text, l.text)
			}
		}
		ls = append(ls, l)
	}
	return ls
}

// dwarfVersion is that of a binary's first unit.
func dwarfVersion(t *testing.T, prog string) int {
	t.Helper()
	f, err := elf.Open(prog)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Section(".debug_info")
	if s == nil {
		t.Fatalf("%s has no .debug_info", prog)
	}
	data, err := s.Data()
	if err != nil || len(data) < 6 {
		t.Fatalf("%s: .debug_info: %d bytes, %v", prog, len(data), err)
	}
	return int(binary.LittleEndian.Uint16(data[4:]))
}
