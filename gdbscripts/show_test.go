package gdbscripts_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// section returns what was printed between `echo === NAME` and the next one.
func section(out, name string) string {
	_, rest, ok := strings.Cut(out, "=== "+name+"\n")
	if !ok {
		return ""
	}
	text, _, _ := strings.Cut(rest, "=== ")
	return text
}

var groupShape = regexp.MustCompile(`(?m)^    (\S.*) at (0x[0-9a-f]+)  ((?:[0-9a-f]{2} ?){8})`)

// TestShow holds every control byte of nine maps against what their program
// read, and the three ways of naming a map against each other.
func TestShow(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "oracle.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		names := []string{"numbers", "words", "things", "bigs", "bigElems", "growing", "many", "sets", "uneven", "three", "hostile"}
		types := map[string]string{
			"numbers": "map[uint64]int", "bigs": "map[main.Big]int32", "bigElems": "map[int32]main.Big", "things": "map[interface {}]string",
		}
		commands := []string{"break main.stopHere", "run"}
		for _, n := range names {
			commands = append(commands, "echo === "+n+"\\n", "gomap show -groups 100000 main."+n)
			// The address comes from gdb itself, in a session that has not yet seen the map.
			commands = append(commands, "python import gomap.which; gomap.which.forget()",
				"echo === "+n+" by address\\n",
				fmt.Sprintf(`python gdb.execute("gomap show -groups 100000 " + hex(int(gdb.parse_and_eval("'main.%s'"))))`, n))
			if typ, ok := types[n]; ok {
				commands = append(commands, "echo === "+n+" by type\\n",
					fmt.Sprintf(`python gdb.execute("gomap show -groups 100000 " + hex(int(gdb.parse_and_eval("'main.%s'"))) + " %s")`, n, typ))
			}
		}
		file := filepath.Join(t.TempDir(), "oracle")
		out := gdb(t, []string{prog, file}, append(commands, "echo === end\\n")...)
		_, dumps, _ := oracle(t, file)
		for _, n := range names {
			text, want := section(out, n), dumps[n]
			var got []string
			for _, m := range groupShape.FindAllStringSubmatch(text, -1) {
				got = append(got, m[2]+":"+strings.ReplaceAll(m[3], " ", ""))
			}
			if strings.Join(got, " ") != strings.Join(want.groups, " ") || len(got) == 0 {
				t.Errorf("%s: control bytes\n  shown:  %v\n  oracle: %v", n, got, want.groups)
			}
			if head := " at " + want.addr + "  " + flavour(tc) + "\n"; !strings.Contains(text, head) {
				t.Errorf("%s: no %q in\n%s", n, head, text)
			}
			if !strings.Contains(text, "vitals  used "+want.used+"  ") || strings.Contains(text, "MISMATCH") || strings.Contains(text, "NOTE") {
				t.Errorf("%s: vitals, of %s entries:\n%s", n, want.used, text)
			}
			if by := section(out, n+" by address"); by != text {
				t.Errorf("%s by address:\n%s\nby name:\n%s", n, by, text)
			}
			if by := section(out, n+" by type"); types[n] != "" && by != text {
				t.Errorf("%s by address and type:\n%s\nby name:\n%s", n, by, text)
			}
		}
		shownEntries(t, out)
		shownThree(t, tc, section(out, "three"))
		shownHostile(t, section(out, "hostile"))
	})
}

// shownEntries checks that a map's entries are all there and no others: those
// that the program did not delete.
func shownEntries(t *testing.T, out string) {
	t.Helper()
	full := regexp.MustCompile(`(?m)full  (.*)$`)
	entries := func(name string) map[string]bool {
		set := map[string]bool{}
		for _, m := range full.FindAllStringSubmatch(section(out, name), -1) {
			set[m[1]] = true
		}
		return set
	}
	want := map[string][]string{"numbers": {"3: 30", "5: 50", "7: 70", "9: 90", "11: 110"}, "things": {`float64(2.5): "f"`}}
	zeros := strings.Repeat(", 0", 15)
	for i := range 12 {
		if i != 3 {
			want["words"] = append(want["words"], fmt.Sprintf(`"w%d": %d`, i, i))
		}
		if i != 11 {
			want["sets"] = append(want["sets"], fmt.Sprintf(`"e%d": struct {}{}`, i))
		}
		if i != 5 {
			want["bigs"] = append(want["bigs"], fmt.Sprintf("main.Big{%d%s, …+1}: %d", i, zeros, i))
		}
		if i != 7 {
			want["bigElems"] = append(want["bigElems"], fmt.Sprintf("%d: main.Big{%d%s, …+1}", i, i, zeros))
		}
	}
	for i := 100; i < 105; i++ {
		want["growing"] = append(want["growing"], fmt.Sprintf("%d: %d", i, i))
	}
	for i := range 2500 {
		if i%60 != 0 {
			want["many"] = append(want["many"], fmt.Sprintf("%d: %d", i, -i))
		}
	}
	for name, es := range want {
		got := entries(name)
		for _, e := range es {
			if !got[e] {
				t.Errorf("%s: the entry %s is not shown", name, e)
			}
		}
		if len(got) != len(es) {
			t.Errorf("%s: %d entries are shown, of %d", name, len(got), len(es))
		}
	}
}

