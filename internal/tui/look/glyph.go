package look

import "deltui/internal/gomap"

// Glyphs are the signs that chrome and cells are made of.
type Glyphs struct {
	Border      [6]string // ─ │ ╭ ╮ ╰ ╯
	Rule        string    // a thin horizontal line
	Arrow       string    // from → to in text
	Became      string    // ▶ between the two bytes of a changed cell
	Mark        string    // ▸ before what is chosen
	Here        string    // ◀ after a row that changed
	Dot         string    // · between words
	Dash        string    // — nothing to show
	Run         string    // the target runs
	Pause       string    // it rests
	End         string    // it has ended
	Rec         string    // a recording
	Fold        string    // folded frames
	Dots        string    // what is left out of a name
	Knob        string    // position on the track
	Track       string
	Left, Right string // keys in footers
	Up, Down    string
	Chain       string // an overflow bucket hangs on the row above
	Alert       string
	MoreUp      string // there is more above
	MoreDown    string
}

// Rich are glyphs for most terminals. Some are of ambiguous width in the East
// Asian sense; ASCII has none of these.
var Rich = Glyphs{
	Border: [6]string{"─", "│", "╭", "╮", "╰", "╯"}, Rule: "─", Arrow: "→", Became: "▶", Mark: "▸", Here: "◀",
	Dot: "·", Dash: "–", Run: "▶", Pause: "‖", End: "■", Rec: "●", Fold: "⋯", Dots: "…", Knob: "●", Track: "─",
	Left: "←", Right: "→", Up: "↑", Down: "↓", Chain: "└", Alert: "!", MoreUp: "↑", MoreDown: "↓",
}

// ASCII are glyphs for terminals and fonts that draw only that.
var ASCII = Glyphs{
	Border: [6]string{"-", "|", "+", "+", "+", "+"}, Rule: "-", Arrow: "->", Became: ">", Mark: ">", Here: "<",
	Dot: "|", Dash: "-", Run: ">", Pause: "=", End: "#", Rec: "*", Fold: "...", Dots: "...", Knob: "O", Track: "-",
	Left: "left", Right: "right", Up: "up", Down: "down", Chain: "`", Alert: "!", MoreUp: "^", MoreDown: "v",
}

// cellGlyphs are the two columns that a control byte is shown in, where it is
// not its hex. No two states share one, and none is two hex digits.
var cellGlyphs = map[gomap.State][2]string{ // rich, ascii
	gomap.Unknown:        {"??", "??"},
	gomap.EmptyRest:      {"··", ".."},
	gomap.EmptyOne:       {"·_", "._"},
	gomap.EvacuatedX:     {"ex", "ex"},
	gomap.EvacuatedY:     {"ey", "ey"},
	gomap.EvacuatedEmpty: {"e·", "e."},
	gomap.Empty:          {"··", ".."},
	gomap.Deleted:        {"xx", "xx"},
}

const hexDigits = "0123456789abcdef"

// Cell is how a control byte is shown: two columns.
func (g *Glyphs) Cell(s gomap.State, b byte) string {
	if s == gomap.Full {
		return string([]byte{hexDigits[b>>4], hexDigits[b&15]})
	}
	pair, ok := cellGlyphs[s]
	if !ok {
		pair = cellGlyphs[gomap.Unknown]
	}
	if g == &ASCII {
		return pair[1]
	}
	return pair[0]
}
