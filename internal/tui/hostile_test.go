package tui

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// evil is what a target would like to send to a terminal.
const evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u200b\u2066\u2069\x00\r\n\u0085\u061c\xff\xfe\U000e0041\u115f"

// hostile is a timeline whose every text is evil. It stands below the sink,
// which would have made such text visible, so that the screen's own lock is
// what is tested.
type hostile struct{ trace.Timeline }

func (h hostile) Info() trace.Info {
	i := h.Timeline.Info()
	i.Target, i.GoVersion, i.Notes, i.Ops = evil, evil, []string{evil}, []string{evil}
	return i
}

func (h hostile) Fate() trace.Fate { return trace.Fate{Ended: true, Text: evil} }

func (h hostile) poison(op *trace.Op, err error) (*trace.Op, error) {
	if err != nil {
		return nil, err
	}
	o := *op
	o.KeyText, o.Message, o.Map.Type, o.Outcome, o.Func = evil, evil, evil, trace.Panicked, evil
	o.Stack = append([]trace.Frame(nil), o.Stack...)
	for i := range o.Stack {
		o.Stack[i].Func, o.Stack[i].File = evil, "/"+evil+"/"+evil+".go"
	}
	return &o, nil
}

func (h hostile) Op(id trace.OpID) (*trace.Op, error) { return h.poison(h.Timeline.Op(id)) }
func (h hostile) Seq(seq uint64) (*trace.Op, error)   { return h.poison(h.Timeline.Seq(seq)) }
func (h hostile) Output(int) []trace.OutputLine       { return []trace.OutputLine{{Stream: 2, Text: evil}} }

func (h hostile) Source(string) map[int]string {
	return map[int]string{11: evil, 26: evil, 505: evil, 477: evil}
}

func (h hostile) Marks(from, to uint64) []trace.Mark {
	m := h.Timeline.Marks(from, to)
	for i := range m {
		m[i] = []trace.Mark{0x1b, 0x9b, 7}[i%3]
	}
	return m
}

func (h hostile) Memory(m trace.Moment, id int) (gomap.Memory, *gomap.Layout, uint64, error) {
	mem, l, root, err := h.Timeline.Memory(m, id)
	if l != nil {
		c := *l
		c.Type = evil
		key := *l.Key
		key.Name = evil
		c.Key = &key
		c.Header = append([]gomap.Field(nil), l.Header...)
		for i := range c.Header {
			c.Header[i].Name = evil
		}
		l = &c
	}
	return mem, l, root, err
}

// clean fails the test if what goes to the terminal holds anything but text and
// colours.
func clean(t *testing.T, what string, d *driver) {
	t.Helper()
	s := d.m.View().Content
	for len(s) > 0 {
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != ';' })
			if end < 0 || rest[end] != 'm' {
				t.Fatalf("%s: an escape sequence that is no colour: %.20q", what, s)
			}
			s = rest[end+1:]
			continue
		}
		r := []rune(s[:min(len(s), 4)])[0]
		if r == unicode.ReplacementChar || r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x115f) {
			t.Fatalf("%s: %q is on the screen: %.60q", what, r, s)
		}
		s = s[len(string(r)):]
	}
}

// TestHostile: nothing that a target holds, prints or is called gets to the
// terminal raw, in any panel, at any size.
func TestHostile(t *testing.T) {
	for _, size := range sizes {
		for _, ascii := range []bool{false, true} {
			f := tracetest.New(t, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss})
			ses := &Session{
				Timeline: hostile{f}, Sites: []Site{{evil, evil, 3, evil}},
				Captions: []Caption{{Seq: 3, Phase: trace.After, Text: evil, Question: evil, Answer: evil}},
			}
			d := drive(t, Config{Session: ses, Options: Options{ASCII: ascii}}, size[0], size[1])
			for _, keys := range []string{"", "l", "llll", "1", "2", "3", "4", "5", "6", "z", "z", "?", "?", "t", "v", "v", "x"} {
				for _, k := range keys {
					d.Press(string(k))
				}
				clean(t, "after "+keys, d)
			}
			d.Press("/").Send(tea.PasteMsg{Content: evil})
			clean(t, "a prompt", d)
			d.Press("enter").Press("esc")
			d.Send(noteMsg(evil))
			clean(t, "a note", d)
		}
	}
	d := drive(t, Config{Start: []StartItem{{Title: evil, Hint: evil, Text: evil}}}, 80, 24)
	clean(t, "the start screen", d)
	clean(t, "a page", d.Press("enter"))

	f, err := file.Create("")
	must(t, err)
	defer f.Close()
	d = drive(t, Config{Session: &Session{Timeline: hostile{f}, Source: &stub{probe.State{Doing: probe.Ended, Err: errors.New(evil), Hit: evil}}, Sites: []Site{{evil, evil, 3, evil}}}}, 80, 24)
	clean(t, "a quiet target", d.look())
}

// TestNoPath: a recording's paths are not opened.
func TestNoPath(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 10, Layouts: tuitest.Swiss})
	d := driveReplay(t, f, 120, 40).Press("right")
	if msg := d.m.ses.read("/etc/hostname.go")().(fileMsg); len(msg.lines) != 0 {
		t.Errorf("a file was opened: %v", msg.lines)
	}
	if d.m.can(actEditor) {
		t.Error("a recording's path goes to the editor")
	}
}
