//go:build linux

package cli_test

import (
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"deltui/internal/testenv"
)

// breeder starts a process in a session of its own, which starts another one and
// dies before it, and deletes. Then it ends, or waits.
const breeder = `package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "daemon":
		cmd := exec.Command("sleep", "1000")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Println("child", cmd.Process.Pid)
		return
	case "none":
	default:
		cmd := exec.Command(os.Args[0], "daemon")
		cmd.Stdout = os.Stdout
		if err := cmd.Run(); err != nil {
			panic(err)
		}
	}
	m := map[int]int{1: 1}
	delete(m, 1)
	delete(m, 2)
	if os.Args[1] == "wait" {
		time.Sleep(time.Hour)
	}
}
`

var childLine = regexp.MustCompile(`(?m)^child (\d+)$`)

// What a target leaves in other process groups is named at the end, and killed
// with --kill-children; whether the target ended by itself or not.
func TestChildren(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	prog := program(t, breeder)
	for _, tc := range []struct {
		how  string
		kill bool
		args []string
	}{
		{"end", false, nil},
		{"end", true, nil},
		{"wait", false, []string{"--max", "2"}},
		{"wait", true, []string{"--max", "2"}},
		{"none", false, nil},
	} {
		name := tc.how
		args := append([]string{"trace"}, tc.args...)
		if tc.kill {
			name += " --kill-children"
			args = append(args, "--kill-children")
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, stderr := deltui(t, append(args, prog, "--", tc.how)...)
			if err := cmd.Run(); err != nil {
				t.Errorf("%v: %s", err, stderr)
			}
			said := stderr.String()
			if tc.how == "none" {
				if strings.Contains(said, "started") {
					t.Errorf("nothing was started: %s", said)
				}
				return
			}
			m := childLine.FindStringSubmatch(said)
			if m == nil {
				t.Fatalf("no child: %s", said)
			}
			pid, _ := strconv.Atoi(m[1])
			defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
			want := "deltui: what the target has started lives on: sleep 1000 (pid " + m[1] + "); --kill-children ends it\n"
			if tc.kill {
				want = "deltui: what the target had started was killed: sleep 1000 (pid " + m[1] + ")\n"
			}
			if !strings.Contains(said, want) {
				t.Errorf("said %q, want %q", said, want)
			}
			if alive := syscall.Kill(pid, 0) == nil; alive == tc.kill {
				t.Errorf("the child lives: %v", alive)
			}
		})
	}
}

// On the screen they are named when it has gone.
func TestScreenChildren(t *testing.T) {
	t.Parallel()
	testenv.NeedPtrace(t)
	c, _ := onScreen(t, unpackProgram(t, breeder), ".", "--", "wait")
	c.See("before op 1").Type("6").See("child ").Type("q")
	c.Gone(0, "deltui: what the target has started lives on: sleep 1000 (pid ")
	m := regexp.MustCompile(`sleep 1000 \(pid (\d+)\)`).FindStringSubmatch(c.Screen())
	if m == nil {
		t.Fatal(c.Screen())
	}
	pid, _ := strconv.Atoi(m[1])
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}
