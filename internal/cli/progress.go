package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"deltui/internal/target"
	"deltui/internal/visible"
)

// progress shows a build on stderr: one line that is redrawn on a terminal, and
// elsewhere only what takes long and is not the user's own doing, a download.
func (a *App) progress(plain bool) (report func(target.Event), done func()) {
	if !plain && isTerminal(a.Stderr) {
		shown := false
		return func(e target.Event) {
				if e.Elapsed < 200*time.Millisecond {
					return // from the build cache: nothing to see
				}
				shown = true
				_, _ = io.WriteString(a.Stderr, "\r\x1b[K"+fit(describe(e), a.width(a.Stderr)-1))
			}, func() {
				if shown {
					_, _ = io.WriteString(a.Stderr, "\r\x1b[K")
				}
			}
	}
	last := ""
	return func(e target.Event) {
		if e.Stage == target.Downloading && e.Text != last {
			last = e.Text
			a.say("downloading " + e.Text)
		}
	}, func() {}
}

// describe is an event in a line.
func describe(e target.Event) string {
	s := fmt.Sprintf("deltui: %s %s", e.Stage, visible.String(e.Text))
	if e.Built > 0 {
		s += fmt.Sprintf("  (%d compiled)", e.Built)
	}
	return s + fmt.Sprintf("  %.1f s", e.Elapsed.Seconds())
}

func fit(s string, width int) string {
	if r := []rune(s); len(r) > width && width > 0 {
		return string(r[:width])
	}
	return s
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is the number of columns of a terminal; elsewhere 100.
func (a *App) width(w any) int {
	if f, ok := w.(*os.File); ok {
		if cols, _, err := term.GetSize(int(f.Fd())); err == nil && cols > 0 {
			return cols
		}
	}
	return 100
}
