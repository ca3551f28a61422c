package moment_test

import (
	"encoding/binary"
	"reflect"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// boxes is a group of a map[any]int whose cell i has the key of box i and the
// elem 100+i. What is in the boxes was not read.
func boxes(used int, ctrl [8]byte) []trace.Region {
	h := small(used, ctrl)[0]
	g := make([]byte, 8+8*24)
	copy(g, ctrl[:])
	for i := range 8 {
		binary.LittleEndian.PutUint64(g[8+24*i:], 0x4000)
		binary.LittleEndian.PutUint64(g[16+24*i:], 0xc000300000+uint64(16*i))
		binary.LittleEndian.PutUint64(g[24+24*i:], uint64(100+i))
	}
	return []trace.Region{h, {Addr: group, Data: g}}
}

// TestOldOfBoxes: the cell whose control byte went from full is the cell, though
// nobody can compare the keys.
func TestOldOfBoxes(t *testing.T) {
	f, s, m := timeline(t)
	l := *tracetest.SwissLayout()
	l.Type, l.Key = "map[interface {}]int", &gomap.Type{Name: "interface {}", Kind: reflect.Interface, Size: 16}
	l.Row = gomap.RowLayout{Size: 8 + 8*24, Keys: 8, KeyStride: 24, Elems: 24, ElemStride: 24}
	var err error
	m.Layout, err = s.Layout(&l)
	must(t, err)
	key := binary.LittleEndian.AppendUint64(nil, 0x4000)
	key = binary.LittleEndian.AppendUint64(key, 0xc000400000) // its own box
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete", Map: m, Key: key, KeyText: "int(4096)"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, header, boxes(3, three)))
	must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, header, boxes(2, two)))
	must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	op, err := f.Op(id)
	must(t, err)
	a, err := moment.Of(f, op)
	must(t, err)
	if old, ok := a.Old(); !ok || old != "101" || a.Own() != 0 {
		t.Errorf("old is %q, %v; own %d", old, ok, a.Own())
	}
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.After})
	must(t, err)
	if !sc.Focused || sc.Focus != (gomap.Place{Cell: 1}) {
		t.Errorf("the focus is %v, %v", sc.Focus, sc.Focused)
	}
	sc, err = moment.Load(f, trace.Moment{Op: id})
	must(t, err)
	if sc.Focused || sc.Absent {
		t.Errorf("before: %v, absent %v, and nobody can know", sc.Focus, sc.Absent)
	}
}

// TestStep: a step is compared with the op's before like the after, but for what
// is known of an op only when it is over.
func TestStep(t *testing.T) {
	f, s, m := timeline(t)
	id := begin(t, s, m, "11", 3, three)
	at := trace.Moment{Op: id, Phase: trace.Step, Step: 1}
	must(t, s.Read(at, 0, header, small(3, two)))
	end(t, s, id, 2, two)
	sc, err := moment.Load(f, at)
	must(t, err)
	if _, known := sc.Found(); known || !sc.Late() || sc.Moment != at || sc.Focus != (gomap.Place{Cell: 1}) || sc.Change(sc.Focus) == nil {
		t.Errorf("found known %v, late %v, %v, focus %v", known, sc.Late(), sc.Moment, sc.Focus)
	}
	op, err := f.Op(id)
	must(t, err)
	a, err := moment.Span(f, op, at, trace.Moment{Op: id, Phase: trace.After})
	must(t, err)
	if found, known := a.Found(); len(a.Changes()) != 0 || !known || !found {
		t.Errorf("from the step on: %v, found %v %v", a.Changes(), found, known)
	}
	if sc := moment.Stage(f, a); !sc.Late() || sc.Moment.Phase != trace.After {
		t.Errorf("staged: %v", sc.Moment)
	}
}

// TestUpdate: where no control byte changed, the key tells the cell.
func TestUpdate(t *testing.T) {
	f, s, m := timeline(t)
	id, err := s.Begin(trace.Op{Kind: gomap.Assign, Func: "runtime.mapassign_fast64", Map: m, Key: raw(12), KeyText: "12"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, header, small(3, three)))
	end(t, s, id, 3, three)
	sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.After})
	must(t, err)
	if !sc.Focused || sc.Focus != (gomap.Place{Cell: 2}) || sc.Own() != -1 || sc.Call() != "m[12] = 102" {
		t.Errorf("focus %v %v, own %d, %s", sc.Focus, sc.Focused, sc.Own(), sc.Call())
	}
}

// TestRuleLine: the line of the runtime that shows the rule, from what the
// timeline has of its source.
func TestRuleLine(t *testing.T) {
	for _, tt := range []struct{ name, goroot, frame, file string }{
		{"by a frame", "/elsewhere", "/usr/go/src/internal/runtime/maps/runtime_fast64.go", "/usr/go/src/internal/runtime/maps/map.go"},
		{"trimmed", "", "internal/runtime/maps/runtime_fast64.go", "internal/runtime/maps/map.go"},
		{"by GOROOT", "/usr/go", "", "/usr/go/src/internal/runtime/maps/map.go"},
	} {
		f, s, m := timeline(t)
		must(t, s.Info(trace.Info{Goroot: tt.goroot}))
		rule, ok := gomap.RuleNamed("swiss.delete.small")
		if !ok {
			t.Fatal("no such rule")
		}
		var src gomap.RuleSource
		for _, x := range rule.SourcesFor(gomap.Swiss) {
			if x.File == "internal/runtime/maps/map.go" {
				src = x
			}
		}
		head := "func (m *Map) " + src.Func[len("(*Map)."):] + "() {"
		must(t, s.Source(tt.file, 300, []string{"}", head, "\t" + src.Text, "}"}))
		var stack []trace.Frame
		if tt.frame != "" {
			stack = []trace.Frame{{Func: "runtime.mapdelete_fast64", File: tt.frame, Runtime: true, Std: true}}
		}
		id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: raw(11), KeyText: "11", Stack: stack})
		must(t, err)
		must(t, s.Read(trace.Moment{Op: id}, 0, header, small(3, three)))
		end(t, s, id, 2, two)
		sc, err := moment.Load(f, trace.Moment{Op: id, Phase: trace.After})
		must(t, err)
		if sc.RuleLine == nil || *sc.RuleLine != (moment.Line{File: tt.file, Line: 302, Text: "\t" + src.Text}) {
			t.Errorf("%s: %+v", tt.name, sc.RuleLine)
		}
	}
}

// TestOverlap: where ops of two goroutines emptied two cells, the key tells whose
// is whose.
func TestOverlap(t *testing.T) {
	f, s, m := timeline(t)
	id := begin(t, s, m, "12", 3, three)
	end(t, s, id, 1, [8]byte{0x11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80})
	op, err := f.Op(id)
	must(t, err)
	a, err := moment.Of(f, op)
	must(t, err)
	if old, ok := a.Old(); !ok || old != "102" || a.Own() != 1 || len(a.Changes()) != 2 {
		t.Errorf("old %q %v, own %d of %d", old, ok, a.Own(), len(a.Changes()))
	}
}
