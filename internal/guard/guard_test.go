package guard

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays three parts: the test, the guard, and a parent that
// starts a victim under guard and waits to be killed.
func TestMain(m *testing.M) {
	Main()
	if os.Getenv("GUARD_TEST_PARENT") != "" {
		parent()
		return
	}
	os.Exit(m.Run())
}

func parent() {
	g, err := Start()
	if err != nil {
		panic(err)
	}
	victim := exec.Command("sleep", "1000")
	victim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := victim.Start(); err != nil {
		panic(err)
	}
	g.Watch(victim.Process.Pid)
	if os.Getenv("GUARD_TEST_PARENT") == "farewell" {
		g.Close()
	}
	os.Stdout.WriteString(strconv.Itoa(victim.Process.Pid) + "\n")
	time.Sleep(time.Hour)
}

func startParent(t *testing.T, how string) (parent *exec.Cmd, victim int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GUARD_TEST_PARENT="+how)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 32)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	victim, err = strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil {
		t.Fatal(err)
	}
	return cmd, victim
}

func alive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	return !strings.Contains(string(b), ") Z ")
}

func TestKilledParent(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: no /proc on this system")
	}
	cmd, victim := startParent(t, "killed")
	if !alive(victim) {
		t.Fatal("the victim does not live")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for range 500 {
		if !alive(victim) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = syscall.Kill(victim, syscall.SIGKILL)
	t.Error("the victim outlives its parent")
}

func TestFarewell(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: no /proc on this system")
	}
	cmd, victim := startParent(t, "farewell")
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	time.Sleep(200 * time.Millisecond)
	if !alive(victim) {
		t.Error("the victim was killed after a farewell")
	}
	_ = syscall.Kill(victim, syscall.SIGKILL)
}

// A process that only has the id of one that was watched is left alone.
func TestReusedID(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: no /proc on this system")
	}
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	watchOver(strings.NewReader("watch " + strconv.Itoa(cmd.Process.Pid) + " 12345\n"))
	time.Sleep(300 * time.Millisecond) // a kill takes its time
	if !alive(cmd.Process.Pid) {
		t.Error("another process was killed")
	}
}
