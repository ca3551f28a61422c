package live

import (
	"time"

	"deltui/dlvclient"
	"deltui/internal/trace"
)

// meter measures what watching costs, and puts the target and us on one CPU
// while stops come fast.
//
// How long the target stood still cannot be read off a clock: resuming a
// process, and learning that it has stopped, is part of standing still. The
// shortest such round of late, in which the target hardly ran, is taken for
// the part of each that it stood.
type meter struct {
	begun    time.Time // the target first ran
	resumed  time.Time
	stops    int
	hidden   int // ops, by the filter
	bytes    uint64
	ran      time.Duration
	floor    time.Duration // the shortest round of late
	nextLow  time.Duration // the shortest of the window in progress
	inWindow int
	recent   time.Duration // a round, moving average
	steady   int           // rounds since the last change of pace
	tight    bool
	told     time.Time
}

// The pace: below fast a round is mostly our own doing, above slow the target
// works between stops.
const (
	window  = 256 // rounds over which the floor is found
	settle  = 16  // rounds before the pace is changed
	fast    = 3 * time.Millisecond
	slow    = 10 * time.Millisecond
	telling = 100 * time.Millisecond
)

func (m *meter) init() { m.floor, m.nextLow = time.Hour, time.Hour }

func (m *meter) resume() {
	m.resumed = time.Now()
	if m.begun.IsZero() {
		m.begun = m.resumed
	}
}

func (m *meter) stopped() {
	round := time.Since(m.resumed)
	m.stops++
	m.floor = min(m.floor, round)
	m.nextLow = min(m.nextLow, round)
	if m.inWindow++; m.inWindow == window {
		m.floor, m.nextLow, m.inWindow = m.nextLow, time.Hour, 0
	}
	m.ran += round - m.floor
	m.recent += (round - m.recent) / 8
	m.steady++
}

// pace tightens or loosens by the recent rounds.
func (m *meter) pace(p *dlvclient.Process) {
	if m.steady < settle {
		return
	}
	switch {
	case !m.tight && m.recent < fast:
		m.tight, m.steady = true, 0
		p.Tighten()
	case m.tight && m.recent > slow:
		m.tight, m.steady = false, 0
		p.Loosen()
	}
}

func (m *meter) publish(l *Loop, now bool) {
	if !now && time.Since(m.told) < telling {
		return
	}
	m.told = time.Now()
	u := trace.Usage{Ops: l.ended, Stops: m.stops, Hidden: m.hidden, Bytes: m.bytes}
	if !m.begun.IsZero() {
		u.Elapsed = time.Since(m.begun)
		u.Paused = max(0, u.Elapsed-m.ran)
	}
	_ = l.sink.Usage(u)
}
