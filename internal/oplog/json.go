package oplog

import (
	"io"
	"strconv"
	"unicode/utf8"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

// MaxChanges is how many changes a line has; "changes_more" counts the rest.
const MaxChanges = 256

// JSON prints ops as JSON lines: the contract of DESIGN.md.
type JSON struct {
	w   io.Writer
	tl  trace.Timeline
	buf []byte
}

// NewJSON prints ops of tl to w, one Write an op.
func NewJSON(w io.Writer, tl trace.Timeline) *JSON {
	return &JSON{w: w, tl: tl}
}

// Op prints one op that has ended.
func (j *JSON) Op(op *trace.Op) error {
	j.buf = line(j.buf[:0], j.tl, op)
	j.buf = append(j.buf, '\n')
	_, err := j.w.Write(j.buf)
	return err
}

// Line is one op as a line of the contract, without the newline.
func Line(tl trace.Timeline, op *trace.Op) ([]byte, error) {
	return line(nil, tl, op), nil
}

func line(b []byte, tl trace.Timeline, op *trace.Op) []byte {
	a := act(tl, op)
	return appendOp(b, a, slowMotion(tl, a))
}

// act is an op with its looks. What the timeline cannot say any more is as if it
// had not been read.
func act(tl trace.Timeline, op *trace.Op) *moment.Act {
	a, err := moment.Of(tl, op)
	if err != nil {
		return &moment.Act{Op: op, Before: &moment.Look{Err: err}}
	}
	return a
}

func events(a *moment.Act) []gomap.Event {
	if !a.Compared() {
		return nil
	}
	return a.Delta.Events
}

func appendOp(b []byte, a *moment.Act, slow slow) []byte {
	op := a.Op
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, op.Seq, 10)
	b = append(b, `,"op":"`...)
	b = append(b, op.Kind.String()...)
	b = append(b, `","func":`...)
	b = appendString(b, op.Func)
	b = append(b, `,"goroutine":`...)
	b = strconv.AppendInt(b, op.Goroutine, 10)
	b = append(b, `,"outcome":"`...)
	b = append(b, op.Outcome.String()...)
	b = append(b, '"')
	if op.Message != "" {
		b = append(b, `,"message":`...)
		b = appendString(b, op.Message)
	}
	b = appendMap(b, a)
	if op.Kind != gomap.Clear {
		b = append(b, `,"key":`...)
		b = appendString(b, op.KeyText)
		if op.KeyLen > 0 {
			b = append(b, `,"key_len":`...)
			b = strconv.AppendInt(b, int64(op.KeyLen), 10)
		}
	}
	if found, known := a.Found(); known {
		b = append(b, `,"found":`...)
		b = strconv.AppendBool(b, found)
	}
	if old, known := a.Old(); known {
		b = append(b, `,"old":`...)
		b = appendString(b, old)
	}
	b = append(b, `,"used":[`...)
	b = appendUsed(b, a, a.Before)
	b = append(b, ',')
	b = appendUsed(b, a, a.After)
	b = append(b, `],"header":[`...)
	b = appendHeader(b, a, a.Before)
	b = append(b, ',')
	b = appendHeader(b, a, a.After)
	b = append(b, `],"changes":[`...)
	b = appendChanges(b, a.Changes())
	b = append(b, `,"events":[`...)
	for i, e := range events(a) {
		b = comma(b, i)
		b = appendString(b, string(e))
	}
	b = append(b, ']')
	if op.Drift > 0 {
		b = append(b, `,"drift":`...)
		b = strconv.AppendInt(b, int64(op.Drift), 10)
	}
	b = append(b, `,"why":`...)
	b = appendString(b, a.Why())
	b = appendSteps(b, slow)
	b = appendStack(b, op.Stack)
	return append(b, '}')
}

