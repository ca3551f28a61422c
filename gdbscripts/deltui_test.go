package gdbscripts_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// deltuiOp is what this test reads of a line of `deltui trace --json`.
type deltuiOp struct {
	Seq     int
	Op      string
	Func    string
	Outcome string
	Map     struct{ Addr, Type, Layout string }
	Key     string
	KeyLen  int `json:"key_len"`
	Found   bool
	Used    []uint64
	Changes []struct {
		Addr, Where, From, To string
		State                 []string
	}
	Stack []struct {
		Func, File string
		Line       int
	}
}

// TestDeltui holds gomap's trace against deltui's, of two runs of one program. A
// run has its own addresses and hashes, so of the bytes only those of maps of one
// group are compared, which lie in the order in which they came.
func TestDeltui(t *testing.T) {
	t.Parallel()
	needGdb(t)
	tool := testenv.Command(t, "deltui/cmd/deltui")
	for _, tc := range matrix() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			prog := build(t, tc, "oracle.txtar")
			file := filepath.Join(t.TempDir(), "oracle")
			var ours, theirs []string
			for _, l := range traced(t, gdb(t, []string{prog, file}, "gomap trace", "run")) {
				if !strings.HasPrefix(l.caller, "main.goroutines.") { // in any order
					ours = append(ours, told(l))
				}
			}
			cmd := exec.Command(tool, "trace", "--json", prog, "--", file)
			out := run(t, cmd)
			for text := range strings.SplitSeq(out, "\n") {
				if !strings.HasPrefix(text, `{"seq":`) {
					continue
				}
				var op deltuiOp
				if err := json.Unmarshal([]byte(text), &op); err != nil {
					t.Fatalf("%v: %s", err, text)
				}
				if line := toldByDeltui(op); !strings.Contains(line, " main.goroutines.") {
					theirs = append(theirs, line)
				}
			}
			if len(ours) < 500 || len(ours) != len(theirs) {
				t.Errorf("gomap traced %d ops, deltui %d; its output ends\n%s", len(ours), len(theirs), out[max(0, len(out)-500):])
			}
			for i, bad := 0, 0; i < min(len(ours), len(theirs)) && bad < 10; i++ {
				if ours[i] != theirs[i] {
					bad++
					t.Errorf("op %d\n  gomap:  %s\n  deltui: %s", i+1, ours[i], theirs[i])
				}
			}
		})
	}
}

var address = regexp.MustCompile(`0x[0-9a-f]{5,}`)

// told is what of a line holds in every run of the program.
func told(l line) string {
	var changes []string
	for _, c := range l.changes {
		changes = append(changes, c.where+" "+c.states)
	}
	return tell(l.op, l.fn, l.typ, l.key, l.result, l.before+"->"+l.after, l.caller, fmt.Sprintf("%s:%d", l.file, l.fileLine), changes)
}

func toldByDeltui(op deltuiOp) string {
	result := map[bool]string{true: "found", false: "absent"}[op.Found]
	if op.Op == "clear" {
		result = "cleared"
	}
	if op.Outcome != "returned" {
		result = op.Outcome
	}
	used := ""
	if len(op.Used) == 2 {
		used = fmt.Sprintf("%d->%d", op.Used[0], op.Used[1])
	}
	var changes []string
	for _, c := range op.Changes {
		changes = append(changes, c.Where+" "+strings.Join(c.State, "->"))
	}
	caller, at := "?", "?"
	for _, f := range op.Stack[min(1, len(op.Stack)):] {
		if !strings.HasPrefix(f.Func, "reflect.") {
			caller, at = f.Func, fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
			break
		}
	}
	return tell(op.Op, op.Func, op.Map.Type, op.Key, result, used, caller, at, changes)
}

func tell(op, fn, typ, key, result, used, caller, at string, changes []string) string {
	fn = fn[strings.LastIndex(fn, ".")+1:] // reflect's entry points may count as the runtime's
	size := len(changes)
	if size != 1 || !strings.HasPrefix(changes[0], "group 0 ") {
		changes = nil
	}
	if strings.Contains(key, "…") || strings.Contains(key, "{") || strings.HasPrefix(key, "[]") {
		key = "" // how much is shown of a long or composite key is each tool's own
	}
	changed := "changed"
	if size == 0 {
		changed = "unchanged"
	}
	return address.ReplaceAllString(fmt.Sprintf("%s %s %s(%s) %s %s %s %s %s %v", op, fn, typ, key, result, used, caller, at, changed, changes), "ADDR")
}
