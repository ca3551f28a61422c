package file_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// letGo splits the ops of a timeline at the first that is held. What is held has
// no gap, and all that is not says why.
func letGo(t *testing.T, f, whole *file.File) (first uint64) {
	t.Helper()
	first = f.First()
	for seq := uint64(1); seq <= uint64(f.Len()); seq++ {
		op, err := f.Seq(seq)
		if seq < first {
			if !errors.Is(err, trace.ErrLetGo) {
				t.Fatalf("op %d of %d, the first that is held being %d: %+v, %v", seq, f.Len(), first, op, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("op %d of %d, the first that is held being %d: %v", seq, f.Len(), first, err)
		}
		if seq%7 == 0 || seq < first+5 || seq > uint64(f.Len())-5 {
			if was, err := whole.Seq(seq); err != nil || op.Since != was.Since && op.Since != 0 {
				t.Fatalf("op %d comes after %d, not %d; %v", seq, op.Since, was.Since, err)
			}
			same(t, f, whole, seq)
			if _, err := moment.Of(f, op); err != nil {
				t.Fatal(err)
			}
		}
	}
	return first
}

// TestBounded: a bounded timeline lets its oldest ops go, says so once, and holds
// the others as they were, with their numbers and all marks; its file stays within
// the bound.
func TestBounded(t *testing.T) {
	o := tracetest.Options{Ops: 4000, Keys: 60}
	whole := tracetest.New(t, o)
	for _, limit := range []int64{1000, 40_000, 90_000, 1 << 30} {
		f, err := file.Create("", file.Limit(limit))
		must(t, err)
		defer f.Close()
		largest := int64(0)
		watched := &watching{Sink: f.Sink(), each: func(id trace.OpID) {
			largest = max(largest, f.Size())
			if id%250 != 0 {
				return
			}
			if op, err := f.Op(id); err != nil || op.Seq != uint64(id) { // the last is always there
				t.Fatalf("limit %d: op %d: %+v, %v", limit, id, op, err)
			}
			if first := f.First(); first > 1 {
				if _, err := f.Op(trace.OpID(first - 1)); !errors.Is(err, trace.ErrLetGo) {
					t.Fatalf("op %d: %v", first-1, err)
				}
			}
		}}
		must(t, tracetest.Fill(watched, o))
		first := letGo(t, f, whole)
		t.Logf("limit %d: at most %d bytes, ops %d to %d are held", limit, largest, first, f.Len())
		if largest > limit && limit >= 40_000 {
			t.Errorf("limit %d: the file had %d bytes", limit, largest)
		}
		if bounded := limit < 1<<30; bounded != (first > 1) || bounded && limit > 1000 && first > 3500 {
			t.Errorf("limit %d: the first op that is held is %d", limit, first)
		}
		if !slices.Equal(f.Marks(1, 4000), whole.Marks(1, 4000)) {
			t.Errorf("limit %d: other marks", limit)
		}
		notes := 0
		for _, n := range f.Info().Notes {
			if strings.Contains(n, "let go") {
				notes++
			}
		}
		if want := min(1, int(first-1)); notes != want {
			t.Errorf("limit %d: it is said %d times, want %d: %q", limit, notes, want, f.Info().Notes)
		}
		if !reflect.DeepEqual(f.Maps(), whole.Maps()) {
			t.Errorf("limit %d: other maps", limit)
		}
		for _, text := range []string{"op=clear", "mark=x", "key=77", ""} {
			q, err := trace.Parse(text)
			must(t, err)
			for from, back := range map[uint64]bool{0: false, 4001: true} {
				got, err := f.Find(q, max(from, first-1), back)
				want, err2 := whole.Find(q, max(from, first-1), back)
				if err2 == nil && want.Seq < first {
					err2 = trace.ErrNotFound
				}
				if (err == nil) != (err2 == nil) || err == nil && got.Seq != want.Seq {
					t.Errorf("limit %d: Find(%s): %v, %v, want %v, %v", limit, text, got, err, want, err2)
				}
			}
		}
	}
	if _, err := file.Create(t.TempDir()+"/x", file.Limit(1<<20)); err == nil {
		t.Error("a recording that is bounded")
	}
}

// watching calls each after an op has ended.
type watching struct {
	trace.Sink
	each func(trace.OpID)
}

func (w *watching) End(id trace.OpID, e trace.Ending) error {
	err := w.Sink.End(id, e)
	if err == nil {
		w.each(id)
	}
	return err
}

// TestBoundedReaders: what is asked of a bounded timeline while blocks are written
// over is there, or has been let go; it is never damaged.
func TestBoundedReaders(t *testing.T) {
	f, err := file.Create("", file.Limit(60_000), file.Uncached)
	must(t, err)
	defer f.Close()
	done := make(chan error)
	go func() {
		done <- tracetest.Fill(f.Sink(), tracetest.Options{Ops: 3000, Keys: 30})
	}()
	asked, gone := 0, 0
	for {
		select {
		case err := <-done:
			must(t, err)
			if asked == 0 || gone == 0 {
				t.Errorf("%d were there, %d let go: it asks nothing", asked, gone)
			}
			if len(f.Damage()) > 0 {
				t.Errorf("damage: %q", f.Damage())
			}
			return
		default:
		}
		for _, seq := range []uint64{f.First(), f.First() + 1, uint64(f.Len())} {
			op, err := f.Seq(seq)
			if err == nil {
				_, err = moment.Of(f, op)
			}
			switch {
			case err == nil:
				asked++
			case errors.Is(err, trace.ErrLetGo):
				gone++
			case !errors.Is(err, trace.ErrNotFound):
				t.Fatal(err)
			}
		}
	}
}
