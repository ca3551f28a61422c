package canvas_test

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"deltui/internal/tui/canvas"
)

// A drawing is what the ways that are compared all draw: panels with borders,
// and pieces of text in them, each in a style.
type drawing struct {
	w, h   int
	panels []canvas.Rect
	pieces [][]piece // by panel, in its coordinates
}

type piece struct {
	x, y int
	st   canvas.Style
	text string
}

// The styles, as each way wants them.
var (
	glossy = []lipgloss.Style{
		lipgloss.NewStyle(),
		lipgloss.NewStyle().Foreground(color.RGBA{0x5b, 0x65, 0x70, 0xff}),
		lipgloss.NewStyle().Bold(true),
		lipgloss.NewStyle().Foreground(color.RGBA{0x56, 0xb4, 0xe9, 0xff}).Bold(true),
		lipgloss.NewStyle().Foreground(color.RGBA{0xe6, 0x9f, 0x00, 0xff}).Bold(true),
		lipgloss.NewStyle().Foreground(color.RGBA{0xe4, 0xea, 0xf0, 0xff}).Background(color.RGBA{0x1d, 0x2a, 0x35, 0xff}),
	}
	cells = []uv.Style{
		{},
		{Fg: color.RGBA{0x5b, 0x65, 0x70, 0xff}},
		{Attrs: uv.AttrBold},
		{Fg: color.RGBA{0x56, 0xb4, 0xe9, 0xff}, Attrs: uv.AttrBold},
		{Fg: color.RGBA{0xe6, 0x9f, 0x00, 0xff}, Attrs: uv.AttrBold},
		{Fg: color.RGBA{0xe4, 0xea, 0xf0, 0xff}, Bg: color.RGBA{0x1d, 0x2a, 0x35, 0xff}},
	}
	begins = func() (table []string) {
		for _, s := range glossy {
			begin, _, _ := strings.Cut(s.Render("x"), "x")
			table = append(table, begin)
		}
		return table
	}()
)

var border = [6]string{"─", "│", "╭", "╮", "╰", "╯"}

const quiet canvas.Style = 1 // of borders

// screenful is a screen as deltui's is: a map's rows of eight cells, each in a
// style of its own, and text.
func screenful(w, h int) drawing {
	d := drawing{w: w, h: h}
	left := w * 6 / 10
	top := h * 6 / 10
	d.panels = []canvas.Rect{
		{X: 0, Y: 0, W: left, H: top},
		{X: 0, Y: top, W: left, H: h - top},
		{X: left, Y: 0, W: w - left, H: h / 2},
		{X: left, Y: h / 2, W: w - left, H: h - h/2},
	}
	for i, r := range d.panels {
		var ps []piece
		for y := 1; y < r.H-1; y++ {
			if i == 0 {
				ps = append(ps, piece{2, y, quiet, fmt.Sprintf("table 0 group %2d", y)})
				for c := range 8 {
					text, st := fmt.Sprintf("%02x", (y*29+c*17)&0x7f), canvas.Style(0)
					switch (y + c) % 5 {
					case 0:
						text, st = "··", quiet
					case 1:
						text, st = "xx", 4
					}
					ps = append(ps, piece{20 + 4*c, y, st, text})
				}
				ps = append(ps, piece{20 + 4*8, y, 3, "◀ changed"})
				continue
			}
			ps = append(ps, piece{2, y, 2, "Group 0"})
			text := "had no empty cell, so a longer probe may have passed through it: 世界 → é"
			if i > 1 {
				text = "main.(*cache).evict cache.go:41"
			}
			ps = append(ps, piece{10, y, 0, text})
		}
		var fit []piece // clipping is not what is compared
		for _, p := range ps {
			if p.text = ansi.Truncate(p.text, r.W-1-p.x, ""); p.x < r.W-1 {
				fit = append(fit, p)
			}
		}
		d.pieces = append(d.pieces, fit)
	}
	return d
}

// byCanvas draws with this package.
func byCanvas(d drawing) func() string {
	c := canvas.New(d.w, d.h, false)
	return func() string {
		c.Clear()
		for i, r := range d.panels {
			a := c.Area().At(r)
			a.Border(border, quiet)
			for _, p := range d.pieces[i] {
				a.Text(p.x, p.y, p.st, p.text)
			}
		}
		return c.Render(begins)
	}
}

