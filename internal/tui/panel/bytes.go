package panel

import (
	"fmt"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// BytesView is panel 3: the chosen cell's memory beside its meaning.
type BytesView struct {
	scroll
	n, h  int
	of    bytesOf
	lines []line
}

// bytesOf is what the lines of bytes were made of.
type bytesOf struct {
	scene *moment.Scene
	sel   gomap.Place
	raw   bool
	w     int
}

// Show takes a new scene.
func (v *BytesView) Show(*moment.Scene) { v.top = 0 }

// Move scrolls.
func (v *BytesView) Move(d int) { v.by(d, v.n, v.h) }

// Title is the cell's place.
func (v *BytesView) Title(e *Env, sel gomap.Place) string {
	if e.Scene == nil {
		return ""
	}
	c, ok := e.Scene.Cell(sel, 0)
	if !ok {
		return ""
	}
	return c.Where
}

// View draws the panel.
func (v *BytesView) View(a canvas.Area, e *Env, sel gomap.Place) {
	if e.Scene == nil || a.Rect.Empty() {
		return
	}
	n := v.Lines(e, sel, a.W)
	lines := v.lines
	if n > a.H && !e.Raw {
		lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return len(l) == 0 })
	}
	v.n, v.h = len(lines), a.H
	page(a, e, &v.scroll, lines)
}

// Lines is the number of lines that the panel has to show on w columns.
func (v *BytesView) Lines(e *Env, sel gomap.Place, w int) int {
	if now := (bytesOf{e.Scene, sel, e.Raw, w}); now != v.of {
		v.of = now
		if e.Raw {
			v.lines = dump(e.Scene, sel, w)
		} else {
			v.lines = meaning(e, sel, w)
		}
	}
	return len(v.lines)
}

// meaning is the control bytes of the row, the key and the elem.
func meaning(e *Env, sel gomap.Place, w int) []line {
	s := e.Scene
	c, ok := s.Cell(sel, 256)
	if !ok {
		return nil
	}
	name := "ctrl"
	if s.Layout.Kind == gomap.Classic {
		name = "tophash"
	}
	lines := []line{{{look.Dim, fmt.Sprintf("%s of the row  0x%x", name, c.Addr-uint64(sel.Cell))}}}
	was, now, hadWas := s.RowBytes(sel.Row)
	if !c.Read {
		return append(lines, line{{look.Unread, "  ?? not read"}})
	}
	if hadWas && was != now {
		lines = append(lines, ctrlLine("  ", was, now, sel.Cell), ctrlLine(e.G.Arrow, now, was, sel.Cell))
	} else {
		lines = append(lines, ctrlLine("  ", now, now, sel.Cell))
	}
	lines = append(lines, valueLines("key", &c.Key, c.State, e, w)...)
	return append(lines, valueLines("elem", &c.Elem, c.State, e, w)...)
}

// ctrlLine is the eight control bytes, the chosen one in brackets, those that
// differ from the other moment made strong.
func ctrlLine(head string, b, other [gomap.CellsPerRow]byte, sel int) line {
	l := line{{look.Dim, fmt.Sprintf("%-3s", head)}}
	for i := range b {
		open, st := " ", look.Text
		switch i {
		case sel:
			open = "["
		case sel + 1:
			open = "]"
		}
		if b[i] != other[i] {
			st = look.Changed
		}
		l = append(l, span{look.Accent, open}, span{st, fmt.Sprintf("%02x", b[i])})
	}
	if sel == gomap.CellsPerRow-1 {
		l = append(l, span{look.Accent, "]"})
	}
	return l
}

// valueLines are a key's or elem's bytes with what they say.
func valueLines(name string, v *moment.Value, st [2]gomap.State, e *Env, w int) []line {
	lines := []line{{}, {{look.Dim, fmt.Sprintf("%s %s  0x%x", name, v.Type, v.Addr)}}}
	after := e.Scene.Late()
	if v.Raw[1] == nil {
		return append(lines, line{{look.Unread, "   ?? not read"}})
	}
	if len(v.Raw[1]) == 0 {
		return append(lines, line{{look.Dim, "   no bytes: the type has size 0"}})
	}
	if after && v.Raw[0] != nil && !v.Same() {
		lines = append(lines, hexLines("   ", v.Raw[0], v.Raw[1], v.Text[0], w)...)
		lines = append(lines, hexLines(e.G.Arrow, v.Raw[1], v.Raw[0], v.Text[1], w)...)
	} else {
		lines = append(lines, hexLines("   ", v.Raw[1], v.Raw[1], v.Text[1], w)...)
	}
	if say, style := fate(name, v, st, after); say != "" {
		lines = append(lines, line{{style, "   " + say}})
	}
	return lines
}

