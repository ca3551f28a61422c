package tui

import (
	"fmt"
	"strings"

	"deltui/internal/probe"
	"deltui/internal/trace"
)

// awaited is the condition that the target runs until.
type awaited struct {
	query string // "" for none
	from  trace.Moment
}

func (w awaited) note() string { return "running until " + w.query }

// stopped says, once a run until a condition has come to its end, what it reached
// and where. An answer that the source gave before it set out does not count.
func (m *model) stopped() {
	s := m.ses
	w, st := s.awaited, &s.snap.state
	if w.query == "" || s.snap.running() {
		return
	}
	hit := strings.HasPrefix(st.Hit, "until ")
	if hit && st.At == w.from {
		return
	}
	s.awaited = awaited{}
	switch {
	case hit:
		m.say(reached(w.query, s.snap.atSeq))
	case st.Doing == probe.Ended:
		m.say("the target ended before " + w.query)
	case m.note == w.note():
		m.note = ""
	}
}

func reached(query string, seq uint64) string { return fmt.Sprintf("reached %s at op %d", query, seq) }
