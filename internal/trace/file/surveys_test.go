package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
)

// surveyed writes ops with a survey after every tenth, of the map that was worked
// on last and, of which nothing else is seen, of a map of its own.
type surveyed struct {
	trace.Sink
	f    *file.File
	n    int
	ops  []trace.Op
	last []trace.Region
}

func (s *surveyed) Begin(op trace.Op) (trace.OpID, error) {
	s.ops = append(s.ops, op)
	return s.Sink.Begin(op)
}

func (s *surveyed) Read(m trace.Moment, mapID int, root uint64, rs []trace.Region) error {
	s.last = rs
	return s.Sink.Read(m, mapID, root, rs)
}

func (s *surveyed) End(id trace.OpID, e trace.Ending) error {
	if err := s.Sink.End(id, e); err != nil || id%10 != 0 {
		return err
	}
	s.n++
	ref := s.ops[id-1].Map
	if s.n%2 == 0 {
		ref.ID = 99
	}
	m, err := s.Sink.Survey(ref, time.Duration(e.Ended))
	if err != nil {
		return err
	}
	if m != (trace.Moment{Phase: trace.Survey, Step: s.n}) {
		return fmt.Errorf("survey %d is %+v", s.n, m)
	}
	if err := s.Sink.Read(m, 0, ref.Addr, s.last); err != nil {
		return err
	}
	if s.n%16 == 0 { // read more of an old one, that is in another block
		old := trace.Moment{Phase: trace.Survey, Step: 1 + s.n/2}
		if err := s.Sink.Read(old, 0, ref.Addr, []trace.Region{{Addr: 8, Role: gomap.RoleElem, Data: []byte{byte(s.n)}}}); err != nil {
			return err
		}
	}
	return s.f.Flush()
}

func session99(t *testing.T) (path string, borders []int64, n int) {
	path = filepath.Join(t.TempDir(), "x.deltui")
	f, err := file.Create(path)
	must(t, err)
	s := &surveyed{Sink: f.Sink(), f: f}
	must(t, tracetest.Fill(s, tracetest.Options{Ops: 1000, Keys: 30}))
	checkSurveys(t, f, s.n, s.n)
	must(t, f.Close())
	return path, f.Borders(), s.n
}

// checkSurveys looks at all surveys; at least some must be there.
func checkSurveys(t *testing.T, f *file.File, all, atLeast int) (there int) {
	t.Helper()
	if f.Surveys() > all {
		t.Fatalf("%d surveys of %d", f.Surveys(), all)
	}
	for n := 1; n <= f.Surveys(); n++ {
		s, err := f.Survey(n)
		if errors.Is(err, trace.ErrDamaged) {
			continue
		}
		must(t, err)
		there++
		if s.Number != n || s.After != uint64(10*n) || s.Time == 0 || s.Map.ID == 99 != (n%2 == 0) {
			t.Fatalf("survey %d: %+v", n, s)
		}
		k, err := moment.At(f, s.Moment(), 0)
		must(t, err)
		if k.Map == nil {
			if k.Layout == nil {
				continue // it was in the frame that is damaged
			}
			t.Fatalf("survey %d: %v", n, k.Err)
		}
		// The op before has left the map so.
		if op, err := f.Seq(uint64(10 * n)); err == nil && k.Map.Used != op.Summary.Used[1] {
			t.Fatalf("survey %d has %d entries, the op before left %d", n, k.Map.Used, op.Summary.Used[1])
		}
	}
	if there < atLeast {
		t.Fatalf("only %d surveys of %d are there", there, all)
	}
	for _, n := range []int{-1, 0, f.Surveys() + 1} {
		if _, err := f.Survey(n); !errors.Is(err, trace.ErrNotFound) {
			t.Fatalf("survey %d of %d: %v", n, f.Surveys(), err)
		}
		if _, err := moment.At(f, trace.Moment{Phase: trace.Survey, Step: n}, 0); !errors.Is(err, trace.ErrNotFound) {
			t.Fatalf("looking at survey %d of %d: %v", n, f.Surveys(), err)
		}
	}
	return there
}

// TestSurveys: looks outside any op have a number, a time and a memory, live and
// reopened; a damaged recording has those that are not in the damaged part.
func TestSurveys(t *testing.T) {
	path, borders, n := session99(t)
	g, err := file.Open(path)
	must(t, err)
	defer g.Close()
	checkSurveys(t, g, n, n)
	k, err := moment.At(g, trace.Moment{Phase: trace.Survey, Step: 9}, 0) // read more of, by survey 16
	must(t, err)
	more := make([]byte, 1)
	if err := k.Mem.ReadAt(more, 8, gomap.RoleElem); err != nil || more[0] != 16 {
		t.Errorf("what was read later of survey 9 is %v, %v", more, err)
	}
	maps := g.Maps()
	if last := maps[len(maps)-1]; len(maps) != 3 || last.ID != 99 || last.Ops != 0 || last.Last != 0 {
		t.Errorf("the maps are %+v", maps)
	}
	b, err := os.ReadFile(path)
	must(t, err)
	seen := map[int]bool{}
	for i, at := range borders[:len(borders)-1] {
		f, err := file.OpenReader(bytes.NewReader(b[:at]), at)
		must(t, err)
		seen[checkSurveys(t, f, n, 0)] = true
		c := bytes.Clone(b)
		c[(at+borders[i+1])/2] ^= 0x40
		f, err = file.OpenReader(bytes.NewReader(c), int64(len(c)))
		must(t, err)
		checkSurveys(t, f, n, n*2/3)
	}
	if len(seen) < 5 {
		t.Errorf("wherever it was cut, it had one of %d numbers of surveys", len(seen))
	}
}
