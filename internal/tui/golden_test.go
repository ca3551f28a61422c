package tui

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden files and KEYS.md anew")

// golden compares got with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s, line %d (go test -update writes it anew):\n got %q\nwant %q", file, i+1, a, b)
		}
	}
}

// sizes are the windows that screens are tested in.
var sizes = [][2]int{{200, 60}, {120, 40}, {80, 24}, {40, 12}}

// shots are states of the screen.
var shots = []struct {
	name string
	show func(t *testing.T, o Options, w, h int) *driver
}{
	{"before", func(t *testing.T, o Options, w, h int) *driver {
		return shotReplay(t, o, w, h).Press(":").Type("4").Press("enter", "left")
	}},
	{"emptied", func(t *testing.T, o Options, w, h int) *driver {
		return shotReplay(t, o, w, h).Press(":").Type("4").Press("enter")
	}},
	{"tombstone", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("t") }},
	{"overflow", shotOverflow},
	{"running", shotRunning},
	{"fatal", shotFatal},
	{"quiet", shotQuiet},
	{"never", shotNever},
	{"help", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("t", "?") }},
	{"palette", func(t *testing.T, o Options, w, h int) *driver {
		return shotReplay(t, o, w, h).Press("t", ":").Type("ne")
	}},
	{"step", shotStep},
	{"filter", shotFilter},
	{"until", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("t", "r", "down") }},
	{"drift", shotDrift},
	{"through", shotThrough},
	{"nil", shotNil},
	{"prefix", shotPrefix},
	{"start", shotStart},
	{"start-list", shotStartList},
	{"page", shotPage},
	{"offer", shotOffer},
	{"question", shotQuestion},
	{"value", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("t", "v") }},
	{"who", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("W", "down") }},
	{"maps", func(t *testing.T, o Options, w, h int) *driver { return shotReplay(t, o, w, h).Press("m") }},
	{"zoom", func(t *testing.T, o Options, w, h int) *driver {
		return shotReplay(t, o, w, h).Press("t", "3", "x", "z")
	}},
}

func swiss(t *testing.T) *file.File {
	return tracetest.New(t, tracetest.Options{Ops: 300, Layouts: tuitest.Swiss})
}

func shotReplay(t *testing.T, o Options, w, h int) *driver {
	return drive(t, Config{Session: &Session{Timeline: swiss(t)}, Options: o}, w, h)
}

// stub is a source that does nothing, in a state.
type stub struct{ state probe.State }

func (s *stub) Caps() probe.Caps                                  { return probe.Caps{Stdin: true, Ops: true} }
func (s *stub) Run(context.Context, probe.Plan, trace.Sink) error { return nil }
func (s *stub) Do(context.Context, probe.Command) error           { return nil }
func (s *stub) State() probe.State                                { return s.state }

// shotLive shows a timeline as live, in a state, with the source lines that the
// timeline has rather than what is on this machine's disk.
func shotLive(t *testing.T, o Options, w, h int, f *file.File, st probe.State) *driver {
	t.Helper()
	d := drive(t, Config{Session: &Session{Timeline: f, Source: &stub{st}, Sites: sites}, Options: o}, 0, 0)
	for _, file := range []string{"/home/gopher/evict/cache.go", "/usr/local/go/src/internal/runtime/maps/table.go"} {
		d.m.ses.files[file] = f.Source(file)
	}
	d.m.ses.snap.live = true
	d.m.w, d.m.h, d.m.dirty = w, h, true
	d.m.locate()
	return d.look()
}

var sites = []Site{
	{Func: "main.(*cache).evict", File: "/home/gopher/evict/cache.go", Line: 11, Entry: "runtime.mapdelete_fast64"},
	{Func: "main.(*cache).reset", File: "/home/gopher/evict/cache.go", Line: 19, Entry: "runtime.mapclear"},
}

func shotRunning(t *testing.T, o Options, w, h int) *driver {
	f := tracetest.New(t, tracetest.Options{Ops: 300, Layouts: tuitest.Swiss, Running: true, Pending: true})
	d := shotLive(t, o, w, h, f, probe.State{Doing: probe.Running, At: trace.Moment{Op: 300, Phase: trace.After}})
	d.m.ses.snap.rate = 410
	d.m.dirty = true
	return d
}

