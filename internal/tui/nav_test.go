package tui

import (
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/panel"
)

// TestPositions walks the line of positions with ops of many goroutines in
// progress, both ways.
func TestPositions(t *testing.T) {
	v := &snapshot{live: true, n: 2, pending: []trace.OpID{3, 5, 6}, state: probe.State{Doing: probe.Resting, At: trace.Moment{Op: 6}}}
	line := []pos{
		{seq: 1, phase: trace.Before},
		{seq: 1, phase: trace.After},
		{seq: 2, phase: trace.Before},
		{seq: 2, phase: trace.After},
		{id: 3},
		{id: 5},
		{id: 6},
	}
	if got := v.first(); got != line[0] {
		t.Errorf("first: %v", got)
	}
	if got := v.end(); got != line[len(line)-1] {
		t.Errorf("end: %v", got)
	}
	for i, p := range line {
		next, prev := pos{}, pos{}
		if i+1 < len(line) {
			next = line[i+1]
		}
		if i > 0 {
			prev = line[i-1]
		}
		if got := v.after(p); got != next {
			t.Errorf("after %v: %v, want %v", p, got, next)
		}
		if got := v.before(p); got != prev {
			t.Errorf("before %v: %v, want %v", p, got, prev)
		}
	}
	// An op that was in progress has ended meanwhile: its after comes next.
	v.pending = v.pending[1:]
	if got := v.after(pos{id: 3}); got != (pos{id: 3, phase: trace.After}) {
		t.Errorf("after an op that has ended: %v", got)
	}
	v.state.At, v.atSeq = trace.Moment{Op: 1, Phase: trace.After}, 1
	if got := v.end(); !got.same(pos{id: 1, seq: 1, phase: trace.After}) {
		t.Errorf("the source rests at an after, but the end is %v", got)
	}
}

func TestMoves(t *testing.T) {
	var m moves
	at := func(n uint64) pos { return pos{seq: n} }
	m.left(at(1), true)
	m.left(at(2), true) // single steps count as one move
	m.left(at(3), false)
	m.left(at(9), false)
	for i, want := range []uint64{9, 3, 1} {
		if p, ok := m.back(at(20)); !ok || p != at(want) {
			t.Errorf("undo %d: %v, %v; want %d", i, p, ok, want)
		}
	}
	if _, ok := m.back(at(1)); ok {
		t.Error("undo goes on before the beginning")
	}
	if p, ok := m.forth(at(1)); !ok || p != at(20) {
		t.Errorf("redo: %v, %v", p, ok)
	}
	m.left(at(7), false)
	if _, ok := m.forth(at(1)); ok {
		t.Error("redo after a move")
	}
}

// TestManyGoroutines: ops in progress stand at the end of the strip, and the
// live end is where the source rests.
func TestManyGoroutines(t *testing.T) {
	f, err := file.Create("")
	must(t, err)
	defer f.Close()
	s := f.Sink()
	must(t, s.Info(trace.Info{Target: "./workers", GoVersion: "go1.26.8", Layout: "swiss"}))
	l, err := s.Layout(tracetest.SwissLayout())
	must(t, err)
	for g := range int64(3) {
		_, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Goroutine: 20 + g, KeyText: "7", Map: trace.MapRef{Type: "map[uint64]int", Layout: l}})
		must(t, err)
	}
	must(t, s.End(2, trace.Ending{Outcome: trace.Returned}))
	d := drive(t, Config{Session: &Session{Timeline: f, Source: &stub{probe.State{Doing: probe.Resting, At: trace.Moment{Op: 3}}}}}, 120, 40)
	d.See("goroutine 22", "The map is nil", "(live end)", "-?[?]")
	d.Press("left").See("goroutine 20").Press("left").See("goroutine 21", "after op 1 of 1")
	d.Press("G").See("goroutine 22")
}

func TestParseFilter(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want probe.Filter
		bad  bool
	}{
		{in: ""},
		{in: `map=#3 key="a b" func~/^main\./ goroutine=18`, want: probe.Filter{Map: "#3", Key: "a b", Func: `^main\.`, Goroutine: 18}},
		{in: `func~main.(*cache).evict`, want: probe.Filter{Func: `main\.\(\*cache\)\.evict`}},
		{in: `func=main.evict`, want: probe.Filter{Func: `^main\.evict$`}},
		{in: "map=1 map=2", bad: true},
		{in: "key!=3", bad: true},
		{in: "goroutine>3", bad: true},
		{in: "goroutine=x", bad: true},
		{in: "used=3", bad: true},
		{in: "evict", bad: true},
	} {
		got, err := parseFilter(tt.in)
		if (err != nil) != tt.bad || err == nil && got != tt.want {
			t.Errorf("parseFilter(%q) = %+v, %v", tt.in, got, err)
		}
	}
}

func TestEditorArgs(t *testing.T) {
	spot := panel.Spot{File: "/x/a.go", Line: 7}
	for _, tt := range []struct {
		editor string
		want   []string
	}{
		{"vim", []string{"vim", "+7", "/x/a.go"}},
		{"/usr/bin/nano -l", []string{"/usr/bin/nano", "-l", "+7", "/x/a.go"}},
		{"code --wait", []string{"code", "--wait", "--goto", "/x/a.go:7"}},
		{"hx", []string{"hx", "/x/a.go:7"}},
	} {
		got := editorArgs(tt.editor, spot)
		if len(got) != len(tt.want) {
			t.Fatalf("%s: %q", tt.editor, got)
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %q, want %q", tt.editor, got, tt.want)
			}
		}
	}
}
