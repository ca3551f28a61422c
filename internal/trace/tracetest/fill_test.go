package tracetest_test

import (
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

func TestFill(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 3000, Keys: 200, Pending: true})
	if f.Len() != 3000 || len(f.Pending()) != 1 {
		t.Fatalf("%d ops, %d pending", f.Len(), len(f.Pending()))
	}
	kinds := map[gomap.OpKind]int{}
	for seq := uint64(1); seq <= 3000; seq++ {
		op, err := f.Seq(seq)
		if err != nil {
			t.Fatal(err)
		}
		kinds[op.Kind]++
		for _, ph := range []trace.Phase{trace.Before, trace.After} {
			m, l, root, err := f.Memory(trace.Moment{Op: op.ID, Phase: ph}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.ReadAt(make([]byte, l.HeaderSize), root, gomap.RoleUnknown); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, k := range []gomap.OpKind{gomap.Delete, gomap.Assign, gomap.Clear} {
		if kinds[k] == 0 {
			t.Errorf("no %v among %v", k, kinds)
		}
	}
}

// What it makes is the same at every call: golden files lean on it.
func TestSame(t *testing.T) {
	marks := func(seed uint64) string {
		f := tracetest.New(t, tracetest.Options{Ops: 700, Seed: seed})
		var s []byte
		for _, m := range f.Marks(1, 700) {
			s = append(s, byte(m))
		}
		op, err := f.Seq(700)
		if err != nil {
			t.Fatal(err)
		}
		d, err := moment.Of(f, op)
		if err != nil {
			t.Fatal(err)
		}
		if d.Delta.Unexplained > 0 {
			t.Errorf("op 700 is not explained: %+v", d.Delta)
		}
		return string(s) + op.KeyText + d.Delta.Why
	}
	if a, b := marks(1), marks(1); a != b {
		t.Errorf("two of one seed differ:\n%s\n%s", a, b)
	}
	if marks(1) == marks(2) {
		t.Error("two seeds make the same")
	}
}
