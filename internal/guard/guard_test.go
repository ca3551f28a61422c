package guard

import (
	"os"
	"os/exec"
	"path/filepath"
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
	lost := make(chan error, 1)
	g, err := Start(Config{Lost: func(_, again error) { lost <- again }})
	if err != nil {
		panic(err)
	}
	victim := exec.Command("sleep", "1000")
	victim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := victim.Start(); err != nil {
		panic(err)
	}
	g.Watch(victim.Process.Pid)
	switch os.Getenv("GUARD_TEST_PARENT") {
	case "unwatch":
		g.Unwatch(victim.Process.Pid)
	case "guard killed":
		_ = syscall.Kill(guardOf(os.Getpid()), syscall.SIGKILL)
		if err := <-lost; err != nil {
			panic(err)
		}
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
	for _, how := range []string{"killed", "guard killed"} {
		t.Run(how, func(t *testing.T) { parentKilled(t, how) })
	}
}

// guardOf is the guard among a process's children; 0 if there is none.
func guardOf(parent int) int {
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(parent) + "/task/*/children")
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(b)) {
			if cmd, _ := os.ReadFile("/proc/" + child + "/cmdline"); strings.HasPrefix(string(cmd), "deltui-guard") {
				pid, _ := strconv.Atoi(child)
				if alive(pid) {
					return pid
				}
			}
		}
	}
	return 0
}

func parentKilled(t *testing.T, how string) {
	cmd, victim := startParent(t, how)
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

// A process that is no longer on the list lives on.
func TestUnwatch(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped: no /proc on this system")
	}
	cmd, victim := startParent(t, "unwatch")
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	time.Sleep(200 * time.Millisecond)
	if !alive(victim) {
		t.Error("the victim was killed, and was not on the list")
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
	w := newWard()
	w.read(strings.NewReader("watch " + strconv.Itoa(cmd.Process.Pid) + " 12345\n"))
	if len(w.groups) != 1 {
		t.Fatal("the line was not understood")
	}
	w.undo()
	time.Sleep(300 * time.Millisecond) // a kill takes its time
	if !alive(cmd.Process.Pid) {
		t.Error("another process was killed")
	}
}

// What is on the list is removed, and what was taken off is not.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"a dir", "b\n\"quoted\"", "kept"} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(p, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	g, err := Start(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		g.Remove(p)
	}
	g.Keep(paths[2])
	g.Close()
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(names) != 1 || names[0] != paths[2] {
		t.Errorf("left: %q", names)
	}
}
