package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestProgress: a terminal gets a bar, nothing else does.
func TestProgress(t *testing.T) {
	if progress(new(bytes.Buffer)) != nil {
		t.Error("a bar where no terminal is")
	}
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ptmx.Close()
	defer tty.Close()
	show := progress(tty)
	if show == nil {
		t.Fatal("no bar on a terminal")
	}
	show("builtin", 0, 100, 1000)
	time.Sleep(100 * time.Millisecond) // the bar is drawn at most every 65 ms
	show("builtin", 0, 500, 1000)
	show("sharded", 1, 10, 1000)
	seen := make(chan string)
	go func() {
		text := ""
		buf := make([]byte, 4096)
		for !strings.Contains(text, "sharded") {
			n, err := ptmx.Read(buf)
			text += string(buf[:n])
			if err != nil {
				break
			}
		}
		seen <- text
	}()
	select {
	case text := <-seen:
		if !strings.Contains(text, "builtin") || !strings.Contains(text, "50%") {
			t.Errorf("the terminal shows %q", text)
		}
	case <-time.After(30 * time.Second):
		t.Error("the second bar was never drawn")
	}
}
