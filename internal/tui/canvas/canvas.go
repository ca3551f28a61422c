// Package canvas is a grid of cells that text is put on.
//
// A screen is drawn anew each time: panels put styled text into areas, areas clip
// it, and [Canvas.Render] makes one string of it all, with an escape sequence
// wherever the style changes. That gives one place, [Area.Text], that everything
// shown goes through: there whatever could steer a terminal is made visible. And
// it is cheaper than what the libraries offer for the same, by 3 to 5 times
// (ultraviolet's screen buffer) and by 20 to 30 (Lip Gloss's compositor):
// BenchmarkDraw prints the table.
//
// A style is a number here; what it looks like is known to Render's caller.
package canvas

import "strings"

// Style is an index into the table of sequences that Render is handed. 0 is the
// terminal's own style.
type Style uint8

// A cell holds one grapheme cluster. A wide one leaves the next cell with an
// empty text.
type cell struct {
	text  string
	style Style
	wide  bool // the cluster takes this cell and the next
}

// Canvas is a grid of cells. The zero Canvas has none.
type Canvas struct {
	w, h  int
	cells []cell
	ascii bool
	buf   []byte // of the last Render
}

// New returns a blank canvas. On an ascii one, nothing outside ASCII is shown.
func New(w, h int, ascii bool) *Canvas {
	c := &Canvas{ascii: ascii}
	c.Resize(w, h)
	return c
}

// Resize changes the size and blanks the canvas.
func (c *Canvas) Resize(w, h int) {
	w, h = max(w, 0), max(h, 0)
	if n := w * h; n <= cap(c.cells) {
		c.cells = c.cells[:n]
	} else {
		c.cells = make([]cell, n)
	}
	c.w, c.h = w, h
	c.Clear()
}

// Clear blanks the canvas.
func (c *Canvas) Clear() {
	for i := range c.cells {
		c.cells[i] = cell{text: " "}
	}
}

// Size is the number of columns and rows.
func (c *Canvas) Size() (w, h int) { return c.w, c.h }

// Area is the whole canvas.
func (c *Canvas) Area() Area { return Area{c: c, Rect: Rect{0, 0, c.w, c.h}} }

// set puts a cluster at x, y, which are within the canvas, and mends the wide
// clusters that it cuts through.
func (c *Canvas) set(x, y int, text string, wide bool, st Style) {
	row := c.cells[y*c.w : (y+1)*c.w]
	c.cut(row, x)
	if wide {
		c.cut(row, x+1)
		row[x+1] = cell{style: st}
	}
	row[x] = cell{text: text, style: st, wide: wide}
}

// cut replaces a wide cluster that covers column x by blanks.
func (c *Canvas) cut(row []cell, x int) {
	if x > 0 && row[x-1].wide {
		row[x-1].text, row[x-1].wide = " ", false
		row[x].text = " "
	}
	if row[x].wide {
		row[x].text, row[x].wide = " ", false
		row[x+1].text = " "
	}
}

// Render returns the canvas as lines, with styles[s] wherever style s begins;
// styles[0] is not used. Blanks that end a line are left out where they are in
// style 0.
func (c *Canvas) Render(styles []string) string {
	b := c.buf[:0]
	for y := range c.h {
		if y > 0 {
			b = append(b, '\n')
		}
		row := c.cells[y*c.w : (y+1)*c.w]
		end := len(row)
		for end > 0 && row[end-1].text == " " && row[end-1].style == 0 {
			end--
		}
		var now Style
		for _, cl := range row[:end] {
			if cl.style != now {
				if now != 0 {
					b = append(b, "\x1b[m"...)
				}
				if cl.style != 0 {
					b = append(b, styles[cl.style]...)
				}
				now = cl.style
			}
			b = append(b, cl.text...)
		}
		if now != 0 {
			b = append(b, "\x1b[m"...)
		}
	}
	c.buf = b
	return string(b)
}

// Plain returns what stands in r as lines of text without styles, as it would be
// copied.
func (c *Canvas) Plain(r Rect) string {
	r = r.intersect(Rect{0, 0, c.w, c.h})
	var b strings.Builder
	for y := r.Y; y < r.Y+r.H; y++ {
		var line strings.Builder
		for _, cl := range c.cells[y*c.w+r.X : y*c.w+r.X+r.W] {
			line.WriteString(cl.text)
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
