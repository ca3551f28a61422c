//go:build linux

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"deltui/internal/procfs"
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
	return testenv.Local.Build(t, unpackProgram(t, source))
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

// The first signal kills the target, prints what is in progress and the
// statistics, and ends with 0.
func TestFirstSignal(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	prog := program(t, endless)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
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
			if n < 10 || !strings.Contains(stderr.String(), "deltui: the target was killed ("+sig.String()+")\n") || !strings.Contains(stderr.String(), "\nstats: ops=") {
				t.Errorf("%d lines, then %s", n, stderr)
			}
			gone(t, pidOf(t, stderr.String()))
		})
	}
}

// A second signal is final, here while nobody reads what is printed: the code is
// the one that a shell gives to a program that a signal has ended.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	prog := program(t, endless)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, stderr := deltui(t, "trace", "--json", prog)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		// Full after a few ops, so that the first signal cannot end it.
		if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		full := func() bool {
			n, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
			return err != nil || n > 4096-1024
		}
		for deadline := time.Now().Add(time.Minute); !full() && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		}
		time.Sleep(300 * time.Millisecond)
		_ = cmd.Process.Signal(os.Interrupt)
		time.Sleep(300 * time.Millisecond)
		_ = cmd.Process.Signal(sig)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			_ = cmd.Process.Signal(syscall.SIGABRT) // tells where it hangs
			time.Sleep(5 * time.Second)
			_ = cmd.Process.Kill()
			<-ended
			t.Fatalf("it does not end:\n%s", stderr)
		}
		if got, want := cmd.ProcessState.ExitCode(), 128+int(sig); got != want {
			t.Errorf("exit code %d after a second signal, want %d: %s", got, want, stderr)
		}
		gone(t, pidOf(t, stderr.String()))
	}
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

// So they may while the target does nothing that would be printed.
func TestReaderGoesAwayFromQuietTarget(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	cmd, stderr := deltui(t, "trace", program(t, quiet))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	line := bufio.NewScanner(r)
	if !line.Scan() { // the only op
		t.Fatal("no op")
	}
	r.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("exit: %v\n%s", err, stderr)
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
		t.Fatal("it does not end before the target's next op")
	}
	if strings.Contains(stderr.String(), "deltui:") {
		t.Errorf("not quiet: %s", stderr)
	}
	gone(t, pidOf(t, stderr.String()))
}

// quiet deletes once, and then sleeps.
const quiet = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println("pid", os.Getpid())
	m := map[int]int{1: 1}
	delete(m, 1)
	time.Sleep(time.Hour)
}
`

// A build that is interrupted leaves nothing, and is no failure.
func TestSignalWhileBuilding(t *testing.T) {
	t.Parallel()
	dir := unpackProgram(t, slowBuild)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT} {
		cmd, stderr := deltui(t, "trace", dir)
		tmp := t.TempDir()
		cmd.Env = append(cmd.Env, "TMPDIR="+tmp, "GOCACHE="+t.TempDir(), "GOFLAGS=", "GOTMPDIR=")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		awaitBuild(t, tmp)
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if err != nil || stderr.String() != "deltui: ended by a signal ("+sig.String()+")\n" {
			t.Errorf("exit %v: %q", err, stderr)
		}
		if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A signal while Delve reads the debug information, which takes seconds for a
// large program, ends it too, with the target.
func TestSignalWhileLoading(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	large := testenv.Local.BuildProgram(t, testenv.Program{Dir: t.TempDir(), Pkg: "cmd/compile"})
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, stderr := deltui(t, "trace", large, "--", "-V")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		target := 0
		for deadline := time.Now().Add(time.Minute); target == 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			for _, pid := range procfs.Children(cmd.Process.Pid) {
				if strings.HasPrefix(procfs.Command(pid), large) {
					target = pid
				}
			}
		}
		if target == 0 {
			t.Fatal("there is no target")
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", sig, err)
		}
		if said := stderr.String(); said != "deltui: ended by a signal ("+sig.String()+")\n" {
			t.Errorf("%v: said %q", sig, said)
		}
		gone(t, strconv.Itoa(target))
	}
}
