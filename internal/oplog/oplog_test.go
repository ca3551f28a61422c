package oplog

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/visible"
)

var update = flag.Bool("update", false, "write the golden files")

var swissLayout = &gomap.Layout{
	Kind: gomap.Swiss, Type: "map[uint64]int",
	Key: &gomap.Type{Name: "uint64", Kind: reflect.Uint64, Size: 8}, Elem: &gomap.Type{Name: "int", Kind: reflect.Int, Size: 8},
	Row: gomap.RowLayout{Size: 136, Keys: 8, KeyStride: 16, Elems: 16, ElemStride: 16},
}

// look is a map as it was seen, with one group.
func look(m *gomap.Map) *moment.Look {
	const at, cell, elem = 0xc000056fc0, 2, 7
	row := make([]byte, swissLayout.Row.Size)
	row[swissLayout.Row.Elems+cell*swissLayout.Row.ElemStride] = elem
	m.Rows = []gomap.Row{{Addr: at}}
	return &moment.Look{Layout: m.Layout, Root: m.Root, Map: m, Mem: trace.NewMemory([]trace.Region{{Addr: at, Data: row}})}
}

func field(name string, k gomap.FieldKind, v uint64) gomap.FieldValue {
	return gomap.FieldValue{Field: gomap.Field{Name: name, Kind: k}, Value: v}
}

func header(used uint64, tombs bool) *moment.Look {
	t := uint64(0)
	if tombs {
		t = 1
	}
	return look(&gomap.Map{Layout: swissLayout, Root: 0xc000012345, Used: used, Header: []gomap.FieldValue{
		field("used", gomap.FieldInt, used), field("seed", gomap.FieldHash, 0xfeedfacecafe), field("dirPtr", gomap.FieldPtr, 0xc000056000),
		field("dirLen", gomap.FieldInt, 1), field("index", gomap.FieldSint, ^uint64(0)), field("tombstonePossible", gomap.FieldBool, t),
	}})
}