// fate is what became of a value's memory.
func fate(name string, v *moment.Value, st [2]gomap.State, after bool) (string, canvas.Style) {
	gone := !st[1].Live()
	switch {
	case !gone && v.Indirect:
		return "the cell holds a pointer to it", look.Dim
	case !gone:
		return "", look.Dim
	case after && st[0].Live() && v.Zero() && v.Same():
		return "already zero", look.Dim
	case after && st[0].Live() && v.Zero():
		return "zeroed by the op", look.Dim
	case v.Zero():
		return "zero: the cell is free", look.Dim
	case after && st[0].Live() && !v.Same():
		return "cleared in part: what is left is stale", look.Warn
	case after && st[0].Live():
		return "stale: not cleared (no pointer in it)", look.Warn
	}
	return "stale: left by an entry that is gone", look.Warn
}

// maxHexLines bounds the lines of one value here; v shows all of it.
const maxHexLines = 4

// hexLines are bytes, eight a group, followed by what they mean.
func hexLines(head string, b, other []byte, text string, w int) []line {
	per := 8
	if w >= 3+16*3+8 && len(b) > 8 {
		per = 16
	}
	var lines []line
	for at := 0; at < len(b); at += per {
		if len(lines) == maxHexLines {
			lines = append(lines, line{{look.Dim, fmt.Sprintf("   %d more bytes: v", len(b)-at)}})
			break
		}
		l := line{{look.Dim, fmt.Sprintf("%-3s", head)}}
		if at > 0 {
			l[0].text = "   "
		}
		for i := at; i < min(at+per, len(b)); i++ {
			st := look.Text
			if i < len(other) && b[i] != other[i] {
				st = look.Changed
			}
			l = append(l, span{st, fmt.Sprintf(" %02x", b[i])})
		}
		if at == 0 && len(b) <= per && 3+3*len(b)+3+len(text) <= w {
			l = append(l, span{look.Dim, " = "}, span{look.Strong, text})
			text = ""
		}
		lines = append(lines, l)
	}
	for i, part := range chunks(text, w-6) {
		is := "    = "
		if i > 0 {
			is = "      "
		}
		lines = append(lines, line{{look.Dim, is}, {look.Strong, part}})
	}
	return lines
}

// maxTextLines bounds the lines that a value's text takes.
const maxTextLines = 3

// chunks cuts a text into lines of w columns, more or less: it counts runes.
func chunks(text string, w int) []string {
	r := []rune(text)
	var out []string
	for w = max(w, 8); len(r) > w && len(out) < maxTextLines-1; r = r[w:] {
		out = append(out, string(r[:w]))
	}
	if len(r) > 0 {
		out = append(out, string(r))
	}
	return out
}

// dump is the whole row as memory has it: addresses, bytes, letters.
func dump(s *moment.Scene, sel gomap.Place, w int) []line {
	addr, b, ok := s.RowMemory(sel.Row)
	if !ok {
		return []line{{{look.Unread, "?? not read"}}}
	}
	per := 16
	if w < 12+16*4+2 {
		per = 8
	}
	var lines []line
	for at := 0; at < len(b); at += per {
		l := line{{look.Faint, fmt.Sprintf("%x", addr+uint64(at))}, {look.Text, " "}}
		letters := make([]byte, 0, per)
		for i := at; i < min(at+per, len(b)); i++ {
			st := look.Text
			if !b[i].Read {
				l = append(l, span{look.Unread, " ??"})
				letters = append(letters, ' ')
				continue
			}
			if b[i].Changed {
				st = look.Changed
			} else if b[i].Now == 0 {
				st = look.Faint
			}
			l = append(l, span{st, fmt.Sprintf(" %02x", b[i].Now)})
			ch := b[i].Now
			if ch < 0x20 || ch >= 0x7f {
				ch = '.'
			}
			letters = append(letters, ch)
		}
		lines = append(lines, append(l, span{look.Dim, "  " + string(letters)}))
	}
	return lines
}
