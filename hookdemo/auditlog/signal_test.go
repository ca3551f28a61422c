package auditlog

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui.example/hookdemo/audit"
)

// TestMain is also the children that tests of signals kill.
func TestMain(m *testing.M) {
	file := os.Getenv("AUDITLOG_CHILD")
	if file == "" {
		os.Exit(m.Run())
	}
	pause, err := time.ParseDuration(os.Getenv("AUDITLOG_PAUSE"))
	if err != nil {
		panic(err)
	}
	child(file, pause, os.Getenv("AUDITLOG_CLOSES") != "")
}

// child deletes until it is killed, and says on stdout, unbuffered, which
// deletes are done. Each write of its log takes a pause. Where it closes the
// log itself on SIGTERM, it does so beside FlushOn, and ends.
func child(file string, pause time.Duration, closes bool) {
	f, err := os.Create(file)
	if err != nil {
		panic(err)
	}
	l, err := New(Options{Writer: writerFunc(func(p []byte) (int, error) {
		time.Sleep(pause)
		return f.Write(p)
	}), Queue: 2000})
	if err != nil {
		panic(err)
	}
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	stop := l.FlushOn(time.Minute, func(err error) { fmt.Println("failed", err) })
	audit.Set(l)
	if !closes {
		release()
		churnForever()
	}
	go churnForever()
	<-ctx.Done()
	bound, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Close(bound); err != nil {
		fmt.Println("failed", err)
	}
	if os.Getenv("AUDITLOG_CLOSES") == "stop" {
		stop()
	}
}

func churnForever() {
	m := map[int]int{}
	for i := 0; ; i++ {
		m[i] = i
		if audit.Delete(m, i) != nil {
			select {} // the log is closed: wait for the end
		}
		fmt.Println(i)
	}
}

// TestSigterm: what was deleted before the signal is in the log, also where the
// program closes the log at the same time, and whoever of the two is first.
func TestSigterm(t *testing.T) {
	for _, c := range []struct {
		name, pause, closes string
	}{
		{"flush", "2ms", ""},
		{"slow sink, the program closes too", "100ms", "yes"},
		{"slow sink, the program closes and stops the flush", "100ms", "stop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sigterm(t, c.pause, c.closes)
		})
	}
}

func sigterm(t *testing.T, pause, closes string) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AUDITLOG_CHILD="+file, "AUDITLOG_PAUSE="+pause, "AUDITLOG_CLOSES="+closes)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "failed") {
			t.Error(lines.Text())
		}
		if done++; done == 1000 {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if signaled := ws.Signaled() && ws.Signal() == syscall.SIGTERM; !signaled && (closes != "yes" || ws.ExitStatus() != 0) {
		t.Errorf("the child ended by %v, want SIGTERM's own effect", cmd.ProcessState)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	recs, torn := parse(t, text)
	if got := distinct(t, only(recs, "delete")); got < done || got > done+1 || done < 1000 || torn != 0 {
		t.Errorf("%d records of %d deletes, %d torn", got, done, torn)
	}
	if len(recs) == 0 || recs[len(recs)-1].Msg != "end" {
		t.Errorf("the log does not end with its end: %d records", len(recs))
	}
}

// TestStop: a stopped FlushOn lets the log be, and may be stopped again.
func TestStop(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: &b})
	stop := l.FlushOn(time.Minute, nil)
	stop()
	stop()
	use(t, l)
	if churn(t, 1, 3) != 3 {
		t.Error("the log is closed")
	}
}
