package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltui.example/hookdemo/audit"
	"deltui/hookdemo/scene"
	"deltui/internal/testenv"
)

// TestTrace: deltui sees, in the scene's run, the frames of package audit in
// the stacks of audited deletes, and none in those of the builtin.
func TestTrace(t *testing.T) {
	testenv.NeedPtrace(t)
	deltui := filepath.Join(t.TempDir(), "deltui")
	if out, err := exec.Command("go", "build", "-o", deltui, "deltui/cmd/deltui").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(deltui, "trace", "--json", "--ops", "delete", ".")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}

	played := scene.Play(io.Discard, audit.NoOp) // the numbers are the same each time
	var audited, native int
	dec := json.NewDecoder(&stdout)
	for dec.More() {
		var op struct {
			Func  string
			Map   struct{ Type string }
			Key   string
			Stack []struct{ Func string }
		}
		if err := dec.Decode(&op); err != nil {
			t.Fatal(err)
		}
		frames := 0
		var stack []string
		for _, f := range op.Stack {
			stack = append(stack, f.Func)
			if strings.HasPrefix(f.Func, "deltui.example/hookdemo/audit.") {
				frames++
			}
		}
		switch op.Map.Type {
		case "map[string]*deltui/hookdemo/scene.session", "map[string]*scene.session", "map[uint64]string":
			audited++
			if frames == 0 || op.Func != "runtime.mapdelete" {
				t.Errorf("an audited delete of %s by %s has no frame of package audit:\n%s", op.Key, op.Func, strings.Join(stack, "\n"))
			}
		case "map[string]int":
			native++
			if frames > 0 || op.Func != "runtime.mapdelete_faststr" {
				t.Errorf("a builtin delete of %s by %s has frames of package audit:\n%s", op.Key, op.Func, strings.Join(stack, "\n"))
			}
		}
	}
	if audited != played.Audited-played.Aborted || native != played.Native {
		t.Errorf("deltui saw %d audited and %d builtin deletes, the scene has %+v\n%s", audited, native, played, &stderr)
	}
}
