package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// The frames of package audit, and how they are told.
const (
	auditFrames = "deltui.example/hookdemo/audit."
	entryFrame  = auditFrames + "DeleteContext" // the outermost of a delete, without its type arguments
	hookFrame   = auditFrames + "before"        // what it calls is a hook
)

// wantTrace is the scene in deltui's words: each delete from a map, in order,
// with the function that asked for it. An audited one comes after its native
// twin; the aborted one, of s-04, never comes to the runtime. There are no
// others: the audit itself deletes from no map.
var wantTrace = []string{
	`native  "s-01" 8→7 (*cache).drop`,
	`audited "s-01" 8→7 (*cache).evict`,
	`native  "s-02" 7→6 (*cache).drop`,
	`audited "s-02" 7→6 (*cache).evict`,
	`native  "s-99" 6→6 (*cache).drop`,
	`audited "s-99" 6→6 (*cache).evict`,
	`native  "s-03" 6→5 (*cache).drop`,
	`audited 103 16→15 (*cache).cascade, in a hook of (*cache).evict`,
	`audited 203 15→14 (*cache).cascade, in a hook of (*cache).evict`,
	`audited "s-03" 6→5 (*cache).evict`,
	`native  "s-04" 5→4 (*cache).drop`,
	`native  "s-05" 4→3 (*cache).drop`,
	`audited "s-05" 5→4 (*cache).evict`,
}

type tracedOp struct {
	Func string
	Map  struct {
		ID   int
		Type string
	}
	Key   string
	Used  [2]int
	Stack []struct{ Func string }
}

// TestTrace: deltui sees the twins' deletes, and only these; frames of package
// audit are in the stacks of audited ones only, and lead to who asked.
func TestTrace(t *testing.T) {
	testenv.NeedPtrace(t)
	deltui := testenv.Command(t, "deltui/cmd/deltui")
	cmd := exec.Command(deltui, "trace", "--json", "--ops", "delete,clear", ".")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var got []string
	maps := map[string]int{} // native or audited sessions → id
	types := map[string]bool{}
	for dec := json.NewDecoder(&stdout); dec.More(); {
		var op tracedOp
		if err := dec.Decode(&op); err != nil {
			t.Fatal(err)
		}
		line, err := tell(op)
		if err != nil {
			t.Error(err)
			continue
		}
		got = append(got, line)
		if strings.HasPrefix(op.Key, `"`) {
			types[op.Map.Type] = true
			how := strings.Fields(line)[0]
			if id := maps[how]; id != 0 && id != op.Map.ID {
				t.Errorf("%s: map %d, and before %d", line, op.Map.ID, id)
			}
			maps[how] = op.Map.ID
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(wantTrace, "\n"); g != w {
		t.Errorf("deltui saw\n%s\nwant\n%s\n%s", g, w, &stderr)
	}
	if len(types) != 1 || len(maps) != 2 || maps["native"] == maps["audited"] {
		t.Errorf("the twins are maps %v of types %v", maps, types)
	}
}

// tell reads op's stack from the runtime outwards, as one would who folds it.
func tell(op tracedOp) (string, error) {
	var stack []string
	for _, f := range op.Stack {
		name, _, _ := strings.Cut(f.Func, "[")
		stack = append(stack, name)
	}
	text := strings.Join(stack, "\n")
	rest := stack
	for len(rest) > 0 && (strings.HasPrefix(rest[0], "runtime.") || strings.HasPrefix(rest[0], "internal/runtime/maps.")) {
		rest = rest[1:]
	}
	how, fn := "native ", "runtime.mapdelete_faststr"
	if len(rest) > 0 && strings.HasPrefix(rest[0], auditFrames) {
		how, fn = "audited", "runtime.mapdelete"
		for len(rest) > 0 && strings.HasPrefix(rest[0], auditFrames) && rest[0] != entryFrame {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != entryFrame {
			return "", fmt.Errorf("the frames of package audit do not end in %s:\n%s", entryFrame, text)
		}
		rest = rest[1:]
	}
	if len(rest) == 0 || op.Func != fn {
		return "", fmt.Errorf("a delete by %s:\n%s", op.Func, text)
	}
	line := fmt.Sprintf("%s %s %d→%d %s", how, op.Key, op.Used[0], op.Used[1], strings.TrimPrefix(rest[0], "deltui/hookdemo/scene."))
	for i, f := range rest {
		if f != hookFrame {
			continue
		}
		for ; i < len(rest) && rest[i] != entryFrame; i++ {
		}
		if i+1 < len(rest) {
			line += ", in a hook of " + strings.TrimPrefix(rest[i+1], "deltui/hookdemo/scene.")
		}
		break
	}
	return line, nil
}
