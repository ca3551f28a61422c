package panel

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// Maker is what is known of who made the chosen cell what it is: one of the two.
type Maker struct {
	Writer *moment.Writer
	Err    error
}

func (k Maker) draw(a canvas.Area, y int, e *Env) {
	switch {
	case k.Err != nil:
		a.TextMax(2, y, a.W-2, look.Dim, "who made it: "+k.Err.Error())
	case k.Writer != nil:
		st := look.Text
		if k.Writer.Did == moment.Drifted {
			st = look.Drift
		}
		a.TextMax(2, y, a.W-2, st, MakerText(k.Writer, e.G))
	}
}

// MakerText names the maker of a cell: tombstone since op 412: delete(m, "ann")
// (*cache).expire main.go:63.
func MakerText(w *moment.Writer, g *look.Glyphs) string {
	state := w.To.String()
	if w.To == gomap.Deleted {
		state = "tombstone"
	}
	switch w.Did {
	case moment.Moved:
		return "full, moved here by " + opText(w.By, g)
	case moment.MovedAway:
		return "entry moved away by " + opText(w.By, g)
	case moment.Laid:
		return state + ", new with its array since " + opText(w.By, g)
	case moment.Drifted:
		return fmt.Sprintf("~ drift: %s; something not watched wrote it between %s and %s", state, opName(w.Since), opName(w.By))
	case moment.Together:
		return fmt.Sprintf("%s by %s or %s, in progress together: which cannot be told", state, opName(w.Since), opName(w.By))
	case moment.Unseen:
		return state + " since before it was first seen"
	}
	return state + " since " + opText(w.By, g)
}

// opText is an op with what it is and who called it.
func opText(op *trace.Op, g *look.Glyphs) string {
	text := opName(op) + ": " + moment.CallText(op)
	if f := &op.Caller; f.Func != "" {
		text += " " + shortFunc(f.Func, g) + " " + baseLine(f)
	}
	return text
}

func opName(op *trace.Op) string {
	if op.Seq == 0 {
		return "the op in progress"
	}
	return fmt.Sprintf("op %d", op.Seq)
}
