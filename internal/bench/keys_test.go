package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// BenchmarkKeyToFrame measures, at 160x48, the time from a key to the first
// output that shows what it did, while a real target's ops stream in as fast as
// they can; and at rest.
func BenchmarkKeyToFrame(b *testing.B) {
	deltui, _, prog := tools(b)
	table("milliseconds from key to frame, 160x48", "p50", "p95", "max")
	for _, mode := range []string{"at rest", "ops flat out"} {
		s := openScreen(b, 160, 48, deltui, prog, "--", "100000000")
		s.until("1 map")
		if mode != "at rest" {
			s.press(" ")
			s.until("RUNNING")
			if k := os.Getenv("XK"); k != "" {
				s.press(k)
			}
			time.Sleep(2 * time.Second)
		}
		var took []float64
		for range 100 {
			took = append(took, s.keyToFrame().Seconds()*1000)
		}
		p := quantiles(took, 0.5, 0.95, 1)
		fmt.Printf("%-46s%10.1f%10.1f%10.1f\n", mode, p[0], p[1], p[2])
		b.ReportMetric(p[1], strings.ReplaceAll(mode, " ", "-")+"-p95-ms")
		s.close()
	}
	b.ReportMetric(0, "ns/op")
}

func quantiles(v []float64, at ...float64) (q []float64) {
	s := sorted(v)
	for _, p := range at {
		q = append(q, s[int(p*float64(len(s)-1))])
	}
	return q
}

// screen is a program on a terminal of its own.
type screen struct {
	b     *testing.B
	cmd   *exec.Cmd
	tty   *os.File
	mu    sync.Mutex
	em    *vt.Emulator
	frame func(time.Time)
	onMap bool // the map has the focus
}

func openScreen(b *testing.B, cols, rows int, name string, args ...string) *screen {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		b.Fatal(err)
	}
	s := &screen{b: b, cmd: cmd, tty: tty, em: vt.NewEmulator(cols, rows), onMap: true}
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			at := time.Now()
			s.mu.Lock()
			_, _ = s.em.Write(buf[:n])
			if s.frame != nil {
				s.frame(at)
			}
			s.mu.Unlock()
		}
	}()
	go func() { _, _ = io.Copy(tty, s.em) }()
	return s
}

func (s *screen) close() {
	_ = s.cmd.Process.Kill()
	s.tty.Close()
	_ = s.cmd.Wait()
}

func (s *screen) press(keys string) { _, _ = s.tty.WriteString(keys) }

func (s *screen) until(text string) {
	s.b.Helper()
	for range 300 {
		s.mu.Lock()
		now := s.em.String()
		s.mu.Unlock()
		if strings.Contains(now, text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.b.Fatalf("%q does not come on the screen:\n%s", text, s.em.String())
}

// keyToFrame gives the focus to the other of two panels, and waits until the
// map's border has changed its colour: its number always has the accent's.
func (s *screen) keyToFrame() time.Duration {
	s.b.Helper()
	focused := func() bool {
		border, number := s.em.CellAt(0, 1), s.em.CellAt(2, 1)
		return border != nil && number != nil && fmt.Sprint(border.Style.Fg) == fmt.Sprint(number.Style.Fg)
	}
	seen := make(chan time.Time, 1)
	s.onMap = !s.onMap
	s.mu.Lock()
	s.frame = func(at time.Time) {
		if focused() == s.onMap {
			select {
			case seen <- at:
			default:
			}
		}
	}
	s.mu.Unlock()
	begin := time.Now()
	if s.onMap {
		s.press("1")
	} else {
		s.press("2")
	}
	select {
	case at := <-seen:
		s.mu.Lock()
		s.frame = nil
		s.mu.Unlock()
		time.Sleep(time.Duration(5+begin.UnixNano()%23) * time.Millisecond)
		return at.Sub(begin)
	case <-time.After(20 * time.Second):
		s.b.Fatalf("the key shows nothing:\n%s", s.em.String())
	}
	return 0
}
