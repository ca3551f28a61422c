package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"deltui/internal/export"
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/testenv"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// A page of 1 000 ops is under 1 MB.
func TestPageSize(t *testing.T) {
	for name, o := range map[string]tracetest.Options{
		"both layouts": {Ops: 1000}, "swiss": {Ops: 1000, Layouts: []gomap.LayoutKind{gomap.Swiss}, Keys: 200},
	} {
		var buf bytes.Buffer
		if r, err := export.Write(t.Context(), &buf, tracetest.New(t, o), export.Page, export.At{}); err != nil || r.Ops != 1000 {
			t.Fatalf("%+v, %v", r, err)
		}
		t.Logf("%s: %d bytes", name, buf.Len())
		if buf.Len() >= 1e6 {
			t.Errorf("%s: a page of 1 000 ops has %d bytes", name, buf.Len())
		}
	}
}

// want is what the page has to draw at a moment, by package moment.
func want(t *testing.T, tl trace.Timeline, seq uint64, phase trace.Phase) []cell {
	t.Helper()
	op, err := tl.Seq(seq)
	if err != nil {
		t.Fatal(err)
	}
	s, err := moment.Load(tl, trace.Moment{Op: op.ID, Phase: phase})
	if err != nil {
		t.Fatal(err)
	}
	var cs []cell
	m := s.Shown().Map
	for i := range m.Rows {
		for c := range gomap.CellsPerRow {
			at := gomap.Place{Row: i, Cell: c}
			w := cell{Row: m.Rows[i].Where.String(), Cell: c, Byte: int(m.Rows[i].Ctrl[c])}
			switch m.Layout.State(&m.Rows[i], c) {
			case gomap.Full, gomap.Deleted, gomap.EmptyOne:
				w.Key = s.KeyOf(at, 64)
			}
			cs = append(cs, w)
		}
	}
	return cs
}

func same(t *testing.T, where string, got, want []cell) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%s: %d cells, want %d", where, len(got), len(want))
		return
	}
	for i := range got {
		g := got[i]
		if g.Label == "" {
			t.Errorf("%s: cell %+v has no label", where, g)
		}
		if g.Label = ""; g != want[i] {
			t.Errorf("%s: %+v, want %+v", where, g, want[i])
			return
		}
	}
}

func (b *browser) place() string { return b.text("#place") }

// It scrubs by keys, mouse and touch, and shows the cells that are right there.
func TestPageScrubs(t *testing.T) {
	const ops = 150
	tl := tracetest.New(t, tracetest.Options{Ops: ops})
	b := openPage(t, tl, "", 1400, 1000)
	at := func(seq uint64, phase trace.Phase) {
		t.Helper()
		if got, want := b.place(), fmt.Sprintf("op %d of %d, %s", seq, ops, phase); got != want {
			t.Fatalf("the page is at %q, want %q", got, want)
		}
		same(t, b.place(), b.cells(), want(t, tl, seq, phase))
	}
	at(1, trace.Before)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	at(1, trace.After)
	b.do(chromedp.KeyEvent(kb.End))
	at(ops, trace.After)
	b.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft))
	at(ops-1, trace.After)
	b.do(chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.PageDown))
	at(11, trace.Before)

	// By t, the next tombstone, as the timeline has it.
	q, err := trace.Parse("mark=x")
	if err != nil {
		t.Fatal(err)
	}
	op, err := tl.Find(q, 10, false)
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.KeyEvent("t"))
	at(op.Seq, trace.After)

	// By touch: a finger goes down at a third of the strip and moves to its middle.
	var r struct{ X, Y, Width, Height float64 }
	b.eval(`document.querySelector("#strip").getBoundingClientRect().toJSON()`, &r)
	touch := func(kind input.DispatchTouchEventType, part float64) {
		ev := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
		if kind != input.DispatchTouchEventTypeTouchEnd {
			ev.TouchPoints = []*input.TouchPoint{{X: r.X + r.Width*part, Y: r.Y + r.Height/2}}
		}
		call(b, input.DispatchTouchEvent, ev)
	}
	touch(input.DispatchTouchEventTypeTouchStart, 1./3+.001)
	at(ops/3+1, trace.Before)
	touch(input.DispatchTouchEventTypeTouchMove, .501)
	touch(input.DispatchTouchEventTypeTouchEnd, 0)
	at(ops/2+1, trace.Before)

	// By mouse, and by an address.
	b.do(chromedp.MouseClickXY(r.X+r.Width-1, r.Y+r.Height/2))
	at(ops, trace.After)
	var ok bool
	b.eval(`new Promise(done => { addEventListener("hashchange", () => setTimeout(() => done(true))); location.hash = "#77b" })`, &ok)
	at(77, trace.Before)
}

