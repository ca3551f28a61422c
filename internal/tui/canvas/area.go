package canvas

import "github.com/charmbracelet/x/ansi"

// Rect is a rectangle of cells.
type Rect struct{ X, Y, W, H int }

// Contains reports whether the cell at x, y is in r.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Empty reports whether there is no cell in r.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Inset is r without a border of n cells.
func (r Rect) Inset(n int) Rect {
	return Rect{r.X + n, r.Y + n, max(r.W-2*n, 0), max(r.H-2*n, 0)}
}

func (r Rect) intersect(o Rect) Rect {
	x, y := max(r.X, o.X), max(r.Y, o.Y)
	return Rect{x, y, max(min(r.X+r.W, o.X+o.W)-x, 0), max(min(r.Y+r.H, o.Y+o.H)-y, 0)}
}

// Area is a rectangle of a canvas to draw in. Its coordinates begin at 0, 0, and
// what does not fit is clipped.
type Area struct {
	Rect
	c *Canvas
}

// Sub is a rectangle of a, in a's own coordinates, as an area.
func (a Area) Sub(x, y, w, h int) Area {
	r := Rect{a.X + x, a.Y + y, w, h}.intersect(a.Rect)
	return Area{c: a.c, Rect: r}
}

// At is the area of a rectangle in the canvas's coordinates.
func (a Area) At(r Rect) Area { return Area{c: a.c, Rect: r.intersect(a.Rect)} }

// Text puts s at x, y, made visible and clipped, and returns the column after
// it, as if there had been room.
func (a Area) Text(x, y int, st Style, s string) int {
	shown := y >= 0 && y < a.H
	for len(s) > 0 {
		if c := s[0]; c >= 0x20 && c < 0x7f && (len(s) == 1 || s[1] < 0x80) {
			if shown && x >= 0 && x < a.W {
				a.c.set(a.X+x, a.Y+y, s[:1], false, st)
			}
			x, s = x+1, s[1:]
			continue
		}
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		if safe, ok := inCells(cluster, w, a.c.ascii); !ok {
			for i := range len(safe) { // ASCII
				if shown && x >= 0 && x < a.W {
					a.c.set(a.X+x, a.Y+y, safe[i:i+1], false, st)
				}
				x++
			}
			continue
		}
		if shown && x >= 0 && x+w <= a.W {
			a.c.set(a.X+x, a.Y+y, cluster, w == 2, st)
		} else if shown && x >= 0 && x < a.W { // half of a wide one
			a.c.set(a.X+x, a.Y+y, " ", false, st)
		}
		x += w
	}
	return x
}

// TextMax is Text with at most w columns: what is longer ends in a mark.
func (a Area) TextMax(x, y, w int, st Style, s string) int {
	if w <= 0 {
		return x
	}
	return a.Text(x, y, st, a.c.Cut(s, w))
}

// Right puts s so that it ends before column x, and returns where it begins.
func (a Area) Right(x, y int, st Style, s string) int {
	at := x - a.c.Width(s)
	a.Text(at, y, st, s)
	return at
}

// Fill blanks a in a style.
func (a Area) Fill(st Style) {
	for y := range a.H {
		for x := range a.W {
			a.c.set(a.X+x, a.Y+y, " ", false, st)
		}
	}
}

// Restyle gives w cells at x, y another style and leaves their text.
func (a Area) Restyle(x, y, w int, st Style) {
	if y < 0 || y >= a.H {
		return
	}
	for i := max(x, 0); i < min(x+w, a.W); i++ {
		a.c.cells[(a.Y+y)*a.c.w+a.X+i].style = st
	}
}

// Border draws a frame of six glyphs around a: ─ │ ╭ ╮ ╰ ╯.
func (a Area) Border(g [6]string, st Style) {
	if a.W < 2 || a.H < 2 {
		return
	}
	for x := 1; x < a.W-1; x++ {
		a.Text(x, 0, st, g[0])
		a.Text(x, a.H-1, st, g[0])
	}
	for y := 1; y < a.H-1; y++ {
		a.Text(0, y, st, g[1])
		a.Text(a.W-1, y, st, g[1])
	}
	a.Text(0, 0, st, g[2])
	a.Text(a.W-1, 0, st, g[3])
	a.Text(0, a.H-1, st, g[4])
	a.Text(a.W-1, a.H-1, st, g[5])
}

// Width is the number of columns that Text needs for s.
func (c *Canvas) Width(s string) int {
	n := 0
	for len(s) > 0 {
		if b := s[0]; b >= 0x20 && b < 0x7f && (len(s) == 1 || s[1] < 0x80) {
			n, s = n+1, s[1:]
			continue
		}
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		if safe, ok := inCells(cluster, w, c.ascii); !ok {
			w = len(safe)
		}
		n += w
	}
	return n
}

// Cut shortens s to w columns, with a mark at its end where something is gone.
func (c *Canvas) Cut(s string, w int) string {
	if len(s) <= w && isPlain(s) || c.Width(s) <= w {
		return s
	}
	mark := "…"
	if c.ascii {
		mark = "~"
	}
	if w <= 1 {
		return mark[:len(mark)*max(w, 0)]
	}
	n, rest := 0, s
	for len(rest) > 0 {
		cluster, cw := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		if safe, ok := inCells(cluster, cw, c.ascii); !ok {
			cw = len(safe)
		}
		if n+cw > w-1 {
			break
		}
		n, rest = n+cw, rest[len(cluster):]
	}
	return s[:len(s)-len(rest)] + mark
}

// Width is Canvas.Width of the canvas below.
func (a Area) Width(s string) int { return a.c.Width(s) }

// Cut is Canvas.Cut of the canvas below.
func (a Area) Cut(s string, w int) string { return a.c.Cut(s, w) }

// Wrap breaks s into lines of at most w columns, at blanks where it can.
func (a Area) Wrap(s string, w int) []string { return a.c.Wrap(s, w) }
