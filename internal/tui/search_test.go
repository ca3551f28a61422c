package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// TestSearchCounts: a search opens empty, counts its hits, wraps and says so; plain
// words are understood; ↑ is history.
func TestSearchCounts(t *testing.T) {
	f := swiss(t)
	var hits []uint64
	for seq := uint64(1); seq <= uint64(f.Len()); seq++ {
		op, err := f.Seq(seq)
		must(t, err)
		if op.Summary.Mark == trace.MarkTombstone {
			hits = append(hits, seq)
		}
	}
	d := driveReplay(t, f, 120, 40)
	d.Press("/").See("n and N go on").Type("tombstone").Press("enter").See(fmt.Sprintf(" 1 of %d: tombstone", len(hits)))
	if d.m.ses.at.seq != hits[0] {
		t.Errorf("at %v, want op %d", d.m.ses.at, hits[0])
	}
	d.Press("n").See(fmt.Sprintf(" 2 of %d: tombstone", len(hits)))
	d.Press("N", "N").See(fmt.Sprintf("wrapped to the last hit, %d of %d: tombstone", len(hits), len(hits)))
	d.Press("n").See(fmt.Sprintf("wrapped to the first hit, 1 of %d: tombstone", len(hits)))
	if d.m.ses.at.seq != hits[0] {
		t.Errorf("at %v, want op %d", d.m.ses.at, hits[0])
	}
	d.Press("/")
	if v := d.m.prompt.input.Value(); v != "" {
		t.Errorf("the search opens with %q", v)
	}
	d.Press("up")
	if v := d.m.prompt.input.Value(); v != "tombstone" {
		t.Errorf("up is %q", v)
	}
	d.Press("esc", "/").Type("nobody").Press("enter").See("no op matches: nobody")
}

// TestRefused: a query that means nothing is refused with the fields there are, all
// of them, in the narrow window too, and by the same words everywhere.
func TestRefused(t *testing.T) {
	_, err := trace.Parse("colour=red")
	var qe *trace.QueryError
	if !errors.As(err, &qe) {
		t.Fatal(err)
	}
	d := driveLive(t, tracetest.Options{Ops: 5, Layouts: tuitest.Swiss}, 80, 24)
	for _, key := range []string{"/", "r", "F"} {
		d.Press(key).Type("colour=red").Press("enter")
		flat := strings.Join(strings.Fields(d.Screen()), " ")
		if !strings.Contains(flat, strings.Join(strings.Fields(qe.Error()), " ")) {
			t.Errorf("%s: no %q on\n%s", key, qe, d.Screen())
		}
		d.Press("esc")
	}
	d.Press("F").Type("to=deleted").Press("enter").See("a filter is told before the map is read").Press("esc")
}

// TestRunOn: at the live end t offers to run on until there is one, in plain words,
// and does so when it is pressed again, but not when another key came between.
func TestRunOn(t *testing.T) {
	for key, tt := range map[string]struct{ query, what string }{
		"t": {"to=deleted", "tombstone"}, "]": {"event=any", "event"},
	} {
		d := driveLive(t, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss}, 80, 24)
		say := fmt.Sprintf("no %s yet; %s again runs until one", tt.what, key)
		d.Press(key).See(say).Miss(tt.query)
		d.Press("down").Press(key).See(say)
		n := len(d.src.Commands())
		want := probe.Run{}
		want.Until, _ = trace.Parse(tt.query)
		d.Press(key).Commanded(want).See("running until the next " + tt.what).Miss(tt.query)
		if len(d.src.Commands()) != n+1 {
			t.Errorf("%s: %v", key, d.src.Commands()[n:])
		}
		d.src.Do(t.Context(), probe.Run{})
		d.Poll()
	}
}

// TestHidden: what a filter hides is counted, in the narrow window too.
func TestHidden(t *testing.T) {
	for _, size := range sizes[:3] {
		d := driveLive(t, tracetest.Options{Ops: 5, Layouts: tuitest.Swiss}, size[0], size[1])
		d.Press("F").Type("func~main.(*cache).evict map=#1 goroutine=18").Press("enter")
		must(t, d.m.ses.Timeline.(interface{ Sink() trace.Sink }).Sink().Usage(trace.Usage{Hidden: 1234, Elapsed: 1e9}))
		d.look().See("1234 hidden")
	}
}
