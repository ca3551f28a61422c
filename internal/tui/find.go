package tui

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

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

	offer   *offer // to run the target instead, where nothing was found
	search  bool   // it wraps, and its hits are counted
	wrapped bool
}

// offer is to run until an op of a kind, which is made where there is none yet:
// the same key again takes it.
type offer struct {
	act   action
	query string
	what  string // in people's words: tombstone
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

// search goes to the nearest hit of what is searched for, at the end on to the
// first one.
func (m *model) searchOn(back bool) tea.Cmd {
	s := m.ses
	cmd := m.find(s.search, back, false)
	if cmd == nil {
		return nil
	}
	q, tl, n := mustParse(s.search), s.Timeline, uint64(s.snap.n)
	act := actSearchNext
	if back {
		act = actSearchPrev
	}
	o := &offer{act, s.search, "hit"}
	return func() tea.Msg {
		msg := cmd().(foundMsg)
		msg.search = true
		if errors.Is(msg.err, trace.ErrNotFound) {
			from := uint64(0)
			if back {
				from = n + 1
			}
			msg.op, msg.err = tl.Find(q, from, back)
			msg.wrapped = true
		}
		if msg.err != nil && !back {
			msg.offer = o
		}
		return msg
	}
}

// mustParse parses what has been parsed before.
func mustParse(query string) trace.Query {
	q, _ := trace.Parse(query)
	return q
}

// countedMsg is how many hits a search has, and which of them is shown.
type countedMsg struct {
	ses   *session
	query string
	say   string
}

// countTime bounds the counting: more hits than are counted till then are "more
// than".
const countTime = 500 * time.Millisecond

// count counts a search's hits.
func (s *session) count(query string, at uint64, head string) tea.Cmd {
	q, tl := mustParse(query), s.Timeline
	return func() tea.Msg {
		nth, n, more := 0, 0, ""
		for from, end := uint64(0), time.Now().Add(countTime); ; {
			op, err := tl.Find(q, from, false)
			if err != nil {
				break
			}
			n++
			if from = op.Seq; from == at {
				nth = n
			}
			if n%64 == 0 && time.Now().After(end) {
				more = "more than "
				break
			}
		}
		which := fmt.Sprintf("%d of %s%d", nth, more, n)
		if nth == 0 {
			which = fmt.Sprintf("one of %s%d", more, n)
		}
		return countedMsg{s, query, head + which + ": " + query}
	}
}

// offered takes an offer that was made by the key before.
func (m *model) offered(a action) (tea.Cmd, bool) {
	o := m.offer
	m.offer = nil
	if o == nil || o.act != a || !m.ses.snap.resting() {
		return nil, false
	}
	return m.runUntilWords(o.query, o.what), true
}

// keyOf is the key of an action.
func (m *model) keyOf(a action) string { return m.keys.binding(a).key.Help().Key }

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
		p := pos{id: msg.op.ID, seq: msg.op.Seq, phase: trace.After}
		if msg.step && !msg.back {
			p.phase = trace.Before
		}
		if msg.live != "" && !msg.step {
			m.say(reached(msg.what, msg.op.Seq))
		}
		if !msg.search {
			return m.goTo(p, msg.step)
		}
		head := ""
		switch {
		case msg.wrapped && msg.back:
			head = "wrapped to the last hit, "
		case msg.wrapped:
			head = "wrapped to the first hit, "
		}
		return tea.Batch(m.goTo(p, false), s.count(msg.what, msg.op.Seq, head))
	case msg.err != nil && !errors.Is(msg.err, trace.ErrNotFound):
		m.say(msg.err.Error())
		return nil
	case msg.live != "" && s.snap.resting():
		return m.runUntil(msg.live)
	}
	if msg.offer != nil && s.snap.resting() {
		m.offer = msg.offer
		m.say(fmt.Sprintf("no %s yet; %s again runs until one", msg.offer.what, m.keyOf(msg.offer.act)))
		return nil
	}
	if msg.search {
		m.say("no op matches: " + msg.what)
		return nil
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
func (m *model) runUntil(query string) tea.Cmd { return m.runUntilWords(query, "") }

// runUntilWords is runUntil, told in people's words where there are any.
func (m *model) runUntilWords(query, words string) tea.Cmd {
	s := m.ses
	q, err := trace.Parse(query)
	if err != nil {
		m.say(err.Error())
		return nil
	}
	s.moves.left(s.want, false)
	s.following = true
	s.snap.state.Doing, s.snap.state.Hit = probe.Running, ""
	s.until = words
	if words == "" {
		words = query
	} else {
		words = "the next " + words
	}
	s.awaited = awaited{words, s.snap.state.At}
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
		if !back {
			msg.offer = &offer{actNextEvent, "event=any", what}
		}
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

// parseFilter reads a filter: the part of the query language that can be told before
// anything is read of a map. Nothing is no filter.
func parseFilter(text string) (probe.Filter, error) {
	var f probe.Filter
	q, err := trace.Parse(text)
	if err != nil {
		return f, err
	}
	for _, t := range q.Terms() {
		twice := false
		switch {
		case t.Field == "map" && t.Op == "=":
			twice, f.Map = f.Map != "", t.Value
		case t.Field == "key" && t.Op == "=":
			twice, f.Key = f.Key != "", t.Value
		case t.Field == "func" && t.Op == "=":
			twice, f.Func = f.Func != "", "^"+regexp.QuoteMeta(t.Value)+"$"
		case t.Field == "func" && t.Op == "~" && t.Regexp:
			twice, f.Func = f.Func != "", t.Value
		case t.Field == "func" && t.Op == "~":
			twice, f.Func = f.Func != "", regexp.QuoteMeta(t.Value)
		case t.Field == "goroutine" && t.Op == "=":
			twice = f.Goroutine != 0
			if f.Goroutine, err = strconv.ParseInt(t.Value, 0, 64); err != nil || f.Goroutine < 1 {
				return f, fmt.Errorf("goroutine=%s: no goroutine has that number", t.Value)
			}
		default:
			return f, fmt.Errorf("a filter is told before the map is read: it understands map=, key=, func=, func~ and goroutine=, not %s%s%s", t.Field, t.Op, t.Value)
		}
		if twice {
			return f, fmt.Errorf("a filter holds one %s at a time", t.Field)
		}
	}
	return f, nil
}

// findTombstone goes to the nearest op that left a tombstone.
func (m *model) findTombstone(back bool) tea.Cmd {
	cmd := m.find("to=deleted", back, false)
	return func() tea.Msg {
		msg := cmd().(foundMsg)
		msg.what = "tombstone"
		if !back {
			msg.offer = &offer{actNextTomb, "to=deleted", "tombstone"}
		}
		return msg
	}
}
