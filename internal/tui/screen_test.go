package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/panel"
	"deltui/internal/tui/tuitest"
)

// TestOpens: a recording opens at the first op's before, and does not give away
// what the op will do.
func TestOpens(t *testing.T) {
	driveReplay(t, swiss(t), 120, 40).
		See("before op 1 of 300", "[?]", "is about to run", "→ finishes the op").
		Miss("▶").
		Press("right").See("after op 1 of 300", "▶").
		Press("left").See("before op 1 of 300").
		Press("left").See("before op 1 of 300")
}

// TestSteps: → and ← go through befores and afters, and come back the same way.
func TestSteps(t *testing.T) {
	d := driveReplay(t, swiss(t), 120, 40)
	var seen []pos
	for range 9 {
		seen = append(seen, d.m.ses.at)
		d.Press("l")
	}
	for i := len(seen) - 1; i >= 0; i-- {
		if d.Press("h"); d.m.ses.at != seen[i] {
			t.Fatalf("step %d back: at %v, want %v", i, d.m.ses.at, seen[i])
		}
	}
}

// TestLive: the live end rests at a before; → finishes the op, then waits for
// the next one; what has been seen can be looked back at.
func TestLive(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 5, Layouts: tuitest.Swiss}, 120, 40)
	d.See("PAUSED before op 1 (live end)", "[?]")
	d.Go(1).See("PAUSED after op 1 of 1 (live end)").Commanded(probe.Next{})
	d.Go(1).See("before op 2 (live end)")
	d.Press("left").See("after op 1 of 1").Miss("live end)")
	d.Press("left").See("before op 1 of 1")
	n := len(d.src.Commands())
	d.Press("right").See("after op 1 of 1")
	d.Press("right").See("before op 2 (live end)")
	if len(d.src.Commands()) != n {
		t.Errorf("moving over the past gave the source commands: %v", d.src.Commands()[n:])
	}
	d.Go(8).See("ENDED after op 5 of 5")
	d.Miss("→ next")
}

// TestRun: space runs, space pauses; the view follows the live end unless the
// user looks back, and G follows again.
func TestRun(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 400, Layouts: tuitest.Swiss}, 120, 40)
	d.Go(3).Press("+").See("speed: flat out").Press("-").See("speed: 1000 ops/s")
	d.Press("space").Commanded(probe.Run{Speed: 1000})
	d.look().See("RUNNING")
	d.Press("left")
	at := d.m.ses.at
	d.look()
	if d.m.ses.at != at {
		t.Errorf("the view moved from %v to %v while the user looks back", at, d.m.ses.at)
	}
	d.Press("space").Commanded(probe.Pause{})
	d.Poll().See("PAUSED").Press("G").See("(live end)")
	d.Press("space").Commanded(probe.Run{Speed: 1000}).Press("+").Commanded(probe.Run{})
	d.Poll().See("ENDED after op 400 of 400")
}

// TestUntil: a condition looks on the timeline first, then runs the target.
func TestUntil(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss}, 120, 40)
	d.Go(7)
	key := d.m.ses.scene.Op.KeyText
	d.Press("g").See("before op 1 of")
	d.Press("r").See("run until", "func~main.(*cache)").Type("key=" + key).Press("enter")
	d.See("after op 3 of 4", key, "reached key="+key+" at op 3", "q quit")
	late, err := tracetest.New(t, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss}).Seq(30)
	must(t, err)
	run, cond := probe.Run{}, "key="+late.KeyText
	run.Until, _ = trace.Parse(cond)
	d.Press("r").Type(cond).Press("enter").Commanded(run)
	d.Poll().See("(until "+cond+")", late.KeyText+")", "reached "+cond+" at op ", "q quit").Miss("running until")
	d.Press("r").Type("nonsense~~=").Press("enter").See("!").Press("esc").Miss("run until n")
}

// TestUntilNever: a run that ends without what it waited for says so, and a pause
// takes back what was said.
func TestUntilNever(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 60, Layouts: tuitest.Swiss}, 120, 40)
	d.Go(2).Press("r").Type("key=never").Press("enter").Poll()
	d.See("ENDED", "the target ended before key=never").Miss("running until")
	d = driveLive(t, tracetest.Options{Ops: 4000, Layouts: tuitest.Swiss}, 120, 40)
	d.Go(2).Press("r").Type("key=never").Press("enter").See("running until key=never")
	d.m.ses.snap.state.Doing = probe.Running // though it may have ended meanwhile
	d.m.ses.awaited.from = trace.Moment{}
	v := d.m.ses.snap
	v.state = probe.State{Doing: probe.Resting, Hit: "paused"}
	d.Send(pollMsg{d.m.ses, v}).Miss("running until").See("q quit")
}

