package oplog

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// Style is how text looks.
type Style struct {
	Width int  // columns; 0 is 80
	Color bool // SGR colours, beside the glyphs
	ASCII bool // no glyph outside ASCII
	Stack bool // show the callers
}

// Text prints ops as text:
//
//	12 delete(m, 42)  #1 map[uint64]int  found  used 13→12
//	   table 0 group 0 cell 2   7c→xx  tombstone   swiss.delete.group-full
//	   why group 0 had no empty cell, so a longer probe may have passed through
//	       it: the cell became a tombstone
//	   at  main.(*cache).evict cache.go:41 ← main.(*cache).Put cache.go:28
//
// A control byte is two digits where the cell is full, and else the glyph that
// the screen has: ·· empty, ·_ emptyOne, xx a tombstone, ex ey ee evacuated.
type Text struct {
	w     io.Writer
	tl    trace.Timeline
	style Style
	buf   strings.Builder
}

// NewText prints ops of tl to w, one Write an op.
func NewText(w io.Writer, tl trace.Timeline, s Style) *Text {
	if s.Width <= 0 {
		s.Width = 80
	}
	s.Width = max(s.Width, 30)
	return &Text{w: w, tl: tl, style: s}
}

// maxKey bounds a key in a headline, in characters; JSON has more of it.
const maxKey = 80

// maxLines bounds the change lines of an op; a clear has thousands.
const maxLines = 12

// Op prints one op that has ended.
func (t *Text) Op(op *trace.Op) error {
	t.buf.Reset()
	a := act(t.tl, op)
	t.op(a, slowMotion(t.tl, a))
	_, err := io.WriteString(t.w, t.buf.String())
	return err
}

func (t *Text) op(a *moment.Act, slow slow) {
	t.headline(a)
	t.changes(a)
	t.steps(slow)
	if a.Op.Drift > 0 {
		t.paragraph("drift", fmt.Sprintf("%s differed from what this map's last op left: something unwatched wrote", count(a.Op.Drift, "control byte")), plain)
	}
	why := a.Why()
	if a.Op.Message != "" {
		why += ": " + visible.String(a.Op.Message)
	}
	if why != "" {
		t.paragraph("why", why, plain)
	}
	if t.style.Stack {
		t.callers(a.Op)
	}
}

func (t *Text) headline(a *moment.Act) {
	op := a.Op
	parts := []string{}
	switch {
	case op.Map.Addr == 0:
		parts = append(parts, "nil "+visible.String(op.Map.Type))
	default:
		parts = append(parts, fmt.Sprintf("#%d %s", op.Map.ID, visible.String(op.Map.Type)))
	}
	if found, known := a.Found(); known && op.Kind == gomap.Delete {
		parts = append(parts, choose(found, "found", "not there"))
	} else if known {
		parts = append(parts, choose(found, "was there", "new key"))
	}
	before, okBefore := a.Used(a.Before)
	after, okAfter := a.Used(a.After)
	switch {
	case okBefore && okAfter && before == after:
		parts = append(parts, fmt.Sprintf("used %d", before))
	case okBefore && okAfter:
		parts = append(parts, fmt.Sprintf("used %d%s%d", before, t.arrow(), after))
	case okBefore:
		parts = append(parts, fmt.Sprintf("used %d", before))
	}
	if d := a.Delta; a.Compared() && d.Tombstones[0] != d.Tombstones[1] {
		parts = append(parts, fmt.Sprintf("tombstones %d%s%d", d.Tombstones[0], t.arrow(), d.Tombstones[1]))
	}
	if old, known := a.Old(); known {
		parts = append(parts, "elem was "+visible.String(old))
	}
	for _, e := range events(a) {
		parts = append(parts, t.paint(event, strings.ToUpper(string(e))))
	}
	if op.Outcome != trace.Returned {
		parts = append(parts, t.paint(bad, strings.ToUpper(op.Outcome.String())))
	}
	t.buf.WriteString(t.paint(faint, fmt.Sprint(op.Seq)))
	t.buf.WriteByte(' ')
	t.buf.WriteString(t.paint(bold, t.call(op)))
	for _, p := range parts {
		t.buf.WriteString("  ")
		t.buf.WriteString(p)
	}
	t.buf.WriteByte('\n')
}

// call is the op as Go would write it.
func (t *Text) call(op *trace.Op) string {
	key := visible.String(op.KeyText)
	cut := op.KeyLen > 0
	if r := []rune(key); len(r) > maxKey {
		key, cut = string(r[:maxKey]), true
	}
	if cut {
		key += choose(t.style.ASCII, "...", "…")
	}
	switch op.Kind {
	case gomap.Clear:
		return "clear(m)"
	case gomap.Assign:
		return "m[" + key + "] ="
	}
	return "delete(m, " + key + ")"
}

