package auditlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deltui.example/hookdemo/audit"
)

// rec is a record as a reader of the log sees it.
type rec struct {
	Msg       string
	Level     string
	Seq       int64
	Goroutine int64
	Depth     int
	Caller    struct {
		Func, File string
		Line       int
	}
	Map     string
	MapType string `json:"map_type"`
	KeyType string `json:"key_type"`
	Key     string
	KeyLen  int `json:"key_len"`
	Found   bool
	Len     [2]int
	Hook    string
	Outcome string
	Rate    float64
	Nest    int
	Error   string
	Faults  []string
	Actor   string

	Records int64 // dropped
	Written int64 // end
	Dropped int64 // end
	Text    string
	Phase   string
}

// parse reads a log's lines; torn counts those that are not whole.
func parse(t testing.TB, text []byte) (recs []rec, torn int) {
	t.Helper()
	for _, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		var r rec
		if err := json.Unmarshal(line, &r); err != nil {
			torn++
			continue
		}
		recs = append(recs, r)
	}
	return recs, torn
}

func only(recs []rec, msg string) (of []rec) {
	for _, r := range recs {
		if r.Msg == msg {
			of = append(of, r)
		}
	}
	return of
}

// buffer is a writer to look into.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]byte(nil), b.buf.Bytes()...)
}

func open(t testing.TB, o Options) *Log {
	t.Helper()
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

func use(t testing.TB, h audit.Hook) {
	old := audit.Set(h)
	t.Cleanup(func() { audit.Set(old) })
}

func shut(t testing.TB, l *Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

type session struct{}

//go:noinline
func evict(m map[string]*session, k string) error { return audit.Delete(m, k) }

func TestRecord(t *testing.T) {
	var b buffer
	l := open(t, Options{Writer: &b, KeyBytes: 20})
	audit.OnFault(l.Watch())
	defer audit.OnFault(nil)
	use(t, audit.Chain(l, audit.Cascade("Cascade", func(op *audit.Op) error {
		switch {
		case op.Key == "veto":
			return errors.New("still in use")
		case op.Key == "panic":
			panic("oops")
		}
		return nil
	})))
	m := map[string]*session{"a": {}, "veto": {}, "panic": {}, "b": {}}
	_ = evict(m, "a")
	_ = evict(m, "a")
	_ = evict(m, "veto")
	_ = evict(m, "panic")
	_ = evict(m, strings.Repeat("k", 100))
	other := map[any]int{1: 1}
	_ = audit.DeleteContext(audit.WithActor(context.Background(), "alice@example.com, from the console"), other, any(1))
	shut(t, l)

	recs, torn := parse(t, b.Bytes())
	if torn != 0 {
		t.Fatalf("%d lines are no JSON:\n%s", torn, b.Bytes())
	}
	dels := only(recs, "delete")
	var got []string
	for _, r := range dels {
		got = append(got, fmt.Sprintf("%s %d %s %s %s %d %v %v %s %s %g %s %v",
			r.Level, r.Seq, r.MapType, r.KeyType, r.Key, r.KeyLen, r.Found, r.Len, r.Hook, r.Outcome, r.Rate, r.Error, r.Faults))
	}
	want := []string{
		`INFO 1 map[string]*auditlog.session string "a" 0 true [4 3] AuditLog+Cascade deleted 1  []`,
		`INFO 2 map[string]*auditlog.session string "a" 0 false [3 3] AuditLog+Cascade absent 1  []`,
		`WARN 3 map[string]*auditlog.session string "veto" 0 true [3 3] AuditLog+Cascade aborted 1 delete aborted by hook Cascade, the map is unchanged: still in use []`,
		`WARN 4 map[string]*auditlog.session string "panic" 0 true [3 3] AuditLog+Cascade aborted 1 delete aborted by hook Cascade, the map is unchanged: panic: oops [Cascade.before: oops]`,
		`INFO 5 map[string]*auditlog.session string "kkkkkkkkkkkkkkkkkkk… 100 false [3 3] AuditLog+Cascade absent 1  []`,
		`INFO 6 map[interface {}]int interface {} int(1) 0 true [1 0] AuditLog+Cascade deleted 1  []`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("records\n%s\nwant\n%s", g, w)
	}
	for i, r := range dels[:5] {
		if r.Caller.Func != "deltui.example/hookdemo/auditlog.evict" || !strings.HasSuffix(r.Caller.File, "log_test.go") || r.Caller.Line == 0 {
			t.Errorf("record %d: caller %+v", i+1, r.Caller)
		}
		if r.Map != MapID(m) || r.Goroutine != goroutine() || r.Depth != dels[0].Depth {
			t.Errorf("record %d: map %s, goroutine %d, depth %d", i+1, r.Map, r.Goroutine, r.Depth)
		}
	}
	if dels[5].Map != MapID(other) || dels[5].Map == dels[0].Map {
		t.Errorf("two maps are %s and %s", dels[0].Map, dels[5].Map)
	}
	if dels[5].Actor != "alice@example.com, f…" || dels[0].Actor != "" {
		t.Errorf("actors %q and %q", dels[5].Actor, dels[0].Actor)
	}
	if dels[5].Depth != dels[0].Depth-1 {
		t.Errorf("depth %d here and %d one call deeper", dels[5].Depth, dels[0].Depth)
	}
	if f := only(recs, "fault"); len(f) != 1 || f[0].Text != "oops" || f[0].Phase != "before" {
		t.Errorf("faults %+v", f)
	}
	if e := only(recs, "end"); len(e) != 1 || e[0].Written != 7 || recs[len(recs)-1].Msg != "end" {
		t.Errorf("end %+v", e)
	}
}

// TestClosed: what a delete does after Close is a choice.
func TestClosed(t *testing.T) {
	for _, c := range []struct {
		closed Closed
		left   int
		err    error
	}{{FailClosed, 1, ErrClosed}, {FailOpen, 0, nil}} {
		t.Run(c.closed.String(), func(t *testing.T) {
			var b buffer
			l := open(t, Options{Writer: &b, Closed: c.closed})
			told := &told{}
			use(t, audit.Chain(l, told))
			_ = audit.Delete(map[int]int{}, 1)
			shut(t, l)
			m := map[string]*session{"a": {}}
			if err := evict(m, "a"); !errors.Is(err, c.err) || len(m) != c.left {
				t.Errorf("after Close: %v, map %v", err, m)
			}
			if got := l.Stats().Unrecorded; got != int64(1-c.left) {
				t.Errorf("%d deletes without a record", got)
			}
			if want := 2 - c.left; told.n != want {
				t.Errorf("the next hook was told of %d deletes, want %d", told.n, want)
			}
			if err := l.Close(context.Background()); err != nil {
				t.Errorf("second Close: %v", err)
			}
			if recs, _ := parse(t, b.Bytes()); len(recs) != 2 || recs[1].Msg != "end" {
				t.Errorf("%d records", len(recs))
			}
		})
	}
}

type told struct{ n int }

func (*told) Name() string           { return "told" }
func (*told) Before(*audit.Op) error { return nil }
func (h *told) After(*audit.Op)      { h.n++ }

// A log that a crash cut off goes on with a line of its own.
func TestTornEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(file, []byte("{}\n{\"msg\":\"del"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, Options{File: file})
	use(t, l)
	churn(t, 1, 1)
	shut(t, l)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if recs, torn := parse(t, text); torn != 1 || len(recs) != 3 {
		t.Errorf("%d records, %d torn lines in\n%s", len(recs), torn, text)
	}
}

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []Options{{}, {File: dir}, {Writer: &buffer{}, Queue: -1}, {Writer: &buffer{}, KeyBytes: -1}, {Writer: &buffer{}, Full: 2}, {Writer: &buffer{}, Closed: -1}} {
		if l, err := New(o); err == nil {
			_ = l.Close(context.Background())
			t.Errorf("New(%+v): no error", o)
		} else if !strings.HasPrefix(err.Error(), "auditlog: ") {
			t.Errorf("New(%+v): %v", o, err)
		}
	}
}

// churn deletes n keys in each of g goroutines and returns how many deletes
// returned nil.
func churn(t *testing.T, g, n int) (done int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < g; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := map[int]int{}
			for k := 0; k < n; k++ {
				m[k] = k
				if err := audit.Delete(m, k); err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				}
			}
		}()
	}
	wg.Wait()
	return done
}