// TestUntilSame: the palette runs to the next op on the same map, key or caller.
func TestUntilSame(t *testing.T) {
	d := driveReplay(t, tracetest.New(t, tracetest.Options{Ops: 50}), 120, 40)
	d.Press("right")
	d.Press(":").Type("on this map").Press("enter").See("after op 3 of 50")
	d.Press(":").Type("of this caller").Press("enter")
	if d.m.ses.at.seq <= 3 {
		t.Errorf("at %v", d.m.ses.at)
	}
	d.Press(":").Type("with this key").Press("enter").See("none after this op")
}

// TestJumps: first and last, tombstones, events, undo and redo.
func TestJumps(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 900, Layouts: tuitest.Swiss})
	d := driveReplay(t, f, 120, 40)
	where := func() uint64 { return d.m.ses.at.seq }
	d.Press("t")
	first := where()
	if op, err := f.Seq(first); err != nil || op.Summary.Mark != trace.MarkTombstone {
		t.Fatalf("t went to op %d: %+v, %v", first, op, err)
	}
	d.Press("t")
	if where() <= first {
		t.Fatalf("t stays at %d", where())
	}
	d.Press("T")
	if where() != first {
		t.Fatalf("T went to %d, not back to %d", where(), first)
	}
	d.Press("]")
	ev := where()
	if op, err := f.Seq(ev); err != nil || len(op.Summary.Events) == 0 {
		t.Fatalf("] went to op %d: %+v, %v", ev, op, err)
	}
	d.Press("G").See("after op 900 of 900").Press("[")
	if where() < ev {
		t.Fatalf("[ went to %d", where())
	}
	d.Press("g").See("before op 1").Press("[").See("none before this op: event")
	last := where()
	d.Press("u").Press("u").See("after op 900")
	d.Press("u")
	if where() != ev {
		t.Fatalf("undo went to %d, not to the event at %d", where(), ev)
	}
	d.Press("ctrl+r").See("after op 900").Press("ctrl+r", "ctrl+r")
	if where() != last {
		t.Fatalf("redo went to %d, want %d", where(), last)
	}
}

// TestSearch: / n N, a condition that is none, a search that finds nothing.
func TestSearch(t *testing.T) {
	d := driveReplay(t, swiss(t), 120, 40)
	d.Press("?").Miss("next hit").Press("esc")
	d.Press("/").Type("op=delete found=false").Press("enter").See("not there")
	at := d.m.ses.at
	d.Press("n").See("not there")
	if d.m.ses.at == at {
		t.Error("n stays")
	}
	d.Press("N")
	if d.m.ses.at != at {
		t.Errorf("N went to %v", d.m.ses.at)
	}
	d.Press(":").Type("key=424242424").Press("enter").See("no op matches: key=424242424")
	d.Press(":").Type("250").Press("enter").See("after op 250")
	d.Press(":").Type("2500").Press("enter").See("there are ops 1 to 300")
}

// TestFollow: with a map followed, ← and → skip the other maps' ops.
func TestFollow(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 50}) // maps #1 and #2 by turns
	d := driveReplay(t, f, 120, 40)
	d.Press("right").See("after op 1", "#1 map").Press("f").See("following #1")
	d.Press("right").See("before op 3").Press("right").See("after op 3").Press("right").See("before op 5")
	d.Press("left").See("after op 3").Press("left").See("before op 3").Press("left").See("after op 1")
	d.Press("f").See("no longer following").Press("right").See("before op 2")
}

