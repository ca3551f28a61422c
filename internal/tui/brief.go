package tui

import (
	"fmt"
	"strings"

	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
	"deltui/internal/tui/panel"
)

// drawBrief draws, below the map of a narrow screen, why and the line of source
// in short.
func (m *model) drawBrief(a canvas.Area) {
	for x := range a.W {
		a.Text(x, 0, look.Faint, m.glyphs.Rule)
	}
	e := m.env(panel.Why)
	head := " why "
	if t := m.why.Title(e); t != "" {
		head += m.glyphs.Dot + " " + t + " "
	}
	a.TextMax(2, 0, a.W-4, look.Dim, head)
	in := a.Sub(1, 1, a.W-2, a.H-1)
	s := m.ses
	line := s.files[s.spot.File][s.spot.Line]
	if s.spot.Line > 0 && line != "" && in.H >= 3 {
		base := s.spot.File[strings.LastIndexByte(s.spot.File, '/')+1:]
		x := in.Text(0, in.H-1, look.Accent, m.glyphs.Mark+" ")
		x = in.Text(x, in.H-1, look.Dim, fmt.Sprintf("%s:%d  ", base, s.spot.Line))
		in.TextMax(x, in.H-1, in.W-x, look.Strong, strings.TrimSpace(line))
		in = in.Sub(0, 0, in.W, in.H-1)
	}
	m.brief.View(in, e)
}

// drawQuiet is what there is to see before the first op: what is awaited, and
// where in the binary it would come from.
func (m *model) drawQuiet(a canvas.Area) {
	s := m.ses
	v := &s.snap
	in := a.Sub(2, 1, a.W-4, a.H-1)
	y := 0
	say := func(st canvas.Style, format string, args ...any) {
		for _, l := range in.Wrap(fmt.Sprintf(format, args...), in.W) {
			in.Text(0, y, st, l)
			y++
		}
	}
	if s.polled {
		ops := strings.Join(v.info.Ops, ", ")
		if ops == "" {
			ops = "delete, clear"
		}
		switch {
		case v.fate.Ended:
			say(look.Strong, "%s ended, and none of the watched ops (%s) ever ran.", v.info.Target, ops)
			say(look.Text, "%s", v.fate.Text)
			if len(s.Sites) == 0 {
				say(look.Dim, "The binary has no call of them: there was nothing to see.")
			} else {
				say(look.Dim, "The calls below are in the binary; this run did not come to them.")
			}
		case !v.live:
			say(look.Strong, "This recording has no ops.")
		case v.state.Doing == probe.Starting:
			say(look.Strong, "Starting %s ...", v.info.Target)
		default:
			say(look.Strong, "%s runs. The first %s is awaited.", v.info.Target, strings.ReplaceAll(ops, ", ", " or "))
			if m.can(actInput) {
				say(look.Dim, "Is it waiting for input? i types to it, o shows what it prints.")
			}
		}
		if s.runErr != nil {
			say(look.Bad, "%v", s.runErr)
		}
	}
	y++
	y = m.drawSites(in, y)
	if len(v.output) > 0 && y < in.H-2 {
		y++
		in.Text(0, y, look.Dim, "It printed:")
		rest := in.Sub(0, y+1, in.W, in.H-y-1)
		m.outp.View(rest, m.env(panel.Output), v.output, 0, trace.Fate{})
	}
	for i, note := range v.info.Notes {
		if n := in.H - len(v.info.Notes) + i; n > y {
			in.TextMax(0, n, in.W, look.Dim, note)
		}
	}
}

// drawSites lists the calls of watched entry points, and returns the next line.
func (m *model) drawSites(in canvas.Area, y int) int {
	s := m.ses
	if len(s.Sites) == 0 {
		return y
	}
	in.Text(0, y, look.Dim, "Calls in this binary:")
	y++
	room := max(in.H-y-6, 3)
	for i, site := range s.Sites {
		if i == room {
			in.Text(2, y, look.Dim, fmt.Sprintf("and %d more", len(s.Sites)-i+s.SitesMore))
			return y + 1
		}
		x := in.Text(2, y, look.Text, site.Func)
		at := site.File[strings.LastIndexByte(site.File, '/')+1:]
		x = in.Text(max(x+2, min(34, in.W/2)), y, look.Dim, fmt.Sprintf("%s:%d", at, site.Line))
		x = max(x+2, min(52, in.W))
		in.TextMax(x, y, in.W-x, look.Faint, strings.TrimPrefix(site.Entry, "runtime."))
		y++
	}
	if s.SitesMore > 0 {
		in.Text(2, y, look.Dim, fmt.Sprintf("and %d more", s.SitesMore))
		y++
	}
	return y
}
