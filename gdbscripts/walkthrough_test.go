package gdbscripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// What WALKTHROUGH.md shows, command by command, as it is with every build: the
// frames and bytes, but no line numbers and no order of optimised code. A command
// that is given more than once has a text for each time.
var (
	stackShape  = `(?s)#0 .*%s.* in main\.\(\*cache\)\.evict \(.*main\.go:11.* in main\.main \(\)`
	swissBytes  = `^0x[0-9a-f]+:(\t0x[0-7][0-9a-f]){2}\t%s(\t0x[0-7][0-9a-f]){5}$`
	noGcStart   = `(?s)^(call +[^\n]*\n)+$`
	swissClaims = map[string][]string{
		"break runtime.mapdelete_fast64": {`^Breakpoint 1 at 0x`},
		"run":                            {`hit Breakpoint 1, runtime\.mapdelete_fast64 \(typ=0x[0-9a-f]+, m=0x[0-9a-f]+, key=42\)`, `about to run delete\(map\[uint64\]int@0x[0-9a-f]+, 42\)  used 13  from main\.\(\*cache\)\.evict main\.go:11`},
		"backtrace":                      {sprintf(stackShape, `runtime\.mapdelete_fast64 \(`), sprintf(stackShape, `\(\*table\)\.Delete \(.*\(\*Map\)\.Delete \(.* in runtime\.mapdelete_fast64 \(`), `(?s)#0 +runtime\.gcStart \(.* in runtime\.GC \(.* in main\.main \(`},
		"print $rcx":                     {`= 42$`},
		"gomap show m":                   {`(?s)used=13 .*full 13 .*cell 2  [0-7][0-9a-f] full  42: 420\n`, `(?s)used=12 .*writing=1 .*MISMATCH .*cell 2  [0-7][0-9a-f] full  42: 0\n`, `(?s)used=12 .*writing=1 .*full 12  empty 3  tombstones 1 .*cell 2  fe deleted \(not in the map\)  left in it: key 42\n`},
		"x/8xb $group":                   {sprintf(swissBytes, `0x[0-7][0-9a-f]`), sprintf(swissBytes, `0xfe`)},
		"break 'internal/runtime/maps.(*table).Delete'": {`^Breakpoint 2 at 0x`},
		"break internal/runtime/maps/table.go:LINE":     {`^Breakpoint 3 at 0x`},
		"finish":   {`in internal/runtime/maps\.\(\*Map\)\.Delete \(`},
		"continue": {`hit Breakpoint 2, internal/runtime/maps\.\(\*table\)\.Delete \(`, `(?s)hit Breakpoint 3, internal/runtime/maps\.\(\*table\)\.Delete \(.*ctrlDeleted\)`, `hit Breakpoint 4, runtime\.gcStart \(`, ``},
		"pipe disassemble 'runtime.mapdelete_fast64' | grep -o 'call .*'":                          {noGcStart},
		"pipe disassemble 'internal/runtime/maps.(*Map).Delete' | grep -o 'call .*'":               {noGcStart},
		"pipe disassemble 'internal/runtime/maps.(*table).Delete' | grep -o 'call .*'":             {noGcStart},
		"pipe disassemble 'internal/runtime/maps.(*table).Delete' | grep -o 'cmp.*writeBarrier.*'": {`(?m)^cmpl .*<runtime\.writeBarrier>$`},
		"gomap step all": {`(?s)header\.writing 0->1\n.*header\.used 13->12\n.*elem 420->0\n.*full->deleted\n.*tombstonePossible 0->1\n.*header\.writing 1->0\n.*returned: delete\(.*, 42\)  found  used 13->12 `},
	}
	classicClaims = map[string][]string{
		"run":               {`about to run delete\(map\[uint64\]int@0x[0-9a-f]+, 42\)  used 13  from main\.\(\*cache\)\.evict main\.go:11`},
		"backtrace":         {sprintf(stackShape, `runtime\.mapdelete_fast64 \(`)},
		"gomap show":        {`(?s)count=13 .*cell 2  [0-9a-f]{2} full  42: 420\n`},
		"gomap step all":    {`(?s)header\.flags 0->4\n.*elem 420->0\n.*full->emptyOne\n.*header\.count 13->12\n.*header\.flags 4->0\n.*returned: delete\(.*, 42\)  found  used 13->12 `},
		"gomap show $gomap": {`(?s)count=12 .*full 12  emptyOne 1 .*cell 2  01 emptyOne \(not in the map\)  left in it: key 42\n`},
		"pipe disassemble 'runtime.mapdelete_fast64' | grep -o 'call .*'": {noGcStart},
	}
)

