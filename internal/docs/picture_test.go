package docs

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deltui/internal/testenv"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

var update = flag.Bool("update", false, "write the pictures anew")

// TestPicture takes the README's picture: the bundled recording, which is the
// same on every machine, at the op that leaves a tombstone.
func TestPicture(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	tool := testenv.Command(t, "deltui/cmd/deltui")
	s := open(t, 144, 46, tool)
	s.until("half a minute")
	s.press("\r")
	s.until("before")
	// Stop the playing, and go by hand: an op's after is two moments on.
	s.press(" ")
	s.press("g")
	s.until("op 1 of 5")
	for range 3 {
		s.press("\x1b[C")
	}
	s.until("after op 2 of 5")
	s.press("\r") // the answer
	s.until("goes on")
	s.settle()
	got := s.svg()
	path := filepath.Join("..", "..", "docs", "screen.svg")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/screen.svg is not what the screen shows; look at it and run go test ./internal/docs -update\n%s", s.text())
	}
}

// screen is a program on a terminal.
type screen struct {
	t          *testing.T
	cols, rows int
	tty        *os.File

	mu sync.Mutex
	em *vt.Emulator
}

func open(t *testing.T, cols, rows int, name string, args ...string) *screen {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		t.Skipf("skipped: no terminal can be made: %v", err)
	}
	s := &screen{t: t, cols: cols, rows: rows, tty: tty, em: vt.NewEmulator(cols, rows)}
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			s.mu.Lock()
			_, _ = s.em.Write(buf[:n])
			s.mu.Unlock()
		}
	}()
	go func() { _, _ = io.Copy(tty, s.em) }() // what a terminal answers
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		tty.Close()
	})
	return s
}

func (s *screen) press(keys string) {
	_, _ = s.tty.WriteString(keys)
	time.Sleep(150 * time.Millisecond)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.em.String()
}

func (s *screen) until(text string) {
	s.t.Helper()
	for range 300 {
		if strings.Contains(s.text(), text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("%q does not come on the screen:\n%s", text, s.text())
}

// settle waits until the screen has stayed the same for a while.
func (s *screen) settle() {
	last, same := "", 0
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		if now := s.text(); now == last {
			if same++; same == 8 {
				return
			}
		} else {
			last, same = now, 0
		}
	}
}

// Sizes of a picture's cell, for a monospaced font of 15 px.
const (
	cellW, cellH = 9.03, 18
	pad          = 10
	ink, paper   = "#d4d4d4", "#1e1e1e"
)

// svg draws the screen: a rectangle where the background is not the paper's,
// and each run of one style as text.
func (s *screen) svg() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b bytes.Buffer
	w, h := float64(s.cols)*cellW+2*pad, s.rows*cellH+2*pad
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="15">`+"\n", w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="6" fill="%s"/>`+"\n", paper)
	for y := range s.rows {
		for x := 0; x < s.cols; {
			c := s.em.CellAt(x, y)
			if c == nil {
				x++
				continue
			}
			st := c.Style
			from := x
			var text strings.Builder
			for x < s.cols {
				n := s.em.CellAt(x, y)
				if n == nil || !n.Style.Equal(&st) {
					break
				}
				if n.Content == "" {
					text.WriteByte(' ')
				} else {
					text.WriteString(n.Content)
				}
				x += max(1, n.Width)
			}
			fg, bg := hex(st.Fg, ink), hex(st.Bg, "")
			if st.Attrs&attrReverse != 0 {
				if bg == "" {
					bg = paper
				}
				fg, bg = bg, fg
			}
			left := pad + float64(from)*cellW
			if bg != "" {
				fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, pad+y*cellH, float64(x-from)*cellW, cellH, bg)
			}
			if strings.TrimSpace(text.String()) == "" {
				continue
			}
			more := ""
			if st.Attrs&attrBold != 0 {
				more += ` font-weight="bold"`
			}
			if st.Attrs&attrFaint != 0 {
				more += ` opacity=".6"`
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f" xml:space="preserve" fill="%s"%s>%s</text>`+"\n",
				left, pad+y*cellH+14, float64(x-from)*cellW, fg, more, html.EscapeString(text.String()))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// Attributes of a cell, as ultraviolet numbers them.
const (
	attrBold    = 1 << 0
	attrFaint   = 1 << 1
	attrReverse = 1 << 5
)

func hex(c color.Color, otherwise string) string {
	if c == nil {
		return otherwise
	}
	r, g, bl, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, bl>>8)
}
