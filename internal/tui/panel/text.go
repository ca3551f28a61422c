package panel

import (
	"fmt"
	"path"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// line is a line of a panel that scrolls.
type line []span

// page draws the part of lines that is scrolled to.
func page(a canvas.Area, e *Env, sc *scroll, lines []line) {
	sc.by(0, len(lines), a.H)
	for y := range a.H {
		if i := sc.top + y; i < len(lines) {
			put(a, 0, y, lines[i]...)
		}
	}
	sc.more(a, e, len(lines))
}

// WhyView is panel 2: the rule, and what the op's outcome means.
type WhyView struct {
	scroll
	n, h  int // lines and height when last drawn
	told  told
	lines []line // what is told
}

// told is what the lines of why were made of.
type told struct {
	scene  *moment.Scene
	asking bool
	w      int
}

// Show takes a new scene.
func (v *WhyView) Show(*moment.Scene) { v.top = 0 }

// Move scrolls.
func (v *WhyView) Move(d int) { v.by(d, v.n, v.h) }

// Title names the rule.
func (v *WhyView) Title(e *Env) string {
	if e.Scene == nil || e.Scene.Moment.Phase == trace.Before || e.Asking {
		return ""
	}
	if s := e.Scene.Step; s != nil {
		return fmt.Sprintf("step %d of %d", s.Number, e.Scene.Steps)
	}
	if e.Scene.Rule != nil {
		return "rule " + e.Scene.Rule.Name
	}
	if e.Scene.Delta != nil && e.Scene.Op.Outcome == trace.Returned {
		return "not explained"
	}
	return ""
}

// View draws the panel.
func (v *WhyView) View(a canvas.Area, e *Env) {
	if e.Scene == nil || a.Rect.Empty() {
		return
	}
	v.n, v.h = v.Lines(a, e, a.W), a.H
	page(a, e, &v.scroll, v.lines)
}

// Lines is the number of lines that the panel has to show on w columns.
func (v *WhyView) Lines(a canvas.Area, e *Env, w int) int {
	now := told{e.Scene, e.Asking, w}
	if now == v.told {
		return len(v.lines)
	}
	v.told, v.lines = now, nil
	say := func(st canvas.Style, text string) {
		for _, l := range a.Wrap(text, w-1) {
			v.lines = append(v.lines, line{{st, l}})
		}
	}
	if e.Asking && e.Scene.Moment.Phase == trace.After {
		say(look.Dim, "What do you think? Enter tells.")
	} else {
		why(e.Scene, e.G, say)
	}
	return len(v.lines)
}

// why says, paragraph by paragraph, what is known of the moment.
func why(s *moment.Scene, g *look.Glyphs, say func(canvas.Style, string)) {
	if s.Moment.Phase == trace.Before {
		predict(s, g, say)
		return
	}
	if s.Step != nil {
		sayStep(s, g, say)
		return
	}
	op := s.Op
	if op.Outcome != trace.Returned {
		say(look.Bad, ended(op))
	}
	d := s.Delta
	if d == nil {
		if op.Map.Addr == 0 {
			say(look.Text, "The map was nil: there was nothing to change, and the op is no mistake.")
			return
		}
		say(look.Dim, "The map could not be compared: "+unread(s))
		return
	}
	if d.Why != "" {
		say(look.Text, capital(d.Why)+".")
	}
	if d.Why == "" && s.Rule != nil {
		say(look.Text, s.Rule.Sentence)
	}
	for _, ev := range d.Events {
		say(look.Accent, "Event: "+string(ev))
	}
	if n := len(d.Changes); n > 1 {
		say(look.Dim, fmt.Sprintf("%d control bytes changed.", n))
	}
	if d.Unexplained > 0 {
		say(look.Bad, fmt.Sprintf("%s %d of the changes: not explained. No rule of the runtime that deltui knows makes them.", g.Alert, d.Unexplained))
	}
}

// sayStep says what a step wrote, and where in the runtime.
func sayStep(s *moment.Scene, g *look.Glyphs, say func(canvas.Style, string)) {
	t := s.Step
	say(look.Strong, capital(t.Text)+".")
	say(look.Text, fmt.Sprintf("%s, %s:%d.", t.At.Func, path.Base(t.At.File), t.At.Line))
	if t.Stores > 1 {
		say(look.Dim, fmt.Sprintf("%d instructions that wrote to this row are one step.", t.Stores))
	}
	if t.Rule != "" {
		say(look.Accent, "Rule "+t.Rule)
		if r, ok := gomap.RuleNamed(t.Rule); ok {
			say(look.Text, r.Sentence)
		}
	}
	if t.Cut != "" {
		say(look.Bad, "The op was not followed any further: "+t.Cut+".")
	}
	say(look.Dim, "s, S: next step, step before. "+g.Right+" finishes the op.")
}

// predict says what is about to happen, and asks.
func predict(s *moment.Scene, g *look.Glyphs, say func(canvas.Style, string)) {
	say(look.Strong, s.Call()+" is about to run.")
	switch {
	case s.Op.Map.Addr == 0:
		say(look.Text, "On a nil map. What will it do?")
	case s.Focused:
		c, _ := s.Cell(s.Focus, 64)
		say(look.Text, "The key is in "+c.Where+". Which control byte will change, and to what?")
	case s.Op.Kind == gomap.Clear:
		say(look.Text, "What will be left of the control bytes?")
	case s.Absent:
		say(look.Text, "No full cell holds this key. Will any byte change?")
	default:
		say(look.Text, "Which control byte will change, and to what?")
	}
	if s.Op.Drift > 0 {
		what, them := "1 control byte differs", "it"
		if n := s.Op.Drift; n > 1 {
			what, them = fmt.Sprintf("%d control bytes differ", n), "them"
		}
		since := ""
		if s.DriftSince > 0 {
			since = fmt.Sprintf(" from the end of op %d", s.DriftSince)
		}
		say(look.Drift, "~ Drift: "+what+since+". Something that is not watched wrote "+them+".")
	}
	say(look.Dim, g.Right+" finishes the op.")
}

// ended says how an op that did not return came to its end.
func ended(op *trace.Op) string {
	var s string
	switch op.Outcome {
	case trace.Panicked:
		s = "The op panicked."
	case trace.Fatal:
		s = "The runtime gave up inside the op."
	case trace.Exited:
		s = "The target ended with the op in progress."
	case trace.Detached:
		s = "deltui let go of the target with the op in progress."
	default:
		s = "The op has not ended."
	}
	if op.Message != "" {
		s += " " + op.Message
	}
	return s
}

func unread(s *moment.Scene) string {
	if s.Before.Map == nil {
		return "before: " + s.Before.Lacks()
	}
	return "after: " + s.After.Lacks()
}

func capital(s string) string {
	s = strings.TrimRight(s, ". ")
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		return string(c-'a'+'A') + s[1:]
	}
	return s
}
