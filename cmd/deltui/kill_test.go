package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/internal/testenv"
)

const sleeper = `
-- go.mod --
module sleeper

go 1.18
-- main.go --
package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	signal.Ignore() // nothing that can be ignored ends it
	m := map[int]int{1: 1}
	fmt.Println("pid", os.Getpid())
	for {
		delete(m, 1)
		m[1] = 1
		time.Sleep(time.Millisecond)
	}
}
`

// TestKilled: a launched target never outlives deltui, even after SIGKILL, with
// the target running or standing at a breakpoint.
func TestKilled(t *testing.T) {
	testenv.NeedPtrace(t)
	tool := testenv.Command(t, "deltui/cmd/deltui")
	prog := testenv.Local.Build(t, testenv.Unpack(t, []byte(sleeper)))
	for i := range 3 {
		cmd := exec.Command(tool, "trace", prog)
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pid := 0
		for sc := bufio.NewScanner(stderr); sc.Scan(); {
			if n, _ := fmt.Sscanf(sc.Text(), "pid %d", &pid); n == 1 {
				break
			}
		}
		if pid == 0 {
			t.Fatal("the target did not tell its id")
		}
		time.Sleep(time.Duration(i) * 37 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if !gone(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Errorf("run %d: the target outlives deltui", i)
		}
	}
}

// gone waits until a process has ended; what is left of one until its parent
// asks for it has.
func gone(pid int) bool {
	for range 500 {
		out, err := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
		if err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z") {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}
