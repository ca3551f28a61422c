// Package panel draws the six panels of the screen.
//
// A panel is a plain struct: what is chosen in it and how far it is scrolled.
// The root model owns it, calls its methods for keys and clicks, and has it draw
// into an area. What a panel shows comes in by [Env]; it keeps nothing of it but
// what a later click has to be matched with.
package panel

import (
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// ID numbers the panels as their keys do.
type ID int

// The panels.
const (
	Map ID = iota + 1
	Why
	Bytes
	Stack
	Source
	Output
)

// IDs are all panels, in order.
var IDs = []ID{Map, Why, Bytes, Stack, Source, Output}

var names = [...]string{"", "map", "why", "bytes", "stack", "source", "output"}

// String is the panel's name.
func (id ID) String() string { return names[id] }

// Env is what a panel draws with.
type Env struct {
	G       *look.Glyphs
	Scene   *moment.Scene // nil: no moment yet
	Focused bool
	Alone   bool // no other panel is on the screen
	Raw     bool // bytes as memory has them, without their meaning
	Asking  bool // the user is asked why: do not tell
	Lit     bool // what changed is lit for a moment
	Maker   Maker
}

// span is a piece of text in one style.
type span struct {
	st   canvas.Style
	text string
}

// put draws spans one after the other and returns the column after them.
func put(a canvas.Area, x, y int, spans ...span) int {
	for _, s := range spans {
		x = a.Text(x, y, s.st, s.text)
	}
	return x
}

// flow draws groups of spans from left to right, gap blanks apart, and breaks
// the line between groups only. It draws lines y to y+most-1, the last of them
// cut, and returns the number of lines used.
func flow(a canvas.Area, x, y, w, gap, most int, groups [][]span) int {
	at, line := x, 0
	for _, g := range groups {
		need := 0
		for _, s := range g {
			need += a.Width(s.text)
		}
		if at > x && at+need > x+w {
			if line+1 >= most {
				break
			}
			at, line = x, line+1
		}
		if line >= most {
			break
		}
		for _, s := range g {
			at = a.TextMax(at, y+line, max(x+w-at, 0), s.st, s.text)
		}
		at += gap
	}
	if len(groups) == 0 {
		return 0
	}
	return min(line+1, most)
}

// scroll is how far a text is scrolled.
type scroll struct{ top int }

// by moves by d lines within n lines of which h are seen.
func (s *scroll) by(d, n, h int) { s.top = max(min(s.top+d, n-h), 0) }

// more marks at the right edge of a that there is more above or below.
func (s *scroll) more(a canvas.Area, e *Env, n int) {
	if s.top > 0 {
		a.Text(a.W-1, 0, look.Dim, e.G.MoreUp)
	}
	if s.top+a.H < n {
		a.Text(a.W-1, a.H-1, look.Dim, e.G.MoreDown)
	}
}