// changes lists what changed: first the cell that the op is about, then the
// others in address order.
func (t *Text) changes(a *moment.Act) {
	all := a.Changes()
	if own := a.Own(); own > 0 {
		all = slices.Concat(all[own:own+1], all[:own], all[own+1:])
	}
	shown := all
	if len(shown) > maxLines {
		shown = shown[:maxLines-1]
	}
	wide := 0
	for i := range shown {
		wide = max(wide, len(place(&shown[i])))
	}
	for i := range shown {
		c := &shown[i]
		rule := c.Rule
		if rule == "" {
			rule = t.paint(bad, "not explained")
		} else {
			rule = t.paint(faint, rule)
		}
		fmt.Fprintf(&t.buf, "   %-*s  %s%s%s  %s  %s\n", wide, place(c),
			t.cell(c.From, c.State[0]), t.arrow(), t.cell(c.To, c.State[1]), t.meaning(c.State[1]), rule)
	}
	if more := len(all) - len(shown); more > 0 {
		fmt.Fprintf(&t.buf, "   and %s\n", count(more, "more change"))
	}
}

func place(c *gomap.Change) string { return fmt.Sprintf("%s cell %d", c.Where, c.Cell) }

// cell is a control byte as the screen draws it.
func (t *Text) cell(b byte, s gomap.State) string {
	text := string([]byte{digits[b>>4], digits[b&15]})
	switch s {
	case gomap.Empty, gomap.EmptyRest:
		return t.paint(faint, choose(t.style.ASCII, "..", "··"))
	case gomap.EmptyOne:
		return t.paint(faint, choose(t.style.ASCII, "._", "·_"))
	case gomap.Deleted:
		return t.paint(bad, "xx")
	case gomap.EvacuatedX:
		return t.paint(faint, "ex")
	case gomap.EvacuatedY:
		return t.paint(faint, "ey")
	case gomap.EvacuatedEmpty:
		return t.paint(faint, choose(t.style.ASCII, "e.", "e·"))
	}
	return t.paint(full, text)
}

func (t *Text) meaning(s gomap.State) string {
	if s == gomap.Deleted {
		return "tombstone"
	}
	return s.String()
}

// callers shows who made the op: what passed it on, the caller, and who called
// that, as far as a line goes.
//
//	maps.DeleteFunc[…] ▸ main.evict evict.go:12 ← main.main main.go:30
func (t *Text) callers(op *trace.Op) {
	through, from := moment.Calls(op)
	if len(from) == 0 {
		return
	}
	dots := choose(t.style.ASCII, "...", "…")
	name := func(f *trace.Frame) string { return visible.String(moment.ShortName(f.Func, dots)) }
	pass := " " + choose(t.style.ASCII, ">", "▸") + " "
	line, brief := "", dots+pass
	for i := range through {
		line += visible.String(moment.ShortName(through[i].Func, dots)) + pass
		if i == 0 && len(through) > 1 {
			brief = line + brief
		}
	}
	room := t.style.Width - 7
	for i := range from {
		f := &from[i]
		if f.Runtime {
			break
		}
		item := fmt.Sprintf("%s %s:%d", name(f), visible.String(path.Base(f.File)), f.Line)
		if i == 0 && line != "" { // the caller is what one wants to know
			for _, shorter := range []string{brief, dots + pass} {
				if utf8.RuneCountInString(line)+utf8.RuneCountInString(item) > room {
					line = shorter
				}
			}
		}
		if i > 0 {
			item = " " + choose(t.style.ASCII, "<-", "←") + " " + item
			if utf8.RuneCountInString(line)+utf8.RuneCountInString(item) > room {
				line += " " + choose(t.style.ASCII, "<- ", "← ") + dots
				break
			}
		}
		line += item
	}
	t.buf.WriteString("   " + t.paint(faint, "at") + "  " + line + "\n")
}

// paragraph writes a label and text wrapped beside it.
func (t *Text) paragraph(label, text string, c colour) {
	indent := strings.Repeat(" ", 3+len(label)+1)
	t.buf.WriteString("   " + t.paint(faint, label) + " ")
	col := len(indent)
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case col+1+n > t.style.Width:
			t.buf.WriteString("\n" + indent)
			col = len(indent)
		default:
			t.buf.WriteByte(' ')
			col++
		}
		t.buf.WriteString(t.paint(c, word))
		col += n
	}
	t.buf.WriteByte('\n')
}

func (t *Text) arrow() string { return choose(t.style.ASCII, "->", "→") }

// colour is the parameters of an SGR sequence, of the 16 colours that every
// terminal lets its user choose.
type colour string

const (
	plain colour = ""
	bold  colour = "1"
	faint colour = "2"
	full  colour = "36"
	bad   colour = "1;33"
	event colour = "35"
)

func (t *Text) paint(c colour, s string) string {
	if !t.style.Color || c == plain || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