func sprintf(shape, part string) string { return strings.Replace(shape, "%s", part, 1) }

// TestWalkthrough goes the page's way with builds that it does not show: under
// the race detector, position independent, and with keys and elems apart.
func TestWalkthrough(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("WALKTHROUGH.md")
	if err != nil {
		t.Fatal(err)
	}
	var sessions [][]command // in gdb: in a Swiss map, then in a classic one
	for _, c := range commandsOf(string(page)) {
		switch {
		case c.prompt == "(gdb) ":
			sessions[len(sessions)-1] = append(sessions[len(sessions)-1], c)
		case strings.HasPrefix(c.text, "gdb "):
			sessions = append(sessions, nil)
		}
	}
	if len(sessions) != 2 {
		t.Fatalf("%d sessions in gdb", len(sessions))
	}
	root := t.TempDir()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(here, filepath.Join(root, "gdbscripts")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "evict")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	eachBuild(t, "evict.txtar", func(t *testing.T, tc testenv.Toolchain, way, prog string) {
		session, claims := sessions[0], swissClaims
		if flavour(tc) == "classic" {
			session, claims = sessions[1], classicClaims
		}
		commands := make([]command, len(session))
		line := regexp.MustCompile(`(table\.go):\d+$`)
		for i, c := range session {
			if c.text = line.ReplaceAllString(c.text, "$1:LINE"); strings.HasSuffix(c.text, "LINE") {
				c.text = strings.Replace(c.text, "LINE", tombstoneLine(t, tc), 1)
			}
			commands[i] = c
		}
		got := make([]string, len(commands))
		all := inGdb(t, dir, []string{prog}, commands, got)
		held, times := 0, map[string]int{}
		for i, c := range session {
			text := line.ReplaceAllString(c.text, "$1:LINE")
			claims := claims[text]
			n := times[text]
			times[text]++
			if len(claims) == 0 {
				continue
			}
			if n >= len(claims) {
				t.Errorf("%s: given more often than this test knows", text)
				continue
			}
			held++
			claim := claims[n]
			if tc.Version == testenv.Go124 { // which does not keep in mind that there may be one
				claim = strings.Replace(claim, `.*tombstonePossible 0->1\n`, "", 1)
			}
			out := strings.TrimRight(dropThreads(got[i]), "\n")
			if strings.HasPrefix(text, "pipe ") || strings.HasSuffix(claim, `\n`) {
				out += "\n"
			}
			if !regexp.MustCompile(claim).MatchString(out) || strings.Contains(out, "gcStart") && strings.HasPrefix(text, "pipe") {
				t.Errorf("(gdb) %s\nprinted\n%s\nwhich does not match %s", text, out, claim)
			}
		}
		if want := len(claims); held < want {
			t.Errorf("%d of %d claims are in the page", held, want)
		}
		if t.Failed() {
			t.Logf("before: %s", all)
		}
	})
}

// tombstoneLine is the line of the runtime's table.go that writes a tombstone.
func tombstoneLine(t *testing.T, tc testenv.Toolchain) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(goroot(t, tc), "src/internal/runtime/maps/table.go"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, "g.ctrls().set(i, ctrlDeleted)") {
			return strconv.Itoa(i + 1)
		}
	}
	t.Fatal("table.go writes no tombstone")
	return ""
}
