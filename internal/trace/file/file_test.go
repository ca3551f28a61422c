package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

func TestRoundTrip(t *testing.T) {
	for seed := range uint64(2) {
		path := filepath.Join(t.TempDir(), "x.deltui")
		f, err := file.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		d := newDriver(t, f.Sink(), seed)
		for range 4 {
			d.run(len(d.m.ended) + 200)
			d.compare(f, 17) // while it is written
		}
		d.compare(f, 3)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		g, err := file.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if dmg := g.Damage(); len(dmg) > 0 {
			t.Fatalf("a sound file is damaged: %q", dmg)
		}
		d.compare(g, 1)
		g.Close()

		// Without its index the file is read frame by frame.
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b = b[:len(b)-1]
		g, err = file.OpenReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if dmg := strings.Join(g.Damage(), "\n"); !strings.Contains(dmg, "was not finished") && !strings.Contains(dmg, "the rest") {
			t.Fatalf("a file without index has the damage %q", dmg)
		}
		d.compare(g, 5)
	}
}

func TestTemporary(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, f.Sink(), 9)
	d.run(1000)
	d.compare(f, 5)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file is still there: %v", err)
	}
}

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.deltui")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Create(path); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an existing file: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Errorf("the existing file is now %q", b)
	}
	f, err := file.Create(path, file.Force)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	g, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if g.Len() != 0 || len(g.Damage()) != 0 {
		t.Errorf("an empty timeline has %d ops, damage %q", g.Len(), g.Damage())
	}
	if _, err := g.Sink().Begin(trace.Op{}); !errors.Is(err, trace.ErrReadOnly) {
		t.Errorf("writing to a recording: %v", err)
	}
	if _, err := file.Create(filepath.Join(t.TempDir(), "no", "such", "dir")); err == nil {
		t.Error("created a file in a directory that does not exist")
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"empty", "", "not a recording"},
		{"text", strings.Repeat("hello ", 10), "not a recording"},
		{"newer", "\x89deltui\n\x02\x00\x00\x00\x00\x00\x00\x00", "format version 2, and this deltui reads version 1"},
	} {
		_, err := file.OpenReader(strings.NewReader(tt.content), int64(len(tt.content)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := file.Open(t.TempDir()); err == nil {
		t.Error("opened a directory")
	}
}

// What the sink is handed wrongly is refused, and harms nothing.
func TestSinkRefuses(t *testing.T) {
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Sink()
	if _, err := s.Begin(trace.Op{Map: trace.MapRef{ID: 1, Layout: 1}}); err == nil {
		t.Error("an op with a layout that was never added")
	}
	if _, err := s.Layout(&gomap.Layout{}); err == nil {
		t.Error("a layout without types")
	}
	if err := s.End(1, trace.Ending{}); err == nil {
		t.Error("the end of an op that never began")
	}
	if err := s.Read(trace.Moment{Op: 1}, 1, 0, nil); err == nil {
		t.Error("a moment of an op that never began")
	}
	id, err := s.Begin(trace.Op{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Read(trace.Moment{Op: id}, 1, 0, []trace.Region{{Addr: ^uint64(0), Data: make([]byte, 2)}}); err == nil {
		t.Error("a region beyond the end of memory")
	}
	if err := s.Read(trace.Moment{Op: id, Phase: trace.Survey, Step: 1}, 1, 0, nil); err == nil {
		t.Error("regions of a survey that never was")
	}
	if err := s.End(id, trace.Ending{Outcome: trace.Returned}); err != nil {
		t.Error(err)
	}
	if err := s.End(id, trace.Ending{Outcome: trace.Returned}); err == nil {
		t.Error("an op ended twice")
	}
	if f.Len() != 1 {
		t.Errorf("%d ops", f.Len())
	}
}

// What is known of the target as a whole comes back as it was.
func TestFacts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Sink()
	info := trace.Info{
		Target: "./evict", Args: []string{"-n", "3"}, GoVersion: "go1.26.8", Experiment: "nodwarf5", Arch: "amd64", PID: 7,
		Layout: "swiss", Goroot: "/go", Started: time.Date(2026, 11, 23, 1, 2, 3, 4, time.UTC), Ops: []string{"delete"}, Notes: []string{"a note"},
	}
	fate := trace.Fate{Ended: true, Status: 2, Signal: "SIGSEGV", Text: "killed by SIGSEGV"}
	usage := trace.Usage{Ops: 1, Stops: 2, Bytes: 3, Elapsed: 4, Paused: 5}
	swiss, classic := tracetest.SwissLayout(), tracetest.ClassicLayout()
	dynamic := &gomap.Type{Name: "main.T", Kind: reflect.Struct, Size: 16, Fields: []gomap.TypeField{
		{Name: "a", Type: &gomap.Type{Name: "[2]int32", Kind: reflect.Array, Size: 8, Len: 2, Elem: &gomap.Type{Name: "int32", Kind: reflect.Int32, Size: 4}}},
		{Name: "b", Off: 8, Type: &gomap.Type{Name: "*int", Kind: reflect.Pointer, Size: 8, Direct: true}},
	}}
	for _, err := range []error{
		s.Info(trace.Info{Target: "before"}), s.Info(info), s.Fate(fate), s.Usage(usage), s.Type(0x4b1d60, dynamic), s.Type(0x4b1d60, dynamic),
		s.Source("x.go", 3, []string{"three", "\tfour"}), s.Source("x.go", 4, []string{"\tfour", "five"}), s.Source("x.go", 3, []string{"three"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var ids []trace.LayoutID
	for _, l := range []*gomap.Layout{swiss, classic, tracetest.SwissLayout()} {
		id, err := s.Layout(l)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if !reflect.DeepEqual(ids, []trace.LayoutID{1, 2, 1}) {
		t.Errorf("layouts have the numbers %v", ids)
	}
	op, err := s.Begin(trace.Op{Map: trace.MapRef{ID: 1, Layout: 2}})
	if err != nil {
		t.Fatal(err)
	}
	swiss.Type = "changed by its owner"
	check := func(f *file.File) {
		t.Helper()
		if !reflect.DeepEqual(f.Info(), info) || f.Fate() != fate || f.Usage() != usage {
			t.Errorf("facts are %+v, %+v, %+v", f.Info(), f.Fate(), f.Usage())
		}
		if got := f.Types().TypeAt(0x4b1d60); !reflect.DeepEqual(got, dynamic) {
			t.Errorf("the type is %+v", got)
		}
		if got := f.Types().TypeAt(1); got != nil {
			t.Errorf("an unknown type is %+v", got)
		}
		if got, want := f.Source("x.go"), (map[int]string{3: "three", 4: "\tfour", 5: "five"}); !reflect.DeepEqual(got, want) {
			t.Errorf("source is %v, want %v", got, want)
		}
		_, l, _, err := f.Memory(trace.Moment{Op: op}, 0)
		if err != nil || !reflect.DeepEqual(l, classic) {
			t.Errorf("the layout is %+v, %v", l, err)
		}
	}
	both(t, f, check)
}