// Every cell says who made it, as the ops of the timeline say one by one.
func TestPageWriter(t *testing.T) {
	const ops = 150
	for _, kind := range []gomap.LayoutKind{gomap.Swiss, gomap.Classic} {
		t.Run(kind.String(), func(t *testing.T) {
			tl := tracetest.New(t, tracetest.Options{Ops: ops, Layouts: []gomap.LayoutKind{kind}})
			// The last op that wrote a control byte, by its address.
			writers := map[uint64]uint64{}
			var last *moment.Act
			for seq := uint64(1); seq <= ops; seq++ {
				op, err := tl.Seq(seq)
				if err != nil {
					t.Fatal(err)
				}
				if last, err = moment.Of(tl, op); err != nil {
					t.Fatal(err)
				}
				was := map[uint64]byte{}
				for i := range last.Before.Map.Rows {
					for c, b := range last.Before.Map.Rows[i].Ctrl {
						was[last.Before.Map.Layout.CtrlAddr(&last.Before.Map.Rows[i], c)] = b
					}
				}
				for i := range last.After.Map.Rows {
					for c, b := range last.After.Map.Rows[i].Ctrl {
						addr := last.After.Map.Layout.CtrlAddr(&last.After.Map.Rows[i], c)
						if old, ok := was[addr]; !ok || old != b {
							writers[addr] = seq
						}
					}
				}
			}
			b := openPage(t, tl, fmt.Sprintf("#%d", ops), 1400, 1000)
			// With a click on each cell.
			var made []struct{ Text, Addr string }
			b.eval(`[...document.querySelectorAll(".cellbox")].map((_, i) => {
				document.querySelectorAll(".cellbox")[i].click();
				return {text: [...document.querySelectorAll(".history b")].map(e => e.textContent).includes("elem written") ? "" : document.querySelector("#made").textContent,
					addr: document.querySelector(".pairs dd:last-child").textContent};
			})`, &made)
			m, n, tombstones := last.After.Map, 0, 0
			for i := range m.Rows {
				for c := range gomap.CellsPerRow {
					got := made[i*gomap.CellsPerRow+c]
					if got.Addr != fmt.Sprintf("0x%x", m.Rows[i].Addr) {
						t.Fatalf("row at %s, want %#x", got.Addr, m.Rows[i].Addr)
					}
					if got.Text == "" {
						continue // an elem was written since
					}
					// The page's answer is that of the screen, too.
					asked, err := moment.WriterOf(tl, moment.Spot{At: last.After.At, MapID: last.Op.Map.ID, Addr: m.Layout.CtrlAddr(&m.Rows[i], c)})
					if err != nil {
						t.Fatal(err)
					}
					if !asked.Nobody() && !strings.Contains(got.Text, fmt.Sprintf("since op %d:", asked.By.Seq)) || asked.Nobody() && asked.Did != moment.Unseen {
						t.Errorf("%s cell %d: %q, and by moment.WriterOf op %d", m.Rows[i].Where, c, got.Text, asked.By.Seq)
					}
					want := "since before op 1,"
					if w := writers[m.Layout.CtrlAddr(&m.Rows[i], c)]; w > 0 {
						want = fmt.Sprintf("since op %d:", w)
						n++
						if m.Layout.State(&m.Rows[i], c) == gomap.Deleted {
							tombstones++
							if !strings.HasPrefix(got.Text, "tombstone since op") || !strings.Contains(got.Text, "delete(m, ") || !strings.Contains(got.Text, "(*cache).evict cache.go:11") {
								t.Errorf("%q", got.Text)
							}
						}
					}
					if !strings.Contains(got.Text, want) {
						t.Errorf("%s cell %d: %q, want %q", m.Rows[i].Where, c, got.Text, want)
					}
				}
			}
			if n < 20 || kind == gomap.Swiss && tombstones == 0 {
				t.Errorf("only %d writers and %d tombstones: nothing is proved", n, tombstones)
			}
		})
	}
}

