package export

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// A picture's measures, in its own units: a slide is 1280 wide.
const (
	pictureWide  = 1280
	margin       = 56
	headWide     = 210 // a row's name
	cellWide     = 112
	cellTall     = 62
	cellGap      = 8
	pictureRows  = 12
	whyColumns   = 96
	whyLines     = 6
	callColumns  = 43 // at 44 a digit
	keyColumns   = 12 // of a cell, at 14 a digit
	pictureStyle = `
svg{--bg:#fffdf9;--text:#1a2228;--dim:#55606a;--line:#cfc8ba;--full:#e3edf3;--accent:#005a96;--tomb:#8a5000;--born:#006647;--drift:#8f3569}
@media (prefers-color-scheme:dark){svg{--bg:#0b1015;--text:#dfe7ee;--dim:#9aa8b5;--line:#33434f;--full:#18303c;--accent:#56b4e9;--tomb:#eda71c;--born:#35cfa0;--drift:#e39cc5}}
text{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--text)}
.why,.dim{font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.dim{fill:var(--dim)}.bg{fill:var(--bg)}.hatch{stroke:var(--tomb);stroke-width:3;opacity:.35}
.box{fill:none;stroke:var(--line);stroke-width:1.5}.full{fill:var(--full)}.empty{stroke-dasharray:4 4}.tomb{fill:url(#hatch);stroke:var(--tomb)}
.changed{stroke:var(--accent);stroke-width:4}.changed.tomb{stroke:var(--tomb)}.aim{stroke:var(--accent);stroke-width:4;stroke-dasharray:2 3}.drift{stroke:var(--drift);stroke-width:4}
.t{fill:var(--tomb)}.g{fill:var(--dim)}.a{fill:var(--accent)}
`
)

// writePicture draws one moment as an SVG.
func writePicture(w io.Writer, tl trace.Timeline, at At) (Result, error) {
	if at.Seq < tl.First() || at.Seq > uint64(tl.Len()) {
		return Result{}, fmt.Errorf("there is no op %d: the recording has ops %d to %d", at.Seq, tl.First(), tl.Len())
	}
	op, err := tl.Seq(at.Seq)
	if err != nil {
		return Result{}, fmt.Errorf("op %d: %w", at.Seq, err)
	}
	m := trace.Moment{Op: op.ID, Phase: trace.After}
	if at.Before {
		m.Phase = trace.Before
	}
	s, err := moment.Load(tl, m)
	if err != nil {
		return Result{}, err
	}
	if _, err := w.Write(draw(s, tl.Info())); err != nil {
		return Result{}, fmt.Errorf("writing the picture: %w", err)
	}
	return Result{Ops: 1}, nil
}

// drawing is an SVG that grows downwards.
type drawing struct {
	bytes.Buffer
	y int
}

// text draws text with its base line at y.
func (d *drawing) text(x, y, size int, class, anchor, s string) {
	if s == "" {
		return
	}
	fmt.Fprintf(d, `<text x="%d" y="%d" font-size="%d"`, x, y, size)
	if class != "" {
		fmt.Fprintf(d, ` class="%s"`, class)
	}
	if anchor != "" {
		fmt.Fprintf(d, ` text-anchor="%s"`, anchor)
	}
	d.WriteString(">")
	_ = xml.EscapeText(d, []byte(s)) // a buffer does not fail
	d.WriteString("</text>\n")
}