// TestCells: ↑ ↓ choose cells, Esc gives the choice back, v and x show more.
func TestCells(t *testing.T) {
	d := driveReplay(t, swiss(t), 120, 40).Press("t")
	auto := d.m.mapv.Sel
	d.Press("down").Press("down").Press("k")
	if got := d.m.mapv.Sel; got.Cell != auto.Cell+1 {
		t.Errorf("chosen: %v, from %v", got, auto)
	}
	d.Press("shift+up")
	if got := d.m.mapv.Sel; got.Row != auto.Row-1 {
		t.Errorf("chosen: %v, from %v", got, auto)
	}
	d.Press("esc")
	if got := d.m.mapv.Sel; got != auto {
		t.Errorf("Esc left %v, not %v", got, auto)
	}
	d.See("stale").Press("x").Miss("stale").Press("x").See("stale")
	d.Press("v").See("what is left in the deleted cell").Press("esc").Miss("what is left in the deleted")
	d.Press("z").Miss("5 source").Press("z").See("5 source")
}

// TestStack: choosing a frame shows its source; runtime frames unfold.
func TestStack(t *testing.T) {
	d := driveReplay(t, swiss(t), 160, 48).Press("t").See("5 source ─ internal/runtime/maps/table.go")
	d.Press("4", "down").See("5 source ─ evict/cache.go", "▸ 26")
	d.Press("down").See("⋯ 2 runtime frames").Press("enter").See("goexit", "runtime.main").Miss("2 runtime frames")
	d.Press("esc").See("internal/runtime/maps/table.go")
}

// TestPanels: Tab and the digits go round; a narrow screen shows one at a time.
func TestPanels(t *testing.T) {
	d := driveReplay(t, swiss(t), 80, 24).Press("t")
	for i, want := range []string{"[1 map]", "[2 why]", "[3 bytes]", "[4 stack]", "[5 source]", "[6 output]", "[1 map]"} {
		d.See(want)
		if i < 6 {
			d.Press("tab")
		}
	}
	d.Press("shift+tab").See("[6 output]", "evicted").Press("o").See("[1 map]").Press("o").See("[6 output]")
	d.Press("3").See("[3 bytes]", "ctrl of the row").Press("esc").See("[1 map]")
}

// TestFilter: the filter goes to the source, and says what it does not know.
func TestFilter(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 20, Layouts: tuitest.Swiss}, 120, 40)
	d.Press("F").Type(`key="a b" func~evict map=#3`).Press("enter")
	d.Commanded(probe.SetFilter{Filter: probe.Filter{Key: "a b", Func: "evict", Map: "#3"}}).See("filter:")
	d.Press("F").Type(" wat=1").Press("enter").See("there is no field \"wat\"; fields are op, key, func").Press("esc")
}

// TestWatch: a adds assigns of the followed map, and is not there without one.
func TestWatch(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 20, Layouts: tuitest.Swiss}, 120, 40)
	d.m.ses.snap.info.Ops = []string{"delete", "clear"}
	d.Press("?").Miss("watch assigns").Press("esc")
	d.Press("f").See("following map #1").Press("?").See("watch assigns").Press("esc", "a")
	d.Commanded(probe.Watch{Ops: []gomap.OpKind{gomap.Delete, gomap.Clear, gomap.Assign}, MapID: 1})
	d.Press("a").Commanded(probe.Watch{Ops: []gomap.OpKind{gomap.Delete, gomap.Clear}})
	d.m.ses.snap.info.Ops = []string{"delete", "assign"}
	d.Press("?").Miss("watch assigns")
}

// TestInput: i gives keys to the target until Esc.
func TestInput(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 20, Layouts: tuitest.Swiss}, 120, 40)
	d.Press("i").See("typing goes to the program")
	d.Press("q").Commanded(probe.WriteStdin{Data: []byte("q")}).Press("enter").Commanded(probe.WriteStdin{Data: []byte("\n")})
	d.Send(tea.PasteMsg{Content: "pasted"}).Commanded(probe.WriteStdin{Data: []byte("pasted")})
	d.Press("esc").Miss("typing goes to the program").Press("q")
	if !d.quit {
		t.Error("q does not quit")
	}
}

// TestCopy: pictures and JSON go to the clipboard.
func TestCopy(t *testing.T) {
	d := drive(t, Config{Session: &Session{Timeline: swiss(t), JSON: func(op *trace.Op) ([]byte, error) {
		return fmt.Appendf(nil, `{"seq":%d}`, op.Seq), nil
	}}}, 120, 40).Press("t")
	d.Press("y").See("copied the map panel")
	if !strings.Contains(d.clip, "20▶xx") || strings.Contains(d.clip, "\x1b") || strings.Contains(d.clip, "2 why") {
		t.Errorf("copied:\n%s", d.clip)
	}
	d.Press("Y").See("copied op 6 as JSON")
	if d.clip != `{"seq":6}` {
		t.Errorf("copied %q", d.clip)
	}
	d.Press(":").Type("whole screen").Press("enter")
	if !strings.Contains(d.clip, "2 why") || strings.Contains(d.clip, "commands") && strings.Contains(d.clip, "letters of one") {
		t.Errorf("copied:\n%s", d.clip)
	}
}