func shotFatal(t *testing.T, o Options, w, h int) *driver {
	f := tracetest.New(t, tracetest.Options{Ops: 30, Layouts: tuitest.Swiss, Running: true, Pending: true})
	s := f.Sink()
	must(t, s.Output(2, []byte("fatal error: concurrent map writes\n\x1b[31mgoroutine 35 [running]:\x1b[0m\n")))
	must(t, s.End(31, trace.Ending{Outcome: trace.Fatal, Message: "fatal error: concurrent map writes"}))
	must(t, s.Fate(trace.Fate{Ended: true, Status: 2, Text: "exited with status 2: fatal error: concurrent map writes"}))
	return shotLive(t, o, w, h, f, probe.State{Doing: probe.Ended, At: trace.Moment{Op: 31, Phase: trace.After}})
}

func empty(t *testing.T, fate trace.Fate) *file.File {
	t.Helper()
	f, err := file.Create("")
	must(t, err)
	t.Cleanup(func() { f.Close() })
	s := f.Sink()
	must(t, s.Info(trace.Info{
		Target: "./server", GoVersion: "go1.23.12", PID: 4211, Layout: "classic", Ops: []string{"delete", "clear"},
		Notes: []string{"GODEBUG=asyncpreemptoff=1 is set for the target"},
	}))
	must(t, s.Output(1, []byte("listening on :8080\n")))
	if fate.Ended {
		must(t, s.Fate(fate))
	}
	return f
}

func shotQuiet(t *testing.T, o Options, w, h int) *driver {
	return shotLive(t, o, w, h, empty(t, trace.Fate{}), probe.State{Doing: probe.Running})
}

func shotNever(t *testing.T, o Options, w, h int) *driver {
	return shotLive(t, o, w, h, empty(t, trace.Fate{Ended: true, Text: "exited with status 0"}), probe.State{Doing: probe.Ended})
}

func shotFilter(t *testing.T, o Options, w, h int) *driver {
	f := tracetest.New(t, tracetest.Options{Ops: 30, Layouts: tuitest.Swiss, Running: true, Pending: true})
	return shotLive(t, o, w, h, f, probe.State{Doing: probe.Resting, At: trace.Moment{Op: 31}}).
		Press("F").Type("map=#1 goroutine=x").Press("enter")
}

// shotOverflow is a delete in a classic map with an overflow bucket.
func shotOverflow(t *testing.T, o Options, w, h int) *driver {
	f := tracetest.New(t, tracetest.Options{Ops: 600, Layouts: tuitest.Classic, Keys: 100})
	q, err := trace.Parse("op=delete found=true")
	must(t, err)
	for seq := uint64(0); ; {
		op, err := f.Find(q, seq, false)
		if err != nil {
			t.Fatal("no delete in a map with an overflow bucket")
		}
		seq = op.Seq
		dec, err := moment.Of(f, op)
		must(t, err)
		for _, c := range dec.Delta.Changes {
			if c.Where.Overflow > 0 {
				return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press(":").Type(fmt.Sprint(seq)).Press("enter")
			}
		}
	}
}

// smallMap is the memory of a small map[uint64]int at fixed places.
func smallMap(used int, ctrl ...byte) []trace.Region {
	const header, group = 0xc000100000, 0xc000200000
	h := make([]byte, 48)
	h[0] = byte(used)
	binary.LittleEndian.PutUint64(h[16:], group)
	g := make([]byte, 8+8*16)
	copy(g, "\x80\x80\x80\x80\x80\x80\x80\x80")
	copy(g, ctrl)
	for i := range ctrl {
		g[8+16*i], g[16+16*i] = byte(10+i), byte(100+i)
	}
	return []trace.Region{{Addr: header, Data: h}, {Addr: group, Data: g}}
}

// shotDrift is a before whose map was written since the last op's after.
func shotDrift(t *testing.T, o Options, w, h int) *driver {
	f, s, m := handmade(t)
	one, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: []byte{11, 0, 0, 0, 0, 0, 0, 0}, KeyText: "11"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: one}, 0, m.Addr, smallMap(3, 0x11, 0x22, 0x33)))
	must(t, s.Read(trace.Moment{Op: one, Phase: trace.After}, 0, m.Addr, smallMap(2, 0x11, 0x80, 0x33)))
	must(t, s.End(one, trace.Ending{Outcome: trace.Returned}))
	two, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: []byte{12, 0, 0, 0, 0, 0, 0, 0}, KeyText: "12"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: two}, 0, m.Addr, smallMap(3, 0x11, 0x80, 0x33, 0x44)))
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("G")
}

