package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
)

// endless deletes until it is killed; it prints its pid first.
const endless = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println("pid", os.Getpid())
	m := map[int]int{}
	for i := 0; ; i++ {
		m[i] = i
		delete(m, i)
		time.Sleep(time.Millisecond)
	}
}
`

// program builds a program of one file, and returns its path.
func program(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module prog\n\ngo 1.18\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return testenv.Local.Build(t, dir)
}

// deltui is this test binary as the command of that name.
func deltui(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript.Main looks at the name that it was called by.
	link := filepath.Join(t.TempDir(), "deltui")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), "GORACE="+raceEnv(t))
	stderr = &bytes.Buffer{}
	cmd.Stderr = stderr
	cmd.WaitDelay = 30 * time.Second
	return cmd, stderr
}

// gone waits until no process is called so.
func gone(t *testing.T, pid string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("process %s is still there", pid)
}

func pidOf(t *testing.T, stderr string) string {
	t.Helper()
	for line := range strings.SplitSeq(stderr, "\n") {
		if pid, ok := strings.CutPrefix(line, "pid "); ok {
			return pid
		}
	}
	t.Fatalf("the target did not tell its pid: %s", stderr)
	return ""
}

// The first signal lets go of the target, prints what is in progress and the
// statistics, and ends with 0.
func TestFirstSignal(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	prog := program(t, endless)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd, stderr := deltui(t, "trace", "--json", "--stats", prog)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			lines.Buffer(nil, 1<<20)
			n := 0
			for lines.Scan() {
				if n++; n == 10 {
					if err := cmd.Process.Signal(sig); err != nil {
						t.Fatal(err)
					}
				}
				if !json.Valid(lines.Bytes()) {
					t.Errorf("line %d is not JSON: %s", n, lines.Bytes())
				}
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("exit: %v\n%s", err, stderr)
			}
			if n < 10 || !strings.Contains(stderr.String(), "deltui: let go of the target ("+sig.String()+")\n") || !strings.Contains(stderr.String(), "\nstats: ops=") {
				t.Errorf("%d lines, then %s", n, stderr)
			}
			gone(t, pidOf(t, stderr.String()))
		})
	}
}

// A second signal is final, here while nobody reads what is printed.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	cmd, stderr := deltui(t, "trace", "--json", program(t, endless))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	head := make([]byte, 1)
	if _, err := r.Read(head); err != nil { // it runs
		t.Fatal(err)
	}
	time.Sleep(time.Second) // long enough for the pipe to fill up; if not, the first signal ends it
	for range 2 {
		_ = cmd.Process.Signal(os.Interrupt)
		time.Sleep(200 * time.Millisecond)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		_ = cmd.Process.Signal(syscall.SIGQUIT) // tells where it hangs
		time.Sleep(5 * time.Second)
		_ = cmd.Process.Kill()
		<-ended
		t.Fatalf("it does not end:\n%s", stderr)
	}
	gone(t, pidOf(t, stderr.String()))
}

// Whoever reads our ops may go away: we end quietly, and so does the target.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	for _, format := range []string{"--json", "--plain"} {
		cmd, stderr := deltui(t, "trace", format, program(t, endless))
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		head := make([]byte, 10)
		if _, err := r.Read(head); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("exit: %v\n%s", err, stderr)
		}
		if strings.Contains(stderr.String(), "deltui:") {
			t.Errorf("not quiet: %s", stderr)
		}
		gone(t, pidOf(t, stderr.String()))
	}
}

// A build that is interrupted leaves nothing.
func TestSignalWhileBuilding(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module prog\n\ngo 1.18\n", "main.go": "package main\n\nimport _ \"net/http\"\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd, stderr := deltui(t, "trace", dir)
	tmp := t.TempDir()
	cmd.Env = append(cmd.Env, "TMPDIR="+tmp, "GOCACHE="+t.TempDir(), "GOFLAGS=", "GOTMPDIR=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(tmp, "deltui-*", "go-build*", "b*")); len(found) > 0 {
			break // the go command is at work
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || stderr.String() != "deltui: interrupted\n" {
		t.Errorf("exit %v: %q", err, stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