// shownThree checks a cell that is deleted but not cleared.
func shownThree(t *testing.T, tc testenv.Toolchain, text string) {
	t.Helper()
	deleted := "cell 1  80 empty (not in the map)  left in it: key 2\n"
	if flavour(tc) == "classic" {
		deleted = "cell 1  01 emptyOne (not in the map)  left in it: key 2\n"
	}
	for _, want := range []string{deleted, "full  1: 10\n", "full  3: 30\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// shownHostile checks that what a target holds cannot reach the terminal, nor
// make gdb read without end.
func shownHostile(t *testing.T, text string) {
	t.Helper()
	for _, want := range []string{
		`1: "\x1b]0;owned\a"` + "\n",
		`2: "` + strings.Repeat("x", 256) + `"…(len 1000)` + "\n",
		`3: "` + strings.Repeat("x", 256) + `"…(len 1099511627776)` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f]").MatchString(text) {
		t.Errorf("control characters reach the terminal: %q", text)
	}
}

// TestShowBesideGo sources Go's own printers too, and shows where they are wrong.
func TestShowBesideGo(t *testing.T) {
	t.Parallel()
	needGdb(t)
	for _, tc := range []testenv.Toolchain{{Version: testenv.Go123}, testenv.Local} {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			prog := build(t, tc, "oracle.txtar")
			out := gdb(t, []string{prog, filepath.Join(t.TempDir(), "oracle")},
				"source "+filepath.Join(goroot(t, tc), "src/runtime/runtime-gdb.py"),
				"break main.stopHere", "run",
				"echo === go\\n", "print 'main.three'", "echo === gomap\\n", "gomap show main.three", "echo === end\\n")
			printed := section(out, "go")
			if !strings.Contains(printed, "[1] = 10") || !strings.Contains(printed, "[3] = 30") {
				t.Errorf("Go's printer: %s", printed)
			}
			wrong := strings.Contains(printed, "[2] = 0")
			if wrong != (flavour(tc) == "classic") {
				t.Errorf("README.md says that Go's printer shows deleted cells of classic maps, and of them only; %s: %s", tc, printed)
			}
			shownThree(t, tc, section(out, "gomap"))
		})
	}
}

// TestShowErrors wants each refusal to say what is wrong and what to do.
func TestShowErrors(t *testing.T) {
	t.Parallel()
	needGdb(t)
	prog := build(t, testenv.Local, "oracle.txtar")
	out := gdb(t, []string{prog, filepath.Join(t.TempDir(), "oracle")},
		"gomap show main.numbers",
		"break main.stopHere", "run",
		"gomap show", "gomap show 0x1234", "gomap show 0x1234 map[nosuch]int", "gomap show main.out", "gomap show nosuch",
		"gomap show main.nilMap", "gomap show 0x1234 map[uint64]int", "gomap step",
		"gomap show 'os/signal.handlers'.m")
	for _, want := range []string{
		"map[uint64]int  nil map", // before the program runs
		"which map? The program is not stopped at a delete's entry",
		"nothing says what type of map is at 0x1234; give it: gomap show 0x1234 map[K]V",
		"has no type map[nosuch]int",
		"main.out is a *bufio.Writer, not a map",
		"gomap: nosuch: No symbol \"nosuch\" in current context.",
		"map[string]int  nil map",
		"NOTE    the header at 0x1234 cannot be read",
		"the program is not stopped at a delete; use gomap break",
		"map[chan<- os.Signal]*os/signal.handler at 0x", // a field, of a package with a slash in its path
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestShowLocals shows a map that a field of a local variable holds, where the
// program's code is not optimised.
func TestShowLocals(t *testing.T) {
	t.Parallel()
	needGdb(t)
	prog := build(t, testenv.Local, "evict.txtar", "-gcflags=-N -l")
	out := gdb(t, []string{prog}, "break main.(*cache).evict", "run",
		"echo === field\\n", "gomap show c.byID", "echo === pointer\\n", "gomap show &c.byID",
		"echo === kept\\n", "gomap show $gomap", "echo === up\\n", "up", "echo === caller\\n", "gomap show c.byID", "echo === end\\n", "gomap show c")
	text := section(out, "field")
	if !strings.Contains(text, "map[uint64]int at 0x") || !strings.Contains(text, "full  42: 420\n") {
		t.Errorf("c.byID: %s", text)
	}
	for _, name := range []string{"pointer", "kept", "caller"} {
		if got := section(out, name); got != text {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, text)
		}
	}
	if !strings.Contains(out, "c is a *main.cache, not a map") {
		t.Errorf("a struct is not refused: %s", out)
	}
}

// TestLayouts holds the two descriptions of each map type against each other.
func TestLayouts(t *testing.T) {
	t.Parallel()
	eachToolchain(t, "oracle.txtar", func(t *testing.T, tc testenv.Toolchain, prog string) {
		script, err := filepath.Abs("testdata/layouts.py")
		if err != nil {
			t.Fatal(err)
		}
		out := gdb(t, []string{prog, filepath.Join(t.TempDir(), "oracle")}, "source "+script, "run")
		told := map[string]map[string]string{"descriptor": {}, "debuginfo": {}}
		for _, m := range regexp.MustCompile(`(?m)^LAYOUT (\w+) (.*?): (.*)$`).FindAllStringSubmatch(out, -1) {
			told[m[1]][m[2]] = m[3]
		}
		if len(told["descriptor"]) < 25 {
			t.Errorf("only %d map types were seen:\n%s", len(told["descriptor"]), out)
		}
		for name, want := range told["descriptor"] {
			if got := told["debuginfo"][name]; got != want {
				t.Errorf("%s\n  descriptor: %s\n  debug info: %s", name, want, got)
			}
			if !strings.HasPrefix(want, "kind="+flavour(tc)+" ") {
				t.Errorf("%s: not %s: %s", name, flavour(tc), want)
			}
		}
	})
}