// shotThrough is a delete that an audit package and maps.DeleteFunc passed on: the
// caller is whose it is.
func shotThrough(t *testing.T, o Options, w, h int) *driver {
	f, s, m := handmade(t)
	stack := []trace.Frame{
		{Func: "runtime.mapdelete_fast64", File: "/usr/go/src/internal/runtime/maps/runtime_fast64.go", Line: 505, Runtime: true, Std: true},
		{Func: "deltui/hookdemo/audit.Delete[go.shape.map[uint64]int,go.shape.uint64,go.shape.int]", File: "/home/ada/audit/delete.go", Line: 125},
		{Func: "maps.DeleteFunc[go.shape.map[uint64]int,go.shape.uint64,go.shape.int]", File: "/usr/go/src/maps/maps.go", Line: 60, Std: true},
		{Func: "main.(*cache).evict", File: "/home/ada/cache.go", Line: 12},
		{Func: "main.main", File: "/home/ada/main.go", Line: 30},
		{Func: "runtime.main", File: "/usr/go/src/runtime/proc.go", Line: 290, Runtime: true, Std: true},
		{Func: "runtime.goexit", File: "/usr/go/src/runtime/asm_amd64.s", Line: 1700, Runtime: true, Std: true},
	}
	id, err := s.Begin(trace.Op{
		Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: []byte{11, 0, 0, 0, 0, 0, 0, 0}, KeyText: "11", Goroutine: 7,
		Stack: stack, Caller: stack[3],
	})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, m.Addr, smallMap(3, 0x11, 0x22, 0x33)))
	must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, m.Addr, smallMap(2, 0x11, 0x80, 0x33)))
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("right")
}

// shotNil is a delete from a nil map.
func shotNil(t *testing.T, o Options, w, h int) *driver {
	f, s, m := handmade(t)
	m.ID, m.Addr = 0, 0
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: []byte{11, 0, 0, 0, 0, 0, 0, 0}, KeyText: "11"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, 0, nil))
	must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, 0, nil))
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("right")
}

func handmade(t *testing.T) (*file.File, trace.Sink, trace.MapRef) {
	t.Helper()
	f, err := file.Create("")
	must(t, err)
	t.Cleanup(func() { f.Close() })
	s := f.Sink()
	must(t, s.Info(trace.Info{Target: "./small", GoVersion: "go1.26.8", Layout: "swiss"}))
	l, err := s.Layout(tracetest.SwissLayout())
	must(t, err)
	return f, s, trace.MapRef{ID: 1, Addr: 0xc000100000, Type: "map[uint64]int", Layout: l}
}

func shotStart(t *testing.T, o Options, w, h int) *driver {
	return drive(t, Config{Options: o, Start: startItems()}, w, h).Press("down", "down")
}

// startItems are as many as there may be.
func startItems() []StartItem {
	return []StartItem{
		{Title: "half a minute: why one, why the other?", Hint: "a recording that asks a question", Play: true},
		{Title: "a package of example.com/own", Hint: "this module's programs and tests, by the deletes they have", Items: func(context.Context) ([]StartItem, error) {
			items := []StartItem{{Title: "./cmd/srv", Hint: "2 deletes: store/store.go:5, store/inner/inner.go:6"}}
			for i := range 40 {
				items = append(items, StartItem{Title: fmt.Sprintf("--test ./store/shelf%d", i), Hint: fmt.Sprintf("1 delete: store/shelf%d/shelf.go:%d", i, 7+i)})
			}
			return items, nil
		}},
		{Title: "@evict", Hint: "A cache of login sessions that forgets the oldest one when it is full."},
		{Title: "@workers", Hint: "Four goroutines share a map of open jobs; words are counted, forgotten."},
		{Title: "@evict on Go 1.23", Hint: "the same on classic buckets, before Swiss maps"},
		{Title: "leak.deltui", Hint: "a recording in ~/srv"},
		{Title: "doctor", Hint: "what works on this machine", Text: "ptrace: yes"},
		{Title: "how to watch your own program", Hint: "what to type for a package, a built binary, a failing test", Text: "# A package\n    deltui ./cmd/srv\nIt is built.\n"},
	}
}

// shotStartList is the list that an item makes, at an item that has to be
// scrolled to.
func shotStartList(t *testing.T, o Options, w, h int) *driver {
	return drive(t, Config{Options: o, Start: startItems()}, w, h).Press("2", "G", "up")
}