func appendMap(b []byte, a *moment.Act) []byte {
	m := a.Op.Map
	b = append(b, `,"map":{"id":`...)
	b = strconv.AppendInt(b, int64(m.ID), 10)
	b = append(b, `,"addr":`...)
	b = appendHex(b, m.Addr)
	b = append(b, `,"type":`...)
	b = appendString(b, m.Type)
	if a.Before.Shows() {
		b = append(b, `,"layout":"`...)
		b = append(b, a.Before.Map.Layout.Kind.String()...)
		b = append(b, '"')
	}
	return append(b, '}')
}

func appendUsed(b []byte, a *moment.Act, k *moment.Look) []byte {
	n, known := a.Used(k)
	if !known {
		return append(b, "null"...)
	}
	return strconv.AppendUint(b, n, 10)
}

func appendHeader(b []byte, a *moment.Act, k *moment.Look) []byte {
	if !k.Shows() {
		if a.Op.Map.Addr == 0 {
			return append(b, "{}"...)
		}
		return append(b, "null"...)
	}
	b = append(b, '{')
	for i := range k.Map.Header {
		f := &k.Map.Header[i]
		b = comma(b, i)
		b = appendString(b, f.Name)
		b = append(b, ':')
		switch f.Kind {
		case gomap.FieldBool:
			b = strconv.AppendBool(b, f.Value != 0)
		case gomap.FieldPtr, gomap.FieldHash:
			b = appendHex(b, f.Value)
		case gomap.FieldSint:
			b = strconv.AppendInt(b, int64(f.Value), 10)
		default:
			b = strconv.AppendUint(b, f.Value, 10)
		}
	}
	return append(b, '}')
}

// appendChanges writes what follows `"changes":[`.
func appendChanges(b []byte, changes []gomap.Change) []byte {
	for i := range changes[:min(len(changes), MaxChanges)] {
		c := &changes[i]
		b = comma(b, i)
		b = append(b, `{"addr":`...)
		b = appendHex(b, c.Addr)
		b = append(b, `,"where":"`...)
		b = append(b, c.Where.String()...)
		b = append(b, " cell "...)
		b = strconv.AppendInt(b, int64(c.Cell), 10)
		b = append(b, `","from":"`...)
		b = appendByte(b, c.From)
		b = append(b, `","to":"`...)
		b = appendByte(b, c.To)
		b = append(b, `","state":["`...)
		b = append(b, c.State[0].String()...)
		b = append(b, `","`...)
		b = append(b, c.State[1].String()...)
		b = append(b, `"],"rule":`...)
		b = appendString(b, c.Rule)
		b = append(b, '}')
	}
	b = append(b, ']')
	if more := len(changes) - MaxChanges; more > 0 {
		b = append(b, `,"changes_more":`...)
		b = strconv.AppendInt(b, int64(more), 10)
	}
	return b
}

func appendStack(b []byte, frames []trace.Frame) []byte {
	b = append(b, `,"stack":[`...)
	for i := range frames {
		f := &frames[i]
		b = comma(b, i)
		b = append(b, `{"func":`...)
		b = appendString(b, f.Func)
		b = append(b, `,"file":`...)
		b = appendString(b, f.File)
		b = append(b, `,"line":`...)
		b = strconv.AppendInt(b, int64(f.Line), 10)
		if f.Inlined {
			b = append(b, `,"inlined":true`...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendHex writes an address: "0xc000012345", lower case, with quotes.
func appendHex(b []byte, v uint64) []byte {
	b = append(b, `"0x`...)
	b = strconv.AppendUint(b, v, 16)
	return append(b, '"')
}

const digits = "0123456789abcdef"

// appendByte writes 0x and two digits, without quotes.
func appendByte(b []byte, c byte) []byte {
	return append(b, '0', 'x', digits[c>>4], digits[c&15])
}

// appendString writes a JSON string. What is not safe to show, also where JSON
// would allow it, becomes an escape: whoever looks at the line in a terminal
// must not be steered by it. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if (r != utf8.RuneError || n > 1) && visible.Safe(r) {
				i += n
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscape(b, r)
			i += n
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = appendEscape(b, rune(c))
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, r rune) []byte {
	if r >= 0x10000 {
		r -= 0x10000
		b = appendEscape(b, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