// TestMouse: clicks on cells, frames, tabs, panels and the strip; the wheel.
func TestMouse(t *testing.T) {
	d := driveReplay(t, swiss(t), 160, 48).Press("t")
	d.Click("5b ") // some byte of some row
	if !d.m.mapv.ByHand() {
		t.Error("a click on a cell chooses nothing")
	}
	d.Click("3  56 full")
	if d.m.mapv.Sel.Cell != 3 {
		t.Errorf("a click on a line of the table chooses cell %d", d.m.mapv.Sel.Cell)
	}
	d.Click("main  ").See("▸ 26")
	if d.m.focus != panel.Stack {
		t.Errorf("the focus is on %v", d.m.focus)
	}
	r := d.m.frame.strip
	d.ClickAt(10, r.Y).See("after op 1 of 300")
	d.ClickAt(r.W-10, r.Y+1).See("of 300")
	if d.m.ses.at.seq < 280 {
		t.Errorf("a click on the track's end went to %d", d.m.ses.at.seq)
	}
	at := d.m.ses.at.seq
	d.Wheel(20, r.Y, false)
	if d.m.ses.at.seq != at || d.m.ses.at.phase != trace.Before {
		t.Errorf("the wheel over the strip went from %d to %v", at, d.m.ses.at)
	}
	m := d.m.frame.panels[panel.Map]
	row := d.m.mapv.Sel.Row
	d.Wheel(m.X+5, m.Y+5, true)
	if d.m.mapv.Sel.Row != row+1 {
		t.Error("the wheel over the map does nothing")
	}
	d.ClickAt(d.m.w-5, 0).See("help: keys that work")
	d.ClickAt(d.m.w/2, d.m.h/2).Miss("help: keys that work")
	d.Press("g").Click("t tombstone").See("after op 6 of 300")
	d.Click("? help").See("help: keys that work").Press("esc")
	d.Press(":").Click("first op").See("before op 1 of 300")
	d.Press("t", "r").Click("  to=deleted").Press("enter").See("after op 16 of 300")
	d.Send(tea.MouseMotionMsg{X: 30, Y: r.Y, Button: tea.MouseLeft})
	if d.m.ses.at.seq == 16 {
		t.Error("dragging over the strip does nothing")
	}
	d = driveReplay(t, swiss(t), 80, 24).Click("3 bytes").See("[3 bytes]")
	d.Click("1 map").See("[1 map]")
}

// TestInterrupt: ^C pauses or cancels, twice quits; ^Z suspends.
func TestInterrupt(t *testing.T) {
	d := driveLive(t, tracetest.Options{Ops: 100000, Layouts: tuitest.Swiss}, 120, 40)
	d.Press("-", "-", "-", "space").look()
	d.Press("ctrl+c").Commanded(probe.Pause{}).See("^C again quits")
	if d.quit {
		t.Fatal("one ^C quits")
	}
	d.Poll().Press("right", "ctrl+c")
	if d.quit {
		t.Fatal("^C after another key quits")
	}
	d.Press("ctrl+z")
	if !d.susp {
		t.Error("^Z does not suspend")
	}
	d.Press("ctrl+c", "ctrl+c")
	if !d.quit {
		t.Error("^C twice does not quit")
	}
}