// With "ask first" nothing of what comes is shown until one has said something.
func TestPageAsks(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 100, Layouts: []gomap.LayoutKind{gomap.Swiss}})
	q, err := trace.Parse("mark=x")
	if err != nil {
		t.Fatal(err)
	}
	op, err := tl.Find(q, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	b := openPage(t, tl, fmt.Sprintf("?ask#%db", op.Seq), 1400, 1000)
	if why := b.text("#why"); strings.Contains(why, "tombstone") {
		t.Errorf("the answer is told before: %q", why)
	}
	var words []string
	b.eval(`[...document.querySelectorAll("#choices button")].map(b => b.textContent)`, &words)
	if len(words) != 3 {
		t.Fatalf("choices %q", words)
	}
	b.do(chromedp.Click(chromedp.CSS("#choices button:nth-child(1)")))
	if v := b.text("#verdict"); !strings.Contains(v, "left a tombstone") || !strings.Contains(v, "You said: its cell becomes empty") {
		t.Errorf("after a wrong word: %q", v)
	}
	b.do(chromedp.KeyEvent("a"), chromedp.KeyEvent("a"), chromedp.KeyEvent(kb.ArrowLeft), chromedp.Click(chromedp.CSS("#choices button:nth-child(2)")))
	if v := b.text("#verdict"); !strings.Contains(v, "You said so") {
		t.Errorf("after the right word: %q", v)
	}
}

// axe-core finds nothing serious, dark and light, wide and narrow.
func TestPageAccessible(t *testing.T) {
	path := os.Getenv("DELTUI_AXE")
	if path == "" {
		testenv.Missing(t, "DELTUI_AXE does not name axe-core's axe.min.js (npm install axe-core)")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tl := tracetest.New(t, tracetest.Options{Ops: 150})
	q, err := trace.Parse("mark=x")
	if err != nil {
		t.Fatal(err)
	}
	op, err := tl.Find(q, 20, false)
	if err != nil {
		t.Fatal(err)
	}
	b := openPage(t, tl, "", 1400, 900)
	b.do(chromedp.Evaluate[chromedp.Void](string(axe)))
	for _, width := range []int64{390, 1400} {
		for _, scheme := range []string{"dark", "light"} {
			for _, asking := range []bool{false, true} {
				call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
				b.do(chromedp.EmulateViewport(width, 900))
				fragment := fmt.Sprintf("#%d", op.Seq)
				if asking {
					fragment += "b"
				}
				b.eval(fmt.Sprintf(`{const ask = document.querySelector("#ask"); if ((ask.getAttribute("aria-pressed") === "true") !== %t) ask.click(); location.hash = %q; true}`, asking, fragment), new(bool))
				b.audit(fmt.Sprintf("%d columns, %s, asking %t", width, scheme, asking))
			}
		}
	}
}

// audit asks axe-core what is wrong with the page.
func (b *browser) audit(where string) {
	b.t.Helper()
	var found []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	b.eval(`axe.run().then(r => r.violations)`, &found)
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			b.t.Errorf("%s: %s (%s): %s, %d times: %s\n%s", where, v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
			continue
		}
		b.t.Logf("%s: %s (%s): %s: %s", where, v.ID, v.Impact, v.Help, v.Nodes[0].HTML)
	}
	var wide bool
	b.eval(`document.documentElement.scrollWidth > innerWidth`, &wide)
	if wide {
		b.t.Errorf("%s: the page is wider than the screen", where)
	}
}

