package auditlog

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltui/hookdemo/audit"
)

// TestMain is also the child that TestSigterm kills.
func TestMain(m *testing.M) {
	if file := os.Getenv("AUDITLOG_CHILD"); file != "" {
		child(file)
		return
	}
	os.Exit(m.Run())
}

// child deletes until it is killed, and says on stdout, unbuffered, which
// deletes are done.
func child(file string) {
	var w struct{ *os.File }
	f, err := os.Create(file)
	if err != nil {
		panic(err)
	}
	w.File = f
	l, err := New(Options{Writer: writerFunc(func(p []byte) (int, error) {
		time.Sleep(2 * time.Millisecond) // so that the queue is never empty
		return w.Write(p)
	}), Queue: 64})
	if err != nil {
		panic(err)
	}
	l.FlushOn(time.Minute, func(err error) { fmt.Println("failed", err) })
	audit.Set(l)
	m := map[int]int{}
	for i := 0; ; i++ {
		m[i] = i
		if audit.Delete(m, i) != nil {
			select {} // the log is closed: wait for the end
		}
		fmt.Println(i)
	}
}

func TestSigterm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AUDITLOG_CHILD="+file)
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
		if done++; done == 500 {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGTERM {
		t.Errorf("the child ended by %v, want SIGTERM's own effect", cmd.ProcessState)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	recs, torn := parse(t, text)
	if got := distinct(t, only(recs, "delete")); got < done || got > done+1 || done < 500 || torn != 0 {
		t.Errorf("%d records of %d deletes, %d torn", got, done, torn)
	}
	if recs[len(recs)-1].Msg != "end" {
		t.Errorf("the last record is %q", recs[len(recs)-1].Msg)
	}
}