// TestOpening: progress is shown; an error ends Run; Esc cancels.
func TestOpening(t *testing.T) {
	f := swiss(t)
	d := drive(t, Config{Title: "./evict", Open: func(_ context.Context, report func(Progress)) (*Session, error) {
		report(Progress{Step: "building ./evict", Text: "runtime"})
		return &Session{Timeline: f}, nil
	}}, 80, 24)
	d.See("before op 1 of 300")

	d = drive(t, Config{Open: func(context.Context, func(Progress)) (*Session, error) {
		return nil, errors.New("no main package")
	}}, 80, 24)
	if !d.quit || d.m.err == nil {
		t.Errorf("an error while opening: quit %v, err %v", d.quit, d.m.err)
	}

	d = drive(t, Config{Session: &Session{Timeline: f}}, 80, 24)
	d.m.opening = &opening{title: "./evict", cancel: func() {}, ctx: context.Background()}
	d.m.stage = onOpening
	o := d.m.opening
	for _, p := range []Progress{
		{Step: "fetching go1.23.12", Finished: true}, {Step: "building ./evict", Text: "runtime", Done: 5, Total: 10},
	} {
		d.Send(progressMsg{o, p})
	}
	d.See("+ fetching go1.23.12", "building ./evict", "50 %", "runtime", "Esc cancel").Press("esc")
	if !d.quit || !errors.Is(d.m.err, context.Canceled) {
		t.Errorf("Esc: quit %v, err %v", d.quit, d.m.err)
	}
}

// TestStart: items open, pages are read, Esc comes back.
func TestStart(t *testing.T) {
	f := swiss(t)
	closed := false
	d := drive(t, Config{Start: []StartItem{
		{Title: "a recording", Open: func(context.Context, func(Progress)) (*Session, error) {
			return &Session{Timeline: f, Close: func() error { closed = true; return nil }}, nil
		}},
		{Title: "doctor", Page: func(context.Context) (string, error) { return "ptrace: yes", nil }},
		{Title: "broken", Open: func(context.Context, func(Progress)) (*Session, error) { return nil, errors.New("no such thing") }},
		{Title: "a text", Text: "some words"},
	}}, 80, 24)
	d.See("▸ 1 a recording").Press("enter").See("before op 1 of 300")
	d.Press("esc").See("▸ 1 a recording")
	if !closed {
		t.Error("the session was not closed")
	}
	d.Press("2").See("ptrace: yes").Press("esc")
	d.Press("3").See("no such thing").Press("esc")
	d.Press("4").See("some words").Press("esc").Press("q")
	if !d.quit {
		t.Error("q does not quit")
	}
}

// TestQuestion: playing waits at a question; Enter answers; → goes on.
func TestQuestion(t *testing.T) {
	f := swiss(t)
	d := drive(t, Config{Session: &Session{Timeline: f, Captions: []Caption{
		{Seq: 1, Phase: trace.After, Text: "This was an assign."},
		{Seq: 2, Phase: trace.Before, Question: "Which byte?", Answer: "80, of course."},
	}}}, 80, 24)
	d.Press("right").See("This was an assign.").Press("right").See("Which byte?").Miss("of course")
	d.Press("right").See("of course").Press("right").See("after op 2").Miss("of course")
	d.Press("left", "enter").See("of course")
	d.m.ses.speed = 8
	d.Press("g", "space")
	d.See("Which byte?", "before op 2").Miss("of course")
	if d.m.ses.playing {
		t.Error("it plays on over the question")
	}
}

// TestAsked: while one is asked why, the screen does not tell.
func TestAsked(t *testing.T) {
	d := drive(t, Config{Session: &Session{Timeline: swiss(t), Captions: []Caption{
		{Seq: 6, Phase: trace.After, Question: "Why xx?", Answer: "The group is full."},
	}}}, 120, 40)
	d.Press("t").See("Why xx?", "20▶xx").Miss("growthLeft stayed", "swiss.delete", "maps/table.go")
	d.Press("enter").See("The group is full.", "growthLeft stayed", "swiss.delete.group-full", "maps/table.go")
}

// TestPlay: a recording plays to its end.
func TestPlay(t *testing.T) {
	d := driveReplay(t, tracetest.New(t, tracetest.Options{Ops: 20, Layouts: tuitest.Swiss}), 120, 40)
	d.m.ses.speed = 8
	d.Press("space").See("after op 20 of 20")
	if d.m.ses.playing {
		t.Error("it plays on at the end")
	}
}

// TestHelp: help lists what works right now and nothing else.
func TestHelp(t *testing.T) {
	d := driveReplay(t, swiss(t), 160, 48).Press("?")
	d.See("next tombstone", "copy picture").Miss("filter", "type to the program", "copy JSON", "undo a move", "next hit")
	d.Press("t").See("after op 6").Press("?").See("undo a move")
	classic := driveReplay(t, tracetest.New(t, tracetest.Options{Layouts: tuitest.Classic}), 160, 48)
	classic.m.ses.snap.info.Layout = "classic"
	classic.Press("?").Miss("next tombstone")
}
