package tui

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tally"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// answers is the box that says who: the calls, or all maps.
type answers struct {
	ses    *session
	maps   bool // all maps, else the calls
	sorted int  // index into mapSorts
	report tally.Report
	behind bool // not all ops are counted yet
	err    error
	at     int
	top, h int
	area   canvas.Rect // of the lines, as last drawn
}

// counted is what has been counted of a session's ops. Its tally belongs to the
// command that is under way.
type counted struct {
	tally *tally.Tally
	busy  bool
}

// countStep is how many ops are counted in one go, between two looks at keys.
const countStep = 500

// countMsg is what is counted so far.
type countMsg struct {
	ses    *session
	report tally.Report
	next   uint64 // op to go on with; 0: all are counted
	err    error
}

// tally counts on, in steps, while the box is open.
func (s *session) tally() tea.Cmd {
	if s.counted.busy {
		return nil
	}
	s.counted.busy = true
	if s.counted.tally == nil {
		s.counted.tally = tally.New()
	}
	t, tl := s.counted.tally, s.Timeline
	return func() tea.Msg {
		from, n := max(t.Next(), tl.First()), uint64(tl.Len())
		msg := countMsg{ses: s}
		to := min(from+countStep-1, n)
		for seq := from; seq <= to; seq++ {
			op, err := tl.Seq(seq)
			if err == nil {
				err = t.Add(tl, op)
			}
			if err != nil {
				t.Skip(seq)
				msg.err = err
			}
		}
		if msg.report = t.Report(); to < n {
			msg.next = to + 1
		}
		return msg
	}
}

// counts takes in what is counted so far.
func (m *model) counts(msg countMsg) tea.Cmd {
	s := m.ses
	s.counted.busy = false
	v, ok := m.overlay.(*answers)
	if !ok {
		return nil
	}
	m.dirty = true
	v.report, v.err, v.behind = msg.report, cmp.Or(v.err, msg.err), msg.next != 0
	v.sort()
	if v.behind {
		return s.tally()
	}
	return nil
}

// openAnswers opens the box and has the ops counted that are new.
func (m *model) openAnswers(maps bool) tea.Cmd {
	m.overlay = &answers{ses: m.ses, maps: maps, behind: true}
	return m.ses.tally()
}

// mapSort is an order of the maps.
type mapSort struct {
	name string
	by   func(a, b *tally.Map) int
}

var mapSorts = []mapSort{
	{"waste", func(a, b *tally.Map) int { return cmp.Compare(b.Waste(), a.Waste()) }},
	{"tombstones", func(a, b *tally.Map) int { return cmp.Compare(b.Tombstones, a.Tombstones) }},
	{"used", func(a, b *tally.Map) int { return cmp.Compare(b.Used, a.Used) }},
	{"deletes", func(a, b *tally.Map) int { return cmp.Compare(b.Deletes, a.Deletes) }},
	{"number", func(a, b *tally.Map) int { return cmp.Compare(a.ID, b.ID) }},
}

func (v *answers) sort() {
	by := mapSorts[v.sorted].by
	slices.SortStableFunc(v.report.Maps, func(a, b tally.Map) int { return cmp.Or(by(&a, &b), cmp.Compare(a.ID, b.ID)) })
}

func (v *answers) n() int {
	if v.maps {
		return len(v.report.Maps)
	}
	return len(v.report.Calls)
}

func (v *answers) scroll(d int) { v.at = max(min(v.at+d, v.n()-1), 0) }

func (v *answers) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if d := scrolled(k.String(), v.h); d != 0 {
		v.scroll(d)
		return true, nil
	}
	switch k.String() {
	case "W", "m", "tab":
		maps := k.String() == "m" || k.String() == "tab" && !v.maps
		if maps == v.maps && k.String() != "tab" {
			m.overlay = nil
			return true, nil
		}
		v.maps, v.at, v.top = maps, 0, 0
	case "s":
		if v.maps {
			v.sorted = (v.sorted + 1) % len(mapSorts)
			v.at, v.top = 0, 0
			v.sort()
		}
	case "f":
		if v.maps && v.at < v.n() {
			m.overlay = nil
			m.ses.mapID = v.report.Maps[v.at].ID
			m.say(fmt.Sprintf("following map %s: %s and %s skip the ops on other maps", moment.MapName(m.ses.mapID), m.glyphs.Left, m.glyphs.Right))
			return true, v.open(m)
		}
	case "enter":
		if v.at < v.n() {
			m.overlay = nil
			return true, v.open(m)
		}
	case "esc", "q", "ctrl+c":
		m.overlay, m.interrupted = nil, false
	}
	return true, nil
}

// open goes to the op that the chosen line is about.
func (v *answers) open(m *model) tea.Cmd {
	seq := uint64(0)
	if v.maps {
		seq = v.report.Maps[v.at].Show()
	} else {
		seq = v.report.Calls[v.at].Show()
	}
	return m.goTo(pos{seq: seq, phase: trace.After}, false)
}