func distinct(t *testing.T, recs []rec) int {
	t.Helper()
	seen := map[int64]bool{}
	for _, r := range recs {
		if seen[r.Seq] {
			t.Errorf("seq %d twice", r.Seq)
		}
		seen[r.Seq] = true
	}
	return len(seen)
}

// A pipe cannot be synced, and is a writer all the same.
func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	text := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(r)
		text <- all
	}()
	l := open(t, Options{Writer: w})
	use(t, l)
	churn(t, 1, 3)
	shut(t, l)
	if recs, torn := parse(t, <-text); len(recs) != 4 || torn != 0 {
		t.Errorf("%d records, %d torn", len(recs), torn)
	}
}

func TestRotation(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{File: filepath.Join(dir, "logs", "audit.jsonl"), MaxSize: 1})
	use(t, l)
	want := churn(t, 4, 2500)
	shut(t, l)
	files, err := filepath.Glob(filepath.Join(dir, "logs", "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files %v, %v", files, err)
	}
	var all []rec
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 1<<20 {
			t.Errorf("%s has %d bytes", f, len(text))
		}
		recs, torn := parse(t, text)
		if torn > 0 {
			t.Errorf("%s: %d torn lines", f, torn)
		}
		all = append(all, only(recs, "delete")...)
	}
	if got := distinct(t, all); got != want {
		t.Errorf("%d records of %d deletes in %d files", got, want, len(files))
	}
}