var hostile = []string{
	`<img src=x onerror="window.pwned=1">`, `</script><script>window.pwned=1</script>`, `<!--<script>`, `"><svg onload=window.pwned=1>`,
	`{{.Info}}`, "\u2028\u2029", `'+window.pwned+'`, `javascript:window.pwned=1`, `&lt;b&gt;`,
}

// strange is a timeline whose every text is hostile.
type strange struct {
	trace.Timeline
	text string
}

func (s strange) Info() trace.Info {
	i := s.Timeline.Info()
	i.Target, i.GoVersion, i.Notes = s.text, s.text, []string{s.text}
	return i
}

func (s strange) Seq(seq uint64) (*trace.Op, error) { return s.op(s.Timeline.Seq(seq)) }

func (s strange) Op(id trace.OpID) (*trace.Op, error) { return s.op(s.Timeline.Op(id)) }

func (s strange) op(op *trace.Op, err error) (*trace.Op, error) {
	if err != nil {
		return nil, err
	}
	o := *op
	o.KeyText, o.Func, o.Message, o.Map.Type = s.text, s.text, s.text, s.text
	o.Stack = []trace.Frame{{Func: s.text, File: s.text, Line: 7}, {Func: s.text, File: s.text, Line: 8}}
	o.Caller = o.Stack[1]
	return &o, nil
}

func (s strange) Source(string) map[int]string { return map[int]string{7: s.text, 8: s.text} }

// A key that is HTML, or a script, stays text, and so does all else.
func TestPageHostile(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 6})
	b := newBrowser(t, 1000, 900)
	for _, text := range hostile {
		b.open(strange{tl, text}, "#1b")
		var got struct {
			Pwned          any
			Images, Script int
			Call           string
			Frames         []string
			Line, Title    string
		}
		b.eval(`({pwned: window.pwned ?? null, images: document.querySelectorAll("img, svg, iframe").length, script: document.scripts.length,
			call: document.querySelector("#call").textContent, frames: [...document.querySelectorAll("#stack button")].map(e => e.firstChild.textContent),
			line: document.querySelector("#source li:last-child").lastChild.textContent, title: document.title})`, &got)
		if got.Pwned != nil || got.Images != 0 || got.Script != 3 {
			t.Errorf("%s was obeyed: %+v", text, got)
		}
		if !strings.Contains(got.Call, text) || got.Line != text || len(got.Frames) != 2 || !strings.HasPrefix(got.Title, strings.TrimSpace(strings.NewReplacer("\u2028", " ", "\u2029", " ").Replace(text))) && !strings.Contains(text, "\u2028") {
			t.Errorf("%s is not shown as it is: %+v", text, got)
		}
	}
}

// The records of a page are JSON without a <, whatever is in them, and its policy
// allows nothing but its own style and script.
func TestPageSource(t *testing.T) {
	for _, text := range hostile {
		var buf bytes.Buffer
		if _, err := export.Write(t.Context(), &buf, strange{tracetest.New(t, tracetest.Options{Ops: 6}), text}, export.Page, export.At{Seq: 1}); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"info", "records"} {
			m := regexp.MustCompile(`(?s)id="` + id + `">([^<]*)</script>`).FindSubmatch(buf.Bytes())
			if m == nil || !json.Valid(m[1]) {
				t.Errorf("%s: its %s are no JSON, or have a <", text, id)
			}
		}
		policy := `content="default-src 'none'; script-src 'sha256-[^;]*'; style-src 'sha256-[^;]*'; base-uri 'none'; form-action 'none'"`
		if !regexp.MustCompile(policy).MatchString(html.UnescapeString(buf.String())) {
			t.Error("the policy is not there")
		}
	}
}