// byBuffer draws into ultraviolet's screen buffer, cell by cell, which is the
// quickest that it offers.
func byBuffer(d drawing) func() string {
	b := uv.NewScreenBuffer(d.w, d.h)
	b.Method = ansi.GraphemeWidth
	put := func(x, y int, st canvas.Style, s string) {
		for len(s) > 0 {
			cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
			s = s[len(cluster):]
			b.SetCell(x, y, &uv.Cell{Content: cluster, Width: w, Style: cells[st]})
			x += w
		}
	}
	return func() string {
		b.Clear()
		for i, r := range d.panels {
			for x := 1; x < r.W-1; x++ {
				put(r.X+x, r.Y, quiet, border[0])
				put(r.X+x, r.Y+r.H-1, quiet, border[0])
			}
			for y := 1; y < r.H-1; y++ {
				put(r.X, r.Y+y, quiet, border[1])
				put(r.X+r.W-1, r.Y+y, quiet, border[1])
			}
			put(r.X, r.Y, quiet, border[2])
			put(r.X+r.W-1, r.Y, quiet, border[3])
			put(r.X, r.Y+r.H-1, quiet, border[4])
			put(r.X+r.W-1, r.Y+r.H-1, quiet, border[5])
			for _, p := range d.pieces[i] {
				put(r.X+p.x, r.Y+p.y, p.st, p.text)
			}
		}
		return b.Render()
	}
}

// byCompositor draws as Lip Gloss has it: each piece is rendered in its style,
// each panel is a box, and the boxes are layers of a compositor.
func byCompositor(d drawing) func() string {
	return func() string {
		var layers []*lipgloss.Layer
		for i, r := range d.panels {
			lines := make([]strings.Builder, r.H-2)
			at := make([]int, r.H-2)
			for _, p := range d.pieces[i] {
				l := p.y - 1
				lines[l].WriteString(strings.Repeat(" ", p.x-1-at[l]))
				lines[l].WriteString(glossy[p.st].Render(p.text))
				at[l] = p.x - 1 + ansi.StringWidth(p.text)
			}
			var text strings.Builder
			for l := range lines {
				if l > 0 {
					text.WriteByte('\n')
				}
				text.WriteString(lines[l].String())
			}
			box := lipgloss.NewStyle().Border(lipgloss.RoundedBorder()).BorderForeground(glossy[quiet].GetForeground()).Width(r.W).Height(r.H)
			layers = append(layers, lipgloss.NewLayer(box.Render(text.String())).X(r.X).Y(r.Y))
		}
		return lipgloss.NewCompositor(layers...).Render()
	}
}

// parse is what Bubble Tea does with each frame, whoever drew it: the least that
// a frame costs.
func parse(d drawing) func(frame string) uv.ScreenBuffer {
	return func(frame string) uv.ScreenBuffer {
		b := uv.NewScreenBuffer(d.w, d.h)
		b.Method = ansi.GraphemeWidth
		uv.NewStyledString(frame).Draw(b, b.Bounds())
		return b
	}
}

// BenchmarkDraw compares this package with what ultraviolet and Lip Gloss offer
// for the same: it draws one screen by each way, in turn, and prints a table. The
// others are given text that needs not be made visible, which Area.Text looks
// for all the same.
func BenchmarkDraw(b *testing.B) {
	const rounds, frames = 9, 100
	for _, size := range [][2]int{{80, 24}, {160, 48}} {
		d := screenful(size[0], size[1])
		ways := []struct {
			name string
			draw func() string
			took []float64 // microseconds a frame
		}{
			{name: "canvas", draw: byCanvas(d)},
			{name: "ultraviolet's screen buffer", draw: byBuffer(d)},
			{name: "Lip Gloss's compositor", draw: byCompositor(d)},
			{name: "(parsing the frame, as Bubble Tea does)"},
		}
		look := parse(d)
		frame := ways[0].draw()
		ways[3].draw = func() string { look(frame); return "" }
		want := look(frame)
		for _, w := range ways[1:3] {
			got := look(w.draw())
			for y := range d.h {
				for x := range d.w {
					g, w2 := got.CellAt(x, y), want.CellAt(x, y)
					if g.Content != w2.Content || !g.Style.Equal(&w2.Style) {
						b.Fatalf("%s draws another screen: %d, %d is %+v, not %+v", w.name, x, y, g, w2)
					}
				}
			}
		}
		for range rounds {
			for i := range ways {
				start := time.Now()
				for range frames {
					ways[i].draw()
				}
				ways[i].took = append(ways[i].took, float64(time.Since(start).Microseconds())/frames)
			}
		}
		fmt.Printf("\n%-44s%10s%10s%10s%18s\n", fmt.Sprintf("µs a frame of %dx%d, %d rounds", d.w, d.h, rounds), "min", "median", "max", "× canvas, median")
		for _, w := range ways {
			var ratios []float64
			for r := range w.took {
				ratios = append(ratios, w.took[r]/ways[0].took[r])
			}
			slices.Sort(ratios)
			took := slices.Sorted(slices.Values(w.took))
			fmt.Printf("%-44s%10.0f%10.0f%10.0f%8.1f  (%.1f–%.1f)\n", w.name, took[0], took[rounds/2], took[rounds-1], ratios[rounds/2], ratios[0], ratios[rounds-1])
		}
	}
	b.ReportMetric(0, "ns/op")
}
