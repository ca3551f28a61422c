package procfs

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const tail = "S 1 5994 5994 0 -1 4194304 99 0 0 0 7 5 0 0 20 0 6 0 884123 1 2 3"
	for _, c := range []struct {
		name, text string
		want       Stat
		fails      bool
	}{
		{name: "plain", text: "42 (prog) " + tail, want: Stat{'S', 5994, 12, 884123}},
		{name: "a name like the file", text: "42 (x) Z 1 (2) R) " + tail, want: Stat{'S', 5994, 12, 884123}},
		{name: "a newline in the name", text: "42 (a\nb) " + tail, want: Stat{'S', 5994, 12, 884123}},
		{name: "short", text: "42 (prog) S 1 2", fails: true},
		{name: "empty", text: "", fails: true},
		{name: "no numbers", text: "42 (prog) S a b c d e f g h i j k l m n o p q r s t", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseStat([]byte(c.text))
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (prog) S 1 5994 5994 0 -1 4194304 99 0 0 0 7 5 0 0 20 0 6 0 884123 1 2 3"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parseStat(b); err == nil && s.State == 0 {
			t.Errorf("%q has no state", b)
		}
	})
}

func TestOwnProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("skipped: there is no /proc on", runtime.GOOS)
	}
	s, err := ReadStat(os.Getpid())
	if err != nil || s.Dead() || s.Started == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if n, err := Tracer(os.Getpid()); n != 0 || err != nil {
		t.Errorf("traced by %d, %v", n, err)
	}
	if ts := Threads(os.Getpid()); !slices.Contains(ts, os.Getpid()) || !slices.IsSorted(ts) {
		t.Errorf("threads %v of %d", ts, os.Getpid())
	}

	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if s, err = ReadStat(cmd.Process.Pid); err != nil || s.Dead() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil || s.State != 'Z' {
		t.Errorf("a process that nobody waited for: %+v, %v", s, err)
	}
	_ = cmd.Wait()
	if _, err := ReadStat(cmd.Process.Pid); err == nil {
		t.Error("a process that is gone has a state")
	}
	if Threads(cmd.Process.Pid) != nil {
		t.Error("a process that is gone has threads")
	}
}
