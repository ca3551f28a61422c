package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// foundMsg is where a search came to.
type foundMsg struct {
	ses  *session
	op   *trace.Op
	back bool
	step bool   // a step along a followed map
	live string // the query to run the target with, where nothing was found
	what string
	err  error
}

// find goes to the nearest op that a query matches. A step is a move along the
// followed map, which stops at the op's before going on, and at its after going
// back; a search shows the after, where its hit can be seen.
func (m *model) find(query string, back, step bool) tea.Cmd {
	s := m.ses
	q, err := trace.Parse(query)
	if err != nil {
		m.say(err.Error())
		return nil
	}
	from, tl := s.from(back), s.Timeline
	msg := foundMsg{ses: s, back: back, step: step, what: query}
	if step && !back {
		msg.live = query
	}
	return func() tea.Msg {
		msg.op, msg.err = tl.Find(q, from, back)
		return msg
	}
}

// from is the op to search from, itself excluded: before an op, that op is still
// to come.
func (s *session) from(back bool) uint64 {
	switch seq := s.seq(); {
	case seq == 0:
		return uint64(s.snap.n) + 1
	case !back && s.want.phase == trace.Before:
		return seq - 1
	default:
		return seq
	}
}

// seq is the wanted op's, 0 if it is in progress.
func (s *session) seq() uint64 {
	if s.want.seq == 0 && s.scene != nil && s.scene.Op.ID == s.want.id {
		return s.scene.Op.Seq
	}
	return s.want.seq
}

// found goes where a search came to; a search that came to nothing runs the
// target on, if it was to.
func (m *model) found(msg foundMsg) tea.Cmd {
	s := m.ses
	switch {
	case msg.err == nil && msg.op != nil:
		p := pos{msg.op.ID, msg.op.Seq, trace.After}
		if msg.step && !msg.back {
			p.phase = trace.Before
		}
		if msg.live != "" && !msg.step {
			m.say(reached(msg.what, msg.op.Seq))
		}
		return m.goTo(p, msg.step)
	case msg.err != nil && !errors.Is(msg.err, trace.ErrNotFound):
		m.say(msg.err.Error())
		return nil
	case msg.live != "" && s.snap.resting():
		return m.runUntil(msg.live)
	}
	where := "after"
	if msg.back {
		where = "before"
	}
	m.say("none " + where + " this op: " + msg.what)
	return nil
}

// until goes to the next op that a condition holds for: on the timeline if it
// is there, else by running the target.
func (m *model) until(query string) tea.Cmd {
	cmd := m.find(query, false, false)
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd().(foundMsg)
		msg.live = query
		return msg
	}
}

// runUntil runs the target until an op that a condition holds for has ended.
func (m *model) runUntil(query string) tea.Cmd {
	s := m.ses
	q, err := trace.Parse(query)
	if err != nil {
		m.say(err.Error())
		return nil
	}
	s.moves.left(s.want, false)
	s.following = true
	s.snap.state.Doing, s.snap.state.Hit = probe.Running, ""
	s.awaited = awaited{query, s.snap.state.At}
	m.say(s.awaited.note())
	return s.do(probe.Run{Until: q, Speed: speeds[s.speed]})
}

// scanStep is how many marks are looked at in one go.
const scanStep = 4096

// findMark goes to the nearest op whose mark is one of a kind.
func (s *session) findMark(is func(trace.Mark) bool, what string, back bool) tea.Cmd {
	from, n, tl := s.from(back), uint64(s.snap.n), s.Timeline
	return func() tea.Msg {
		msg := foundMsg{ses: s, back: back, what: what, err: trace.ErrNotFound}
		for lo, hi := from, from; ; {
			if back {
				if lo <= 1 {
					return msg
				}
				hi = lo - 1
				lo = hi - min(hi-1, scanStep-1)
			} else {
				if hi >= n {
					return msg
				}
				lo = hi + 1
				hi = min(hi+scanStep, n)
			}
			if seq := scan(tl.Marks(lo, hi), lo, is, back); seq > 0 {
				msg.op, msg.err = tl.Seq(seq)
				return msg
			}
		}
	}
}

func scan(ms []trace.Mark, lo uint64, is func(trace.Mark) bool, back bool) uint64 {
	for i := range ms {
		if back {
			i = len(ms) - 1 - i
		}
		if is(ms[i]) {
			return lo + uint64(i)
		}
	}
	return 0
}

// parseFilter reads a filter: map=#3 key=42 func=evict goroutine=18. Nothing is
// no filter.
func parseFilter(text string) (probe.Filter, error) {
	var f probe.Filter
	for _, term := range terms(text) {
		name, value, ok := strings.Cut(term, "=")
		if !ok {
			if name, value, ok = strings.Cut(term, "~"); !ok {
				return f, fmt.Errorf("%q is no condition: map=#3 key=42 func=evict goroutine=18", term)
			}
		}
		switch name {
		case "map":
			f.Map = value
		case "key":
			f.Key = value
		case "func":
			f.Func = value
		case "goroutine":
			if _, err := fmt.Sscan(value, &f.Goroutine); err != nil {
				return f, fmt.Errorf("goroutine=%s: not a number", value)
			}
		default:
			return f, fmt.Errorf("a filter knows map, key, func and goroutine, not %s", name)
		}
	}
	return f, nil
}

// terms splits at blanks that are not within quotes.
func terms(text string) []string {
	var out []string
	var cur strings.Builder
	quoted, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quoted:
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			if cur.Len() > 0 {
				out = append(out, cur.String())
				cur.Reset()
			}
			continue
		}
		cur.WriteRune(r)
	}
	if cur.Len() > 0 {
		out = append(out, cur.String())
	}
	return out
}
