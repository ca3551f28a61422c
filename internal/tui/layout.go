package tui

import (
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/panel"
)

// frame is where things are on the screen. It depends on the size, the focus, the
// zoom, and on how much some panels have to show. Most ops need no more than the
// lines that each panel keeps, so that little moves while they pass by.
type frame struct {
	small  bool // too small to show anything
	narrow bool // one panel at a time, without borders
	header canvas.Rect
	tabs   canvas.Rect // narrow only
	body   canvas.Rect
	panels map[panel.ID]canvas.Rect // with their borders
	brief  canvas.Rect              // narrow: why and source in short, below the map
	strip  canvas.Rect
	footer canvas.Rect
}

// The sizes that decide.
const (
	leastCols, leastRows = 40, 12
	mediumCols           = 100
	wideCols             = 140
	mediumRows           = 30
	tallRows             = 50 // room for the output beside all else
)

// needs are the lines that panels have to show, without their borders; 0 is not
// known.
type needs struct{ why, bytes, stack int }

// The lines that a panel keeps, so that the next op does not move it.
const (
	leastWhy   = 5
	leastBytes = 13
	leastStack = 5
)

// lines is the height of a panel with its border, for n lines of at least least;
// most where n is not known.
func lines(n, least, most int) int {
	if n == 0 {
		return most
	}
	return min(max(n, least)+2, most)
}

// layout places everything on w columns and h rows.
func layout(w, h int, focus panel.ID, zoom bool, n needs) frame {
	f := frame{panels: make(map[panel.ID]canvas.Rect)}
	if w < leastCols || h < leastRows {
		f.small = true
		return f
	}
	f.header = canvas.Rect{W: w, H: 1}
	f.footer = canvas.Rect{Y: h - 1, W: w, H: 1}
	sh := 2
	if h < 20 {
		sh = 1
	}
	f.strip = canvas.Rect{Y: h - 1 - sh, W: w, H: sh}
	f.body = canvas.Rect{Y: 1, W: w, H: h - 2 - sh}
	switch {
	case w < mediumCols || h < mediumRows:
		f.folded(focus, zoom)
	case zoom:
		f.panels[focus] = f.body
	case w < wideCols:
		f.medium(focus, n)
	default:
		f.wide(focus, h >= tallRows, n)
	}
	return f
}

// inner is what is left for the contents of a panel.
func (f *frame) inner(r canvas.Rect) canvas.Rect {
	if f.narrow {
		return canvas.Rect{X: r.X + 1, Y: r.Y, W: r.W - 2, H: r.H}
	}
	return canvas.Rect{X: r.X + 2, Y: r.Y + 1, W: r.W - 4, H: r.H - 2}
}

// folded shows one panel, below a line of tabs.
func (f *frame) folded(focus panel.ID, zoom bool) {
	f.narrow = true
	f.tabs = canvas.Rect{Y: 1, W: f.body.W, H: 1}
	f.body.Y, f.body.H = 2, f.body.H-1
	area := f.body
	if focus == panel.Map && !zoom && area.H >= 14 {
		n := max(min(area.H/3, 9), 5)
		f.brief = canvas.Rect{Y: area.Y + area.H - n, W: area.W, H: n}
		area.H -= n
	}
	f.panels[focus] = area
}

// medium is two columns: map, why and bytes; stack and source.
func (f *frame) medium(focus panel.ID, n needs) {
	b := f.body
	lw := b.W * 61 / 100
	rest := b.H - b.H*48/100
	wh := rest * 39 / 100
	bh := lines(n.bytes, leastBytes, rest-wh)
	wh = lines(n.why, leastWhy, wh)
	mh := b.H - wh - bh
	f.panels[panel.Map] = canvas.Rect{X: 0, Y: b.Y, W: lw, H: mh}
	f.panels[panel.Why] = canvas.Rect{X: 0, Y: b.Y + mh, W: lw, H: wh}
	f.panels[panel.Bytes] = canvas.Rect{X: 0, Y: b.Y + mh + wh, W: lw, H: bh}
	f.right(canvas.Rect{X: lw, Y: b.Y, W: b.W - lw, H: b.H}, b.H*36/100, focus, false, n)
}

// wide is the same, with why and bytes side by side.
func (f *frame) wide(focus panel.ID, tall bool, n needs) {
	b := f.body
	lw := b.W * 62 / 100
	low := b.H - b.H*63/100
	mh := b.H - max(lines(n.why, leastWhy, low), lines(n.bytes, leastBytes, low))
	bw := min(max(lw*45/100, 40), 60)
	f.panels[panel.Map] = canvas.Rect{X: 0, Y: b.Y, W: lw, H: mh}
	f.panels[panel.Why] = canvas.Rect{X: 0, Y: b.Y + mh, W: lw - bw, H: b.H - mh}
	f.panels[panel.Bytes] = canvas.Rect{X: lw - bw, Y: b.Y + mh, W: bw, H: b.H - mh}
	f.right(canvas.Rect{X: lw, Y: b.Y, W: b.W - lw, H: b.H}, b.H*30/100, focus, tall, n)
}

// right is the column of stack, source and output. Where there is no room for
// the output, it takes the source's place while it has the focus. The output's
// size does not depend on what panels show: it is the target's terminal.
func (f *frame) right(r canvas.Rect, most int, focus panel.ID, tall bool, n needs) {
	stack := most
	if tall || focus != panel.Output {
		stack = lines(n.stack, leastStack, most)
	}
	f.panels[panel.Stack] = canvas.Rect{X: r.X, Y: r.Y, W: r.W, H: stack}
	rest := canvas.Rect{X: r.X, Y: r.Y + stack, W: r.W, H: r.H - stack}
	switch {
	case tall:
		out := max((r.H-most)*35/100, 6)
		f.panels[panel.Output] = canvas.Rect{X: r.X, Y: rest.Y + rest.H - out, W: r.W, H: out}
		rest.H -= out
		f.panels[panel.Source] = rest
	case focus == panel.Output:
		f.panels[panel.Output] = rest
	default:
		f.panels[panel.Source] = rest
	}
}