func (v *answers) click(m *model, x, y int) tea.Cmd {
	if i := v.top + y - v.area.Y; v.area.Contains(x, y) && i < v.n() {
		v.at = i
		m.overlay = nil
		return v.open(m)
	}
	return clickAway(m)
}

func (v *answers) draw(m *model, a canvas.Area) (int, int, bool) {
	title := "who deletes, and what is left of it"
	if v.maps {
		title = "all maps, by " + mapSorts[v.sorted].name
	}
	if v.behind {
		title += fmt.Sprintf(" %s %d of %d ops counted", m.glyphs.Dot, v.report.Ops, m.ses.snap.n)
	}
	in := m.box(a, min(a.W, 150), a.H, title)
	if v.err != nil {
		title += fmt.Sprintf(" %s some ops could not be read", m.glyphs.Dot)
	}
	detail, keys := v.detail(m), "Enter first such op  Tab all maps  Esc back"
	if v.maps {
		keys = "Enter first op  f follow  s sort  Tab who  Esc back"
	}
	lines := in.Wrap(detail, in.W)
	lines = lines[:min(len(lines), max(in.H-4, 0), 4)]
	v.h = max(in.H-2-len(lines), 1)
	v.scroll(0)
	v.top = max(min(v.top, v.at), v.at-v.h+1)
	head := whoHead
	if v.maps {
		head = mapHead(in.W)
	}
	in.TextMax(0, 0, in.W, look.Dim, head)
	most := uint64(0)
	for i := range v.report.Calls {
		most = max(most, v.report.Calls[i].Made)
	}
	for y := range v.h {
		i := v.top + y
		if i >= v.n() {
			break
		}
		st := look.Text
		if i == v.at {
			st = look.AccentInv
			for x := range in.W {
				in.Text(x, y+1, st, " ")
			}
		}
		if v.maps {
			in.TextMax(0, y+1, in.W, st, v.mapLine(m, &v.report.Maps[i], in.W))
			continue
		}
		c := &v.report.Calls[i]
		bar := tally.Style{ASCII: m.cfg.Options.ASCII}.Bar(c.Made, most, 8)
		in.TextMax(0, y+1, in.W, st, fmt.Sprintf("%8d %6d %s %6d %8d  %s", c.Deletes, c.Made, bar, c.Left, c.Drained, c.WhereText(" < ", m.dots())))
	}
	v.area = canvas.Rect{X: (a.W-min(a.W, 150))/2 + 2, Y: 1 + 1 + m.frame.body.Y, W: in.W, H: v.h}
	for i, l := range lines {
		in.TextMax(0, 1+v.h+i, in.W, look.Strong, l)
	}
	in.TextMax(0, in.H-1, in.W, look.Dim, keys)
	return 0, 0, false
}

func (m *model) dots() string {
	if m.cfg.Options.ASCII {
		return moment.Ellipsis
	}
	return "…"
}

// detail is what there is to say of the chosen line, whole.
func (v *answers) detail(m *model) string {
	switch {
	case v.n() == 0 && v.behind:
		return ""
	case v.n() == 0:
		return "No op is on the timeline."
	case !v.maps:
		return v.report.Calls[v.at].WhereText(" < ", m.dots())
	}
	c := &v.report.Maps[v.at]
	text := fmt.Sprintf("%s %s", moment.MapName(c.ID), c.Type)
	if c.Spare != "" {
		text += ": " + c.Spare
	}
	return text
}

const whoHead = " deletes   made            left  drained  call"

// wideMaps is from what width on the kinds of ops are told one by one.
const wideMaps = 100

func mapHead(w int) string {
	if w < wideMaps {
		return "   # used of cells   tombs    waste deletes  name"
	}
	return "   #    used of   cells   tombs     held    waste deletes  absent clears assigns  name"
}

func (v *answers) mapLine(m *model, c *tally.Map, w int) string {
	cells, held, waste := "?", "?", "?"
	if c.HeldKnown {
		cells, held, waste = fmt.Sprint(c.Held.Cells), gomap.Bytes(c.Held.Bytes), gomap.Bytes(c.Waste())
	}
	used, tombs := "?", "?"
	if c.Known {
		used, tombs = fmt.Sprint(c.Used), fmt.Sprint(c.Tombstones)
	}
	if w < wideMaps {
		return fmt.Sprintf("%4d %12s %7s %8s %7d  %s", c.ID, used+"/"+cells, tombs, waste, c.Deletes, c.Called(m.dots()))
	}
	return fmt.Sprintf("%4d %7s of %7s %7s %8s %8s %7d %7d %6d %7d  %s", c.ID, used, cells, tombs, held, waste,
		c.Deletes, c.Absent, c.Ops[gomap.Clear], c.Ops[gomap.Assign], c.Called(m.dots()))
}