// acts are hand-made ops, one of each sort.
func acts() map[string]*moment.Act {
	stack := []trace.Frame{
		{Func: "runtime.mapdelete_fast64", File: "/go/src/internal/runtime/maps/runtime_fast64.go", Line: 505, Runtime: true},
		{Func: "main.(*cache).evict", File: "/home/ada/cache.go", Line: 41, Inlined: true},
		{Func: "main.(*cache).Put", File: "/home/ada/cache.go", Line: 28},
		{Func: "main.main", File: "/home/ada/main.go", Line: 17},
		{Func: "runtime.main", File: "/go/src/runtime/proc.go", Line: 290, Runtime: true},
	}
	op := trace.Op{
		ID: 14, Seq: 12, Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Goroutine: 1, Outcome: trace.Returned,
		Map:     trace.MapRef{ID: 1, Addr: 0xc000012345, Type: "map[uint64]int", Layout: 1},
		KeyText: "42", Stack: stack, Caller: stack[1],
	}
	vs := map[string]*moment.Act{}
	add := func(name string, f func(a *moment.Act)) {
		o := op
		a := &moment.Act{Op: &o, Before: &moment.Look{}}
		f(a)
		vs[name] = a
	}
	add("tombstone", func(a *moment.Act) {
		a.Before, a.After = header(13, false), header(12, true)
		a.Delta = &gomap.Delta{
			Changes: []gomap.Change{{
				Addr: 0xc000056fc2, Where: gomap.Where{}, Cell: 2, From: 0x7c, To: 0xfe,
				State: [2]gomap.State{gomap.Full, gomap.Deleted}, Rule: "swiss.delete.group-full",
			}},
			Found: true, FoundKnown: true, Used: [2]uint64{13, 12}, Tombstones: [2]int{0, 1}, Rule: "swiss.delete.group-full",
			Why: "group 0 had no empty cell, so a longer probe may have passed through it: the cell became a tombstone",
		}
	})
	// What lies between the entry point and the caller is told, and the op's own
	// change comes first.
	add("through", func(a *moment.Act) {
		a.Op.Func = "runtime.mapdelete_faststr"
		a.Op.Stack = []trace.Frame{
			{Func: "runtime.mapdelete_faststr", File: "/go/src/internal/runtime/maps/runtime_faststr.go", Line: 380, Runtime: true, Std: true},
			{Func: "deltui/hookdemo/audit.Delete[go.shape.map[string]main.T,go.shape.string,main.T]", File: "/home/ada/audit/delete.go", Line: 12},
			{Func: "maps.DeleteFunc[go.shape.map[string]main.T,go.shape.string,main.T]", File: "/go/src/maps/maps.go", Line: 60, Std: true},
			{Func: "main.evict", File: "/home/ada/evict.go", Line: 12},
			{Func: "main.main", File: "/home/ada/main.go", Line: 17},
		}
		a.Op.Caller = a.Op.Stack[3]
		a.Before, a.After = header(13, false), header(12, true)
		a.Delta = &gomap.Delta{
			Found: true, FoundKnown: true, Used: [2]uint64{13, 12}, Rule: "swiss.delete.group-full", Unexplained: 1, Why: "two goroutines",
			Changes: []gomap.Change{
				{Addr: 0xc000056e80, Cell: 1, From: 0xfe, To: 0x80, State: [2]gomap.State{gomap.Deleted, gomap.Empty}},
				{Addr: 0xc000056fc2, Where: gomap.Where{Row: 1}, Cell: 2, From: 0x7c, To: 0xfe, State: [2]gomap.State{gomap.Full, gomap.Deleted}, Rule: "swiss.delete.group-full"},
			},
		}
	})
	add("absent", func(a *moment.Act) {
		a.Before, a.After = header(13, false), header(13, false)
		a.Op.KeyText, a.Op.Drift = `"no\nbody"`, 3
		a.Delta = &gomap.Delta{FoundKnown: true, Used: [2]uint64{13, 13}, Rule: "swiss.delete.absent", Why: "the key was not in the map"}
	})
	add("nil", func(a *moment.Act) {
		a.Op.Map = trace.MapRef{Type: "map[string]int", Layout: 1}
		a.Op.KeyText = `"k1"`
	})
	add("panicked", func(a *moment.Act) {
		a.Op.Outcome, a.Op.Message = trace.Panicked, "runtime error: hash of unhashable type: []int\x1b[31m"
		a.Op.Func, a.Op.KeyText = "runtime.mapdelete", "[]int(0xc000010000)"
		a.Before = header(2, false)
	})
	add("unread", func(a *moment.Act) { a.Op.Outcome = trace.Detached })
	add("clear", func(a *moment.Act) {
		a.Op.Kind, a.Op.Func, a.Op.KeyText = gomap.Clear, "runtime.mapclear", ""
		a.Before, a.After = header(300, true), header(0, false)
		d := &gomap.Delta{Used: [2]uint64{300, 0}, Tombstones: [2]int{1, 0}, Why: "clear empties every cell", Events: []gomap.Event{gomap.Reseed}}
		for i := range 300 {
			d.Changes = append(d.Changes, gomap.Change{
				Addr: 0xc000056000 + uint64(i/8*136+i%8), Where: gomap.Where{Row: uint64(i / 8)}, Cell: i % 8, From: byte(i) & 0x7f, To: 0x80,
				State: [2]gomap.State{gomap.Full, gomap.Empty}, Rule: "swiss.clear",
			})
		}
		a.Delta = d
	})
	add("classic", func(a *moment.Act) {
		l := &gomap.Layout{Kind: gomap.Classic}
		a.Before, a.After = look(&gomap.Map{Layout: l, Root: 1, Used: 9, Header: []gomap.FieldValue{field("count", gomap.FieldInt, 9)}}), look(&gomap.Map{Layout: l, Root: 1, Used: 8, Header: []gomap.FieldValue{field("count", gomap.FieldInt, 8)}})
		a.Op.KeyText, a.Op.KeyLen = `"`+strings.Repeat("é", 127), 1000
		a.Delta = &gomap.Delta{
			FoundKnown: true, Found: true, Used: [2]uint64{9, 8}, Unexplained: 1,
			Changes: []gomap.Change{
				{Addr: 16, Where: gomap.Where{Classic: true, Row: 5}, Cell: 7, From: 0x4a, To: 1, State: [2]gomap.State{gomap.Full, gomap.EmptyOne}, Rule: "classic.delete.empty-one"},
				{Addr: 32, Where: gomap.Where{Classic: true, Row: 5, Overflow: 1}, Cell: 0, From: 1, To: 0, State: [2]gomap.State{gomap.EmptyOne, gomap.EmptyRest}, Rule: "classic.delete.empty-rest"},
				{Addr: 48, Where: gomap.Where{Classic: true, Row: 3, Old: true}, Cell: 0, From: 0x80, To: 2, State: [2]gomap.State{gomap.Full, gomap.EvacuatedX}},
			},
			Events: []gomap.Event{gomap.Evacuate}, Why: "two rules",
		}
	})
	add("assign", func(a *moment.Act) {
		a.Op.Kind, a.Op.Func = gomap.Assign, "runtime.mapassign_fast64"
		a.Before, a.After = header(12, false), header(13, false)
		a.Delta = &gomap.Delta{FoundKnown: true, Used: [2]uint64{12, 13}, Why: "a free cell was taken", Changes: []gomap.Change{
			{Addr: 1, Where: gomap.Where{Table: -1}, Cell: 3, From: 0x80, To: 5, State: [2]gomap.State{gomap.Empty, gomap.Full}, Rule: "swiss.assign.empty"},
		}}
	})
	return vs
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (-update writes it):\n got %s\nwant %s", name, got, want)
	}
}

func TestJSON(t *testing.T) {
	for name, v := range acts() {
		line := appendOp(nil, v, slow{})
		golden(t, name+".json", append(line[:len(line):len(line)], '\n'))
		if bytes.ContainsAny(line, "\n\x1b") {
			t.Errorf("%s: %q", name, line)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, line); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(compact.Bytes(), line) {
			t.Errorf("%s is not compact", name)
		}
	}
}

