package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// TestSave: what is saved of a session that goes on is what it had then, however it
// is backed, and it goes on.
func TestSave(t *testing.T) {
	for _, ops := range []int{3, 700} {
		f, err := file.Create("", file.Limit(64<<20))
		must(t, err)
		defer f.Close()
		must(t, f.Sink().Output(1, []byte("a line\nand a pa")))
		must(t, tracetest.Fill(f.Sink(), tracetest.Options{Ops: ops, Pending: true, Running: true}))
		path := filepath.Join(t.TempDir(), "x.deltui")
		saved, err := f.Save(path)
		must(t, err)
		if saved.Ops != ops || saved.LetGo != 0 || saved.Bytes == 0 {
			t.Errorf("%+v", saved)
		}
		g, err := file.Open(path)
		must(t, err)
		defer g.Close()
		sameAll(t, f, g)
		if len(g.Damage()) > 0 {
			t.Errorf("damaged: %q", g.Damage())
		}
		// The op that was in progress ends.
		id := f.Pending()[0]
		must(t, f.Sink().End(id, trace.Ending{Outcome: trace.Exited}))
		again := filepath.Join(t.TempDir(), "y.deltui")
		_, err = f.Save(again)
		must(t, err)
		h, err := file.Open(again)
		must(t, err)
		defer h.Close()
		sameAll(t, f, h)
		// A recording can be saved too.
		copied := filepath.Join(t.TempDir(), "z.deltui")
		_, err = h.Save(copied)
		must(t, err)
		i, err := file.Open(copied)
		must(t, err)
		defer i.Close()
		sameAll(t, h, i)
	}
}

// sameAll fails the test unless two timelines tell the same.
func sameAll(t *testing.T, f, g *file.File) {
	t.Helper()
	if f.Len() != g.Len() || !reflect.DeepEqual(f.Pending(), g.Pending()) && len(f.Pending())+len(g.Pending()) > 0 || !reflect.DeepEqual(f.Maps(), g.Maps()) {
		t.Fatalf("%d ops, pending %v, maps %v; want %d, %v, %v", g.Len(), g.Pending(), g.Maps(), f.Len(), f.Pending(), f.Maps())
	}
	if !reflect.DeepEqual(f.Info(), g.Info()) || f.Fate() != g.Fate() || f.Usage() != g.Usage() || !reflect.DeepEqual(f.Output(1<<20), g.Output(1<<20)) {
		t.Fatalf("%+v %+v %+v %v; want %+v %+v %+v %v", g.Info(), g.Fate(), g.Usage(), g.Output(1<<20), f.Info(), f.Fate(), f.Usage(), f.Output(1<<20))
	}
	if string(f.Marks(1, uint64(f.Len()))) != string(g.Marks(1, uint64(g.Len()))) {
		t.Fatal("other marks")
	}
	for id := trace.OpID(1); int(id) <= f.Len()+len(f.Pending()); id++ {
		a, err := f.Op(id)
		must(t, err)
		b, err := g.Op(id)
		must(t, err)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("op %d is\n%+v, want\n%+v", id, b, a)
		}
		ms, err := f.Moments(id)
		must(t, err)
		for _, m := range ms {
			x, _, _, err := f.Memory(m, 0)
			must(t, err)
			y, _, _, err := g.Memory(m, 0)
			must(t, err)
			if !reflect.DeepEqual(trace.Regions(x), trace.Regions(y)) {
				t.Fatalf("other memory at %+v", m)
			}
		}
		for _, fr := range a.Stack {
			if !reflect.DeepEqual(f.Source(fr.File), g.Source(fr.File)) {
				t.Fatalf("other lines of %s", fr.File)
			}
		}
		if a.KeyText == "" {
			continue
		}
		q, err := trace.Parse("key=" + a.KeyText)
		must(t, err)
		p, _ := f.Find(q, 0, false)
		r, _ := g.Find(q, 0, false)
		if (p == nil) != (r == nil) || p != nil && p.ID != r.ID {
			t.Fatalf("%v finds %v, want %v", q, r, p)
		}
	}
}

// TestSaveRefused: an existing file is left as it is, a directory that cannot be
// written leaves nothing, and what was let go is told.
func TestSaveRefused(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 20})
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.WriteFile(path, []byte("mine"), 0o666))
	if _, err := f.Save(path); err == nil || !strings.Contains(err.Error(), "it exists") {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); !bytes.Equal(b, []byte("mine")) {
		t.Errorf("it is %q now", b)
	}
	if _, err := f.Save(path, file.Force); err != nil {
		t.Error(err)
	}
	if _, err := f.Save(filepath.Join(t.TempDir(), "no", "x")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}

	ring, err := file.Create("", file.Limit(64<<10))
	must(t, err)
	defer ring.Close()
	must(t, tracetest.Fill(ring.Sink(), tracetest.Options{Ops: 3000, Layouts: []gomap.LayoutKind{gomap.Swiss}}))
	path = filepath.Join(t.TempDir(), "y")
	saved, err := ring.Save(path)
	must(t, err)
	if saved.LetGo == 0 {
		t.Fatal("nothing was let go")
	}
	g, err := file.Open(path)
	must(t, err)
	defer g.Close()
	if g.Len() != 3000 || !strings.Contains(strings.Join(g.Info().Notes, "\n"), "saved without ops 1 to") {
		t.Errorf("%d ops, notes %q", g.Len(), g.Info().Notes)
	}
	a, err := ring.Seq(3000)
	must(t, err)
	b, err := g.Seq(3000)
	must(t, err)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("op 3000 is %+v, want %+v", b, a)
	}
}