func shotPage(t *testing.T, o Options, w, h int) *driver {
	return drive(t, Config{Options: o, Start: startItems()}, w, h).Press("8")
}

// shotOffer is the last card of the start screen's recording.
func shotOffer(t *testing.T, o Options, w, h int) *driver {
	f := swiss(t)
	next := StartItem{Title: "watch @evict live", Open: func(context.Context, func(Progress)) (*Session, error) { return &Session{Timeline: f}, nil }}
	start := startItems()
	start[0].Open = func(context.Context, func(Progress)) (*Session, error) {
		return &Session{Timeline: f, Next: &next, Captions: []Caption{{Seq: 2, Phase: trace.After, Text: "Every cell is empty again."}}}, nil
	}
	start[0].Play = false
	return drive(t, Config{Options: o, Start: start}, w, h).Press("1").Go(3)
}

func shotQuestion(t *testing.T, o Options, w, h int) *driver {
	f := swiss(t)
	q, err := trace.Parse("to=deleted")
	must(t, err)
	op, err := f.Find(q, 0, false)
	must(t, err)
	return drive(t, Config{Session: &Session{Timeline: f, Captions: []Caption{{
		Seq: op.Seq, Phase: trace.Before,
		Text:     "The last delete left an empty cell behind.",
		Question: "What will this one leave: 80 or fe?",
		Answer:   "fe: its group is full, and a search for another key may have passed through it.",
	}}}, Options: o}, w, h).Press("t", "left")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestScreens compares each state at each size with its golden file.
func TestScreens(t *testing.T) {
	for _, s := range shots {
		t.Run(s.name, func(t *testing.T) {
			var b strings.Builder
			for _, size := range sizes {
				d := s.show(t, Options{}, size[0], size[1])
				fmt.Fprintf(&b, "%s at %dx%d\n%s\n\n", s.name, size[0], size[1], d.Screen())
			}
			golden(t, s.name, b.String())
		})
	}
}

var sgrColor = regexp.MustCompile(`␛\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7]|10[0-7])\b[0-9;]*m`)

// TestColors: the same words at every colour depth, no colour where there is
// none, and each depth's own sequences as they were.
func TestColors(t *testing.T) {
	for _, p := range []struct {
		name    string
		profile colorprofile.Profile
	}{{"truecolor", colorprofile.TrueColor}, {"16", colorprofile.ANSI}, {"none", colorprofile.Ascii}} {
		t.Run(p.name, func(t *testing.T) {
			var b strings.Builder
			for _, size := range sizes {
				d := shotReplay(t, Options{}, size[0], size[1]).Press("t")
				text := d.Screen()
				d.Colors(p.profile)
				if got := d.Screen(); got != text {
					t.Errorf("the words changed with the colours:\n%s\n%s", text, got)
				}
				ansi := d.ANSI()
				if got := sgrColor.MatchString(ansi); got != (p.name != "none") {
					t.Errorf("colours on the screen: %v", got)
				}
				fmt.Fprintf(&b, "%s at %dx%d\n%s\n\n", p.name, size[0], size[1], ansi)
			}
			golden(t, "color-"+p.name, b.String())
		})
	}
}

// TestASCII: nothing but ASCII on any screen, and the cells as they were.
func TestASCII(t *testing.T) {
	var b strings.Builder
	for _, s := range shots {
		for i, size := range sizes {
			if i%2 == 0 && s.name != "tombstone" && s.name != "overflow" {
				continue // two sizes do where nothing is written down
			}
			d := s.show(t, Options{ASCII: true, NoColor: true}, size[0], size[1])
			text := d.Screen()
			for _, r := range text {
				if r >= 0x80 {
					t.Fatalf("%s at %v: %q is on the screen:\n%s", s.name, size, r, text)
				}
			}
			if s.name == "tombstone" || s.name == "overflow" {
				fmt.Fprintf(&b, "%s at %dx%d\n%s\n\n", s.name, size[0], size[1], text)
			}
		}
	}
	golden(t, "ascii", b.String())
}

// TestLight: a light background has colours of its own.
func TestLight(t *testing.T) {
	d := shotReplay(t, Options{}, 120, 40).Press("t")
	dark := d.ANSI()
	d.m.light = true
	d.m.restyle()
	if d.ANSI() == dark {
		t.Error("a light background looks like a dark one")
	}
}