// The contract's own example, word for word but for what its ellipses leave out.
func TestContract(t *testing.T) {
	v := acts()["tombstone"]
	for _, m := range []*gomap.Map{v.Before.Map, v.After.Map} {
		m.Header = []gomap.FieldValue{m.Header[0], m.Header[5]}
		m.Rows = nil // where old would be
	}
	v.Op.Stack = []trace.Frame{{Func: "runtime.mapdelete_fast64", File: "…/runtime_fast64.go", Line: 505}, {Func: "main.evict", File: "…", Line: 11}}
	const want = `{"seq":12,"op":"delete","func":"runtime.mapdelete_fast64","goroutine":1,"outcome":"returned",` +
		`"map":{"id":1,"addr":"0xc000012345","type":"map[uint64]int","layout":"swiss"},` +
		`"key":"42","found":true,"used":[13,12],` +
		`"header":[{"used":13,"tombstonePossible":false},{"used":12,"tombstonePossible":true}],` +
		`"changes":[{"addr":"0xc000056fc2","where":"table 0 group 0 cell 2","from":"0x7c","to":"0xfe","state":["full","deleted"],"rule":"swiss.delete.group-full"}],` +
		`"events":[],` +
		`"why":"group 0 had no empty cell, so a longer probe may have passed through it: the cell became a tombstone",` +
		`"stack":[{"func":"runtime.mapdelete_fast64","file":"…/runtime_fast64.go","line":505},{"func":"main.evict","file":"…","line":11}]}`
	if got := string(appendOp(nil, v, slow{})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	v.Op.Stack = nil
	if got := string(appendOp(nil, v, slow{})); !strings.HasSuffix(got, `"stack":[]}`) {
		t.Errorf("--stack 0 has a stack: %s", got)
	}
}

func TestJSONOfSorts(t *testing.T) {
	decode := func(name string) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(appendOp(nil, acts()[name], slow{}), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := decode("nil")
	if mp := m["map"].(map[string]any); mp["addr"] != "0x0" || mp["layout"] != nil || m["found"] != false {
		t.Errorf("nil map: %v", m)
	}
	m = decode("clear")
	if len(m["changes"].([]any)) != MaxChanges || m["changes_more"] != 44.0 || m["key"] != nil || m["found"] != nil {
		t.Errorf("clear: %d changes, %v", len(m["changes"].([]any)), m["changes_more"])
	}
	m = decode("panicked")
	if m["used"].([]any)[1] != nil || m["header"].([]any)[1] != nil || m["message"] != "runtime error: hash of unhashable type: []int\x1b[31m" {
		t.Errorf("panicked: %v", m)
	}
	m = decode("classic")
	if m["key_len"] != 1000.0 {
		t.Errorf("classic: %v", m)
	}
}

func TestString(t *testing.T) {
	for _, s := range []string{"", "plain", `"q\`, "\x00\x1f\x7f\n\t\r", "\u009b31m", "a\u202eb", "zero\u200bwidth", "日本 é 😀", "\U000e0041", "\U0010ffff"} {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != s {
			t.Errorf("%q became %s, read back as %q, %v", s, b, got, err)
		}
		if strings.ContainsAny(string(b), "\x1b\x7f\u009b\u202e\u200b\U000e0041") {
			t.Errorf("%q is not escaped: %q", s, b)
		}
	}
	if got := string(appendString(nil, "a\xff")); got != `"a\ufffd"` {
		t.Errorf("not UTF-8: %s", got)
	}
}

func FuzzString(f *testing.F) {
	f.Add("a\u202e\x9b")
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(got, "\ufffd") {
			t.Errorf("%q became %s, read back as %q, %v", s, b, got, err)
		}
	})
}

func TestText(t *testing.T) {
	order := []string{"tombstone", "through", "absent", "nil", "panicked", "unread", "clear", "classic", "assign"}
	for name, s := range map[string]Style{
		"plain.txt":  {Width: 100, Stack: true},
		"narrow.txt": {Width: 40, Stack: true},
		"ascii.txt":  {Width: 80, ASCII: true, Stack: true},
		"colour.txt": {Width: 80, Color: true},
	} {
		p := NewText(nil, nil, s)
		vs := acts()
		for _, v := range order {
			p.op(vs[v], slow{})
		}
		got := p.buf.String()
		golden(t, name, []byte(got))
		if !s.Color && strings.Contains(got, "\x1b") {
			t.Errorf("%s has an escape", name)
		}
		if s.ASCII && strings.ContainsFunc(strings.ReplaceAll(got, "é", ""), func(r rune) bool { return r > 0x7e }) {
			t.Errorf("%s is not ASCII", name)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	v := acts()["tombstone"]
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = appendOp(buf[:0], v, slow{})
	}
	b.SetBytes(int64(len(buf)))
}

// TestStringAll: of all code points, a line shows as they are those that are
// safe to show.
func TestStringAll(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r < 0xe000 { // no characters: a string cannot hold them
			continue
		}
		got := string(appendString(nil, string(r)))
		if asIs := got == `"`+string(r)+`"`; asIs != (visible.Safe(r) && r != '"' && r != '\\') {
			t.Errorf("%U: safe %v, printed %s", r, visible.Safe(r), got)
		}
	}
}
