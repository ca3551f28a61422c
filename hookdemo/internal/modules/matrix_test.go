package modules

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

// matrixDir unpacks the program, and beside it the module of package audit that
// it requires, so that what is built counts among the program's files.
func matrixDir(t *testing.T) (dir, audit string) {
	t.Helper()
	archive, err := os.ReadFile("testdata/matrix.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir = testenv.Unpack(t, archive)
	audit = filepath.Join(dir, "audit")
	if err := os.CopyFS(audit, os.DirFS(moduleDir(t, "audit"))); err != nil {
		t.Fatal(err)
	}
	return dir, audit
}

func run(t *testing.T, bin string) string {
	t.Helper()
	out, err := exec.Command(bin).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("\ndone ")) {
		t.Fatalf("the program did not reach its end:\n%s", out)
	}
	return string(out)
}

func wantLines(t *testing.T, out string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains("\n"+out, "\n"+l) {
			t.Errorf("no line %q in\n%s", l, out)
		}
	}
}

func swiss(tc testenv.Toolchain) bool { // and its linker
	switch tc.Version {
	case testenv.Go118, testenv.Go119, testenv.Go120, testenv.Go121, testenv.Go122, testenv.Go123:
		return false
	}
	return true
}

// TestMatrix builds the binding with each toolchain and runs it with each kind
// of key. Where the linker refuses the fast functions it must have been asked,
// and must let them pass when told to.
func TestMatrix(t *testing.T) {
	dir, _ := matrixDir(t)
	for _, tc := range testenv.Toolchains() {
		tc := tc
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			bin := tc.Build(t, dir)
			fastPaths := []string{
				"path runtime.mapdelete_fast32 true", "path runtime.mapdelete_fast64 true", "path runtime.mapdelete_faststr true",
				"ok uint64 runtime.mapdelete_fast64 ", "ok string runtime.mapdelete_faststr ", "ok int32 runtime.mapdelete_fast32 ",
				"ok uint32-to-136-bytes runtime.mapdelete ", "ok string-to-136-bytes runtime.mapdelete ",
			}
			if !swiss(tc) {
				wantLines(t, run(t, bin), append(fastPaths, "path runtime.mapdelete true")...)
				return
			}
			wantLines(t, run(t, bin), "path runtime.mapdelete true", "path runtime.mapdelete_fast64 false",
				"ok uint64 runtime.mapdelete ", "ok string runtime.mapdelete ")

			_, err := tc.TryBuild(t, testenv.Program{Dir: dir, Args: []string{"-tags=audit_fast"}})
			if err == nil || !strings.Contains(err.Error(), "invalid reference to runtime.mapdelete_fast") {
				t.Errorf("the linker does not refuse the fast functions any more: %v", err)
			}
			wantLines(t, run(t, tc.Build(t, dir, "-tags=audit_fast", "-ldflags=-checklinkname=0")), fastPaths...)
		})
	}
}

// TestFallback builds the program without the runtime's symbols, as on a Go
// that nobody has tried.
func TestFallback(t *testing.T) {
	dir, audit := matrixDir(t)
	for _, name := range []string{"bind_any", "bind_fast"} {
		bound, none := filepath.Join(audit, name+".go"), filepath.Join(audit, name+"_none.go")
		if err := os.Remove(bound); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(none)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), "\n") // drop the build constraint
		if err := os.WriteFile(none, []byte(after), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	wantLines(t, run(t, testenv.Local.Build(t, dir)), "path runtime.mapdelete false", "path builtin delete true", "ok uint64 builtin delete ", "ok interface DeleteAny ")
}