func draw(s *moment.Scene, info trace.Info) []byte {
	d := &drawing{y: margin + 16}
	op := s.Op
	d.text(margin, d.y, 20, "dim", "", fmt.Sprintf("op %d, %v, %s", op.Seq, s.Moment.Phase, cut(info.GoVersion, 30)))
	d.y += 56
	d.text(margin, d.y, 44, "", "", cut(s.Call(), callColumns))
	d.y += 36
	d.text(margin, d.y, 20, "dim", "", cut(moment.MapName(op.Map.ID)+" "+op.Map.Type+", "+callerOf(s), 110))
	d.y += 36
	d.vitals(s)
	d.rows(s)
	if s.After != nil {
		d.why(s.Why(), s.Rule)
	}
	d.y += margin - 20
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img"><title>`, pictureWide, d.y, pictureWide, d.y)
	_ = xml.EscapeText(&out, []byte(fmt.Sprintf("%s, %v op %d", s.Call(), s.Moment.Phase, op.Seq)))
	out.WriteString(`</title><style>` + pictureStyle + `</style><defs><pattern id="hatch" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V10" class="hatch"/></pattern></defs>` + "\n")
	fmt.Fprintf(&out, `<rect width="%d" height="%d" class="bg"/>`+"\n", pictureWide, d.y)
	out.Write(d.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// vitals draws the counts, and what they were before.
func (d *drawing) vitals(s *moment.Scene) {
	k := s.Shown()
	if !k.Shows() {
		d.text(margin, d.y+10, 20, "dim", "", cut("There is no map to show: "+k.Lacks()+".", 100))
		d.y += 30
		return
	}
	was := s.Was()
	words := fmt.Sprintf("used %s", became(was.Map.Used, k.Map.Used))
	if k.Map.Layout.Kind != gomap.Classic {
		words += fmt.Sprintf(", tombstones %s", became(uint64(was.Map.Tombstones()), uint64(k.Map.Tombstones())))
	}
	d.text(margin, d.y+6, 22, "", "", words)
	d.y += 34
}

func became(was, now uint64) string {
	if was == now {
		return fmt.Sprint(now)
	}
	return fmt.Sprintf("%d→%d", was, now)
}

func (d *drawing) rows(s *moment.Scene) {
	k := s.Shown()
	if !k.Shows() {
		return
	}
	rows := choose(s, pictureRows)
	for _, i := range rows {
		row := &k.Map.Rows[i]
		d.text(margin, d.y+cellTall/2+6, 18, "dim", "", cut(row.Where.String(), 24))
		for c := range gomap.CellsPerRow {
			d.cell(s, row, gomap.Place{Row: i, Cell: c})
		}
		d.y += cellTall + cellGap
	}
	if more := len(k.Map.Rows) - len(rows); more > 0 {
		d.text(margin, d.y+20, 18, "dim", "", fmt.Sprintf("and %d rows more", more))
		d.y += 32
	}
}

var boxClass = map[gomap.State]string{gomap.Full: " full", gomap.Deleted: " tomb"}

func (d *drawing) cell(s *moment.Scene, row *gomap.Row, at gomap.Place) {
	x := margin + headWide + at.Cell*(cellWide+cellGap)
	st := s.Layout.State(row, at.Cell)
	class, ok := boxClass[st]
	if !ok {
		class = " empty"
	}
	byteClass := map[gomap.State]string{gomap.Full: "", gomap.Deleted: "t"}
	text, known := byteClass[st]
	if !known {
		text = "g"
	}
	word := glyph(st, row.Ctrl[at.Cell])
	switch c := s.Change(at); {
	case c != nil:
		class += " changed"
		word = glyph(c.State[0], c.From) + "▸" + word
		if st != gomap.Deleted {
			text = "a"
		}
	case s.Focused && s.Focus == at:
		class += " aim"
	}
	if _, drifted := s.Drifted(at); drifted {
		class += " drift"
		word += "~"
	}
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" class="box%s"/>`+"\n", x, d.y, cellWide, cellTall, class)
	key := ""
	if st == gomap.Full || st == gomap.Deleted || st == gomap.EmptyOne {
		key = s.KeyOf(at, maxCell)
	}
	middle := d.y + cellTall/2 + 8
	if key != "" {
		middle -= 9
		d.text(x+cellWide/2, d.y+cellTall-11, 14, "dim", "middle", cut(key, keyColumns))
	}
	d.text(x+cellWide/2, middle, 23, text, "middle", word)
}

func (d *drawing) why(why string, rule *gomap.Rule) {
	d.y += 16
	lines := wrap(why, whyColumns)
	if len(lines) > whyLines {
		lines = append(lines[:whyLines-1], lines[whyLines-1]+" …")
	}
	for _, line := range lines {
		d.y += 31
		d.text(margin, d.y, 22, "why", "", line)
	}
	if rule != nil {
		d.y += 34
		d.text(margin, d.y, 17, "dim", "", "rule "+rule.Name)
	}
}
