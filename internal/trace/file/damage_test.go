package file_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// flushing flushes now and then, as the timer does in a slow session.
type flushing struct {
	trace.Sink
	f   *file.File
	rnd *rand.Rand
	n   int
}

func (s *flushing) End(id trace.OpID, e trace.Ending) error {
	if err := s.Sink.End(id, e); err != nil || s.rnd.IntN(s.n) > 0 {
		return err
	}
	return s.f.Flush()
}

// session writes a recording of ops, and returns its bytes, where its frames
// begin, and the recording opened.
func session(t *testing.T, ops, flushEvery int) (b []byte, borders []int64, whole *file.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &flushing{f.Sink(), f, rand.New(rand.NewPCG(3, 3)), flushEvery}
	if err := tracetest.Fill(s, tracetest.Options{Ops: ops, Keys: 40, Pending: true}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	borders = f.Borders()
	if b, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if whole, err = file.Open(path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { whole.Close() })
	return b, borders, whole
}

func openBytes(t *testing.T, b []byte) *file.File {
	t.Helper()
	f, err := file.OpenReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// same fails unless op seq of both is the same, with all its memory.
func same(t *testing.T, got, want *file.File, seq uint64) {
	t.Helper()
	w, err := want.Seq(seq)
	if err != nil {
		t.Fatal(err)
	}
	g, err := got.Seq(seq)
	if err != nil {
		t.Fatalf("op %d: %v; damage %q", seq, err, got.Damage())
	}
	if got.First() > 1 && g.Since == 0 {
		w.Since = 0 // it had been let go: nobody can tell what was written since
	}
	if !reflect.DeepEqual(g, w) {
		t.Fatalf("op %d is\n%+v, want\n%+v", seq, g, w)
	}
	for _, ph := range []trace.Phase{trace.Before, trace.After} {
		gm, gl, gr, err := got.Memory(trace.Moment{Op: g.ID, Phase: ph}, 0)
		if err != nil {
			t.Fatal(err)
		}
		wm, wl, wr, err := want.Memory(trace.Moment{Op: g.ID, Phase: ph}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(gm, wm) || !reflect.DeepEqual(gl, wl) || gr != wr {
			t.Fatalf("the memory of op %d is not the same", seq)
		}
	}
}

func TestTruncated(t *testing.T) {
	for _, flushEvery := range []int{1e6, 20} {
		b, borders, whole := session(t, 1500, flushEvery)
		lens := map[int]bool{}
		check := func(n int64) {
			f := openBytes(t, b[:n])
			if len(f.Damage()) == 0 {
				t.Fatalf("cut at %d of %d: no damage told", n, len(b))
			}
			lens[f.Len()] = true
			for seq := uint64(1); seq <= uint64(f.Len()); seq += 1 + uint64(f.Len())/20 {
				same(t, f, whole, seq)
			}
			if n := f.Len(); n > 0 {
				same(t, f, whole, uint64(n))
			}
			for _, id := range f.Pending() {
				if op, err := f.Op(id); err != nil || op.Outcome != trace.Running {
					t.Fatalf("cut at %d: op %d should be in progress: %+v, %v", n, id, op, err)
				}
			}
		}
		for _, n := range borders {
			if n < int64(len(b)) {
				check(n)
			}
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			check(16 + rnd.Int64N(int64(len(b))-16))
		}
		if len(lens) < 3 {
			t.Errorf("every cut left one of %d numbers of ops", len(lens))
		}
	}
}

// A byte that was changed costs no more than the block that it is in.
func TestCorrupt(t *testing.T) {
	b, borders, whole := session(t, 3000, 300)
	rnd := rand.New(rand.NewPCG(5, 5))
	for round := range 40 {
		c := bytes.Clone(b)
		k := rnd.IntN(len(borders) - 1)
		from, to := borders[k], borders[k+1]
		if round%2 == 0 { // a header: found by going from frame to frame
			to = from + file.FrameHeaderSize
			c = c[:len(c)-1] // no footer
		}
		c[from+rnd.Int64N(to-from)] ^= byte(1 + rnd.IntN(255))
		f := openBytes(t, c)
		good, bad := 0, 0
		for seq := uint64(1); seq <= uint64(f.Len()); seq += 17 {
			if _, err := f.Seq(seq); errors.Is(err, trace.ErrDamaged) {
				bad++
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			op, err := f.Seq(seq)
			if err != nil {
				t.Fatal(err)
			}
			if _, l, _, err := f.Memory(trace.Moment{Op: op.ID}, 0); err != nil {
				if !errors.Is(err, trace.ErrDamaged) {
					t.Fatal(err)
				}
				bad++
				continue
			} else if l == nil {
				continue // the frame with the layouts was hit
			}
			if op.Outcome != trace.Running {
				if _, _, _, err := f.Memory(trace.Moment{Op: op.ID, Phase: trace.After}, 0); err == nil {
					same(t, f, whole, seq)
				}
			}
			good++
		}
		damage := strings.Join(f.Damage(), "\n")
		if bad > 0 && !strings.Contains(damage, "damaged") && !strings.Contains(damage, "missing") {
			t.Fatalf("round %d: %d ops are damaged, but it says %q", round, bad, damage)
		}
		if good < bad {
			t.Fatalf("round %d: one byte cost %d of %d ops: %q", round, bad, bad+good, damage)
		}
		// Marks and search go on.
		if n := len(f.Marks(1, uint64(f.Len()))); n != f.Len() {
			t.Fatalf("%d marks of %d ops", n, f.Len())
		}
		q, _ := trace.Parse("op=clear")
		if _, err := f.Find(q, uint64(f.Len())+1, true); err != nil {
			t.Fatal(err)
		}
	}
}

// A block of one map that is larger than a block, and than what is kept of an
// op for its summary.
func TestLargeMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := tracetest.Fill(f.Sink(), tracetest.Options{Ops: 30, Keys: 50000, Layouts: []gomap.LayoutKind{gomap.Swiss}}); err != nil {
		t.Fatal(err)
	}
	marks := string(bytes.Trim([]byte(fmtMarks(f)), "\x00"))
	if strings.ContainsAny(marks, "?!") || !strings.Contains(marks, "a") || !strings.Contains(marks, "d") {
		t.Errorf("marks of a large map: %s", marks)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	op, err := g.Seq(15)
	if err != nil {
		t.Fatal(err)
	}
	d, err := moment.Of(g, op)
	if err != nil {
		t.Fatal(err)
	}
	size := len(d.After.Map.Rows) * int(d.After.Layout.Row.Size)
	if size < 1<<20 {
		t.Fatalf("the map has only %d bytes", size)
	}
	if n := g.Len() * size; st.Size() > int64(n/12) {
		t.Errorf("the file has %d bytes for %d ops on a map of %d", st.Size(), g.Len(), size)
	}
	if d.Delta.Unexplained > 0 || d.After.Map.Used != op.Summary.Used[1] {
		t.Errorf("op 15: %+v, but its summary says %+v", d.Delta, op.Summary)
	}
}

func fmtMarks(f *file.File) string {
	var b strings.Builder
	for _, m := range f.Marks(1, uint64(f.Len())) {
		b.WriteByte(byte(m))
	}
	return b.String()
}
