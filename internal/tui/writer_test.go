package tui

import (
	"fmt"
	"strings"
	"testing"

	"deltui/internal/moment"
	"deltui/internal/trace"
	"deltui/internal/trace/tracetest"
)

// TestWriter: the caption names the maker of the chosen cell, b goes there and on
// to the writer before, B comes back the same way.
func TestWriter(t *testing.T) {
	f := swiss(t)
	d := driveReplay(t, f, 120, 40).Press("t")
	tomb := d.m.ses.at.seq
	d.See(fmt.Sprintf("tombstone since op %d: delete(m, ", tomb), "(*cache).evict cache.go:11")
	spot, ok := d.m.spot()
	if !ok {
		t.Fatal("no cell is chosen")
	}
	d.Press(":").Type(fmt.Sprint(tomb + 3)).Press("enter")
	at, _ := d.m.ses.scene.PlaceOf(spot.Addr)
	d.m.mapv.Choose(at)
	d.Press("down", "up").See(fmt.Sprintf("tombstone since op %d: delete(m, ", tomb))
	from := d.m.ses.at
	d.Press("b")
	if got, _ := d.m.spot(); d.m.ses.at.seq != tomb || d.m.ses.at.phase != trace.After || got.Addr != spot.Addr {
		t.Fatalf("b went to %v, cell %#x", d.m.ses.at, got.Addr)
	}
	w, err := moment.WriterOf(f, spot)
	must(t, err)
	before, err := moment.WriterOf(f, w.Earlier)
	must(t, err)
	d.Press("b")
	if before.Did == moment.Unseen {
		d.See("no writer: full since before it was first seen")
	} else if d.m.ses.at.seq != before.By.Seq {
		t.Fatalf("b again went to %v, want op %d", d.m.ses.at, before.By.Seq)
	} else {
		d.Press("B")
	}
	d.Press("B")
	if d.m.ses.at != from {
		t.Fatalf("B came back to %v, want %v", d.m.ses.at, from)
	}
	if got, _ := d.m.spot(); got.Addr != spot.Addr {
		t.Fatalf("and to the cell at %#x, want %#x", got.Addr, spot.Addr)
	}
}

// TestWriterChain: b, pressed on, goes from writer to writer, back in time, until
// nobody is known.
func TestWriterChain(t *testing.T) {
	f := tracetest.New(t, tracetest.Options{Ops: 500, Keys: 20})
	d := driveReplay(t, f, 120, 40).Press("G")
	longest := 0
	for range 60 {
		d.Press("G")
		start := d.m.ses.at
		d.Press("down")
		sel := d.m.mapv.Sel
		n := 0
		for last := d.m.ses.at.seq + 1; ; n++ {
			d.Press("b")
			if strings.Contains(d.Screen(), "no writer") {
				break
			}
			if at := d.m.ses.at.seq; at > last || n > 0 && at == last {
				t.Fatalf("b went from op %d to op %d", last, at)
			}
			last = d.m.ses.at.seq
		}
		longest = max(longest, n)
		for d.m.can(actWriterBack) {
			d.Press("B")
		}
		if d.m.ses.at != start || d.m.mapv.Sel != sel {
			t.Fatalf("B came back to %v %v, want %v %v", d.m.ses.at, d.m.mapv.Sel, start, sel)
		}
	}
	if longest < 3 {
		t.Errorf("no chain had more than %d writers", longest)
	}
}

// TestWriterDrift: nobody is blamed for drift.
func TestWriterDrift(t *testing.T) {
	d := shotDrift(t, Options{}, 120, 40)
	for addr, was := range d.m.ses.scene.Drift {
		at, ok := d.m.ses.scene.PlaceOf(addr)
		if !ok {
			t.Fatalf("no cell at %#x, which was %02x", addr, was)
		}
		d.m.mapv.Choose(at)
		d.m.dirty = true
		d.look().See("drift: ", "something not watched wrote it between op ")
	}
}

// TestHistory: H lists who wrote a cell, and goes there.
func TestHistory(t *testing.T) {
	d := driveReplay(t, swiss(t), 120, 40).Press("t")
	tomb := d.m.ses.at
	d.Press("H").See("who wrote it, the last first", fmt.Sprintf("tombstone since op %d", tomb.seq), "full since").
		Press("enter")
	if d.m.ses.at != tomb || d.m.overlay != nil {
		t.Fatalf("at %v", d.m.ses.at)
	}
	d.Press("H", "esc").Miss("who wrote it")
}

// TestWriterScreens are golden: the caption and the history.
func TestWriterScreens(t *testing.T) {
	var b strings.Builder
	for _, size := range [][2]int{{160, 48}, {80, 24}} {
		for _, keys := range [][]string{{"t"}, {"t", "right", "right", "right", "right", "H"}} {
			fmt.Fprintf(&b, "── %d×%d %v\n%s\n", size[0], size[1], keys, shotReplay(t, Options{}, size[0], size[1]).Press(keys...).Screen())
		}
	}
	golden(t, "writer", b.String())
}
