package export_test

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// handmade is a timeline of a small map[string]int whose strings were not read.
type handmade struct {
	t      *testing.T
	tl     *file.File
	layout trace.LayoutID
	ctrl   [8]byte
	keys   [8]uint64 // addresses of the strings, which have 3 bytes
}

func handmadeMap(t *testing.T) *handmade {
	t.Helper()
	tl, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tl.Close() })
	l := tracetest.SwissLayout()
	l.Type, l.Key = "map[string]int", &gomap.Type{Name: "string", Kind: reflect.String, Size: 16}
	l.Row = gomap.RowLayout{Size: 8 + 8*24, Keys: 8, KeyStride: 24, Elems: 24, ElemStride: 24}
	h := &handmade{t: t, tl: tl}
	if h.layout, err = tl.Sink().Layout(l); err != nil {
		t.Fatal(err)
	}
	for i := range h.ctrl {
		h.ctrl[i] = 0x80
	}
	return h
}

// op begins an op, has it do what do does, and ends it with an outcome.
func (h *handmade) op(kind gomap.OpKind, key string, outcome trace.Outcome, do func()) {
	h.t.Helper()
	s := h.tl.Sink()
	caller := trace.Frame{Func: "main.f", File: "f.go", Line: 3}
	id, err := s.Begin(trace.Op{
		Kind: kind, Func: "runtime.mapassign_faststr", KeyText: fmt.Sprintf("%q", key), Map: trace.MapRef{ID: 1, Addr: 0x1000, Type: "map[string]int", Layout: h.layout},
		Stack: []trace.Frame{{Func: "runtime.mapassign_faststr", Runtime: true}, caller}, Caller: caller,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.read(trace.Moment{Op: id})
	do()
	if outcome == trace.Returned {
		h.read(trace.Moment{Op: id, Phase: trace.After})
	}
	if err := s.End(id, trace.Ending{Outcome: outcome}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *handmade) read(m trace.Moment) {
	h.t.Helper()
	head, row := make([]byte, 48), make([]byte, 8+8*24)
	for i, b := range h.ctrl {
		if row[i] = b; b < 0x80 {
			head[0]++
		}
		binary.LittleEndian.PutUint64(row[8+24*i:], h.keys[i])
		binary.LittleEndian.PutUint64(row[8+24*i+8:], 3)
	}
	binary.LittleEndian.PutUint64(head[16:], 0x2000)
	if err := h.tl.Sink().Read(m, 0, 0x1000, []trace.Region{{Addr: 0x1000, Role: gomap.RoleHeader, Data: head}, {Addr: 0x2000, Role: gomap.RoleRow, Data: row}}); err != nil {
		h.t.Fatal(err)
	}
}

// What something unwatched wrote is nobody's; a key that only an op told is that of
// its cell for as long as the cell holds that string; an op that did not return
// shows what was there before it.
func TestPageDrift(t *testing.T) {
	h := handmadeMap(t)
	h.op(gomap.Assign, "ada", trace.Returned, func() { h.ctrl[0], h.keys[0] = 0x11, 0x9000 })
	h.op(gomap.Assign, "bob", trace.Returned, func() { h.ctrl[1], h.keys[1] = 0x22, 0x9010 })
	h.ctrl[0], h.ctrl[3], h.keys[3] = 0x80, 0x44, 0x9030 // by something that is not watched
	h.op(gomap.Assign, "eve", trace.Returned, func() { h.ctrl[0], h.keys[0] = 0x55, 0x9040 })
	h.keys[1] = 0x9090 // another string, in a cell whose control byte is as it was
	h.op(gomap.Assign, "zoe", trace.Panicked, func() {})
	b := openPage(t, h.tl, "#3b", 1400, 900)
	keys := func(want ...string) {
		t.Helper()
		var got []string
		for _, c := range b.cells() {
			got = append(got, c.Key)
		}
		if strings.Join(got[:4], ",") != strings.Join(want, ",") {
			t.Errorf("%s: keys %q, want %q", b.place(), got[:4], want)
		}
	}
	made := func(cell int, want string) {
		t.Helper()
		var got string
		b.eval(fmt.Sprintf(`{document.querySelectorAll(".cellbox")[%d].click(); document.querySelector("#made").textContent}`, cell), &got)
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: cell %d: %q, want %q", b.place(), cell, got, want)
		}
	}
	keys("", `"bob"`, "", "??")
	if v := b.text("#verdict"); !strings.Contains(v, "Drift: 2 control bytes changed since op 2, by something that is not watched") {
		t.Errorf("verdict %q", v)
	}
	made(0, "empty: drift: 11→80 between op 2 and op 3, by something that is not watched")
	made(3, "full: drift: 80→44 between op 2 and op 3, by something that is not watched")
	made(1, `full since op 2: m["bob"] = 0 main.f f.go:3`)
	made(5, "empty since before op 1, the first of this map")
	b.eval(`{location.hash = "#4"; new Promise(done => setTimeout(() => done(true), 50))}`, new(bool))
	keys(`"eve"`, "??", "", "??")
	made(0, `full since op 3: m["eve"] = 0 main.f f.go:3`)
	made(3, "full: drift: 80→44 between op 2 and op 3")
	if v := b.text("#verdict"); !strings.Contains(v, "it did not return") {
		t.Errorf("verdict %q", v)
	}
}
