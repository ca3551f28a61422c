package oplog

import (
	"fmt"
	"path"
	"strconv"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// slow is an op in slow motion, as far as it was seen so.
type slow struct {
	steps []moment.Step
	cut   string // why it was not followed to its end
}

func slowMotion(tl trace.Timeline, a *moment.Act) slow {
	steps, cut, err := moment.Steps(tl, a.Op, a.Changes())
	if err != nil {
		cut = "its steps cannot be read: " + err.Error()
	}
	return slow{steps, cut}
}

// appendSteps writes `,"steps":[…]` of an op that was seen in slow motion, and
// nothing of any other. Where it was not followed to its end, "steps_cut" says why.
// From and to are all bytes of a field, control byte, key, elem or pointer, in the
// order of their addresses.
func appendSteps(b []byte, slow slow) []byte {
	if len(slow.steps) == 0 && slow.cut == "" {
		return b
	}
	b = append(b, `,"steps":[`...)
	for i := range slow.steps {
		s := &slow.steps[i]
		b = comma(b, i)
		b = append(b, `{"func":`...)
		b = appendString(b, s.At.Func)
		b = append(b, `,"file":`...)
		b = appendString(b, s.At.File)
		b = append(b, `,"line":`...)
		b = strconv.AppendInt(b, int64(s.At.Line), 10)
		b = append(b, `,"writes":[`...)
		for j := range s.Writes {
			w := &s.Writes[j]
			b = comma(b, j)
			b = append(b, `{"addr":`...)
			b = appendHex(b, w.Item.Addr)
			b = append(b, `,"from":`...)
			b = appendHexBytes(b, w.From)
			b = append(b, `,"to":`...)
			b = appendHexBytes(b, w.To)
			b = append(b, '}')
		}
		b = append(b, `],"rule":`...)
		b = appendString(b, s.Rule)
		if s.Stores > 1 {
			b = append(b, `,"stores":`...)
			b = strconv.AppendInt(b, int64(s.Stores), 10)
		}
		b = append(b, `,"why":`...)
		b = appendString(b, s.Text)
		b = append(b, '}')
	}
	b = append(b, ']')
	if slow.cut != "" {
		b = append(b, `,"steps_cut":`...)
		b = appendString(b, slow.cut)
	}
	return b
}

// appendHexBytes writes 0x and two digits a byte, with quotes.
func appendHexBytes(b, v []byte) []byte {
	b = append(b, '"', '0', 'x')
	for _, c := range v {
		b = append(b, digits[c>>4], digits[c&15])
	}
	return append(b, '"')
}

// steps lists the steps of an op that was seen in slow motion:
//
//	step 3  map.go:412  table 0 group 0 cell 2: full becomes deleted  swiss.delete.group-full
func (t *Text) steps(slow slow) {
	for i := range slow.steps {
		s := &slow.steps[i]
		at := fmt.Sprintf("%s:%d", visible.String(path.Base(s.At.File)), s.At.Line)
		text := at + "  " + s.Text
		if s.Stores > 1 {
			text += fmt.Sprintf(" (%d stores)", s.Stores)
		}
		if s.Rule != "" {
			text += "  " + s.Rule
		}
		t.paragraph(fmt.Sprintf("step %d", s.Number), text, plain)
	}
	if slow.cut != "" {
		t.paragraph("steps", "not followed any further: "+visible.String(slow.cut), plain)
	}
}
