package tui

import (
	"strings"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/trace/tracetest"
)

// TestWho goes from the call that left most to the first op that did.
func TestWho(t *testing.T) {
	tl := swiss(t)
	d := driveReplay(t, tl, 120, 40).Press("W")
	d.See("who deletes", "evict")
	d.Press("enter")
	if d.m.overlay != nil {
		t.Fatal("Enter leaves the box open")
	}
	op := d.m.ses.scene.Op
	made := 0
	for seq := uint64(1); seq <= op.Seq; seq++ {
		o, err := tl.Seq(seq)
		must(t, err)
		if o.Kind == gomap.Delete && o.Summary.Mark == 'x' {
			made++
		}
	}
	if made != 1 || op.Summary.Mark != 'x' {
		t.Errorf("Enter goes to op %d (%c), with %d tombstones made until then; want the first", op.Seq, op.Summary.Mark, made)
	}
}

// TestMaps sorts the maps, and follows one.
func TestMaps(t *testing.T) {
	tl := tracetest.New(t, tracetest.Options{Ops: 700, Layouts: []gomap.LayoutKind{gomap.Swiss, gomap.Swiss, gomap.Swiss}})
	d := driveReplay(t, tl, 120, 40).Press("m")
	d.See("all maps, by waste", "c.byID")
	v := d.m.overlay.(*answers)
	if len(v.report.Maps) != 3 || v.behind || v.report.Ops != 700 {
		t.Fatalf("%d maps by %d ops", len(v.report.Maps), v.report.Ops)
	}
	for i := range mapSorts {
		for k := 1; k < 3; k++ {
			if a, b := &v.report.Maps[k-1], &v.report.Maps[k]; mapSorts[i].by(a, b) > 0 {
				t.Errorf("by %s map %d comes before %d", mapSorts[i].name, a.ID, b.ID)
			}
		}
		d.Press("s")
	}
	d.Press("down", "f")
	if want := v.report.Maps[1].ID; d.m.ses.mapID != want || d.m.ses.scene.Op.Map.ID != want {
		t.Errorf("f follows map %d and shows one of %d, want %d", d.m.ses.mapID, d.m.ses.scene.Op.Map.ID, want)
	}
	// The box once more, and over to the calls.
	d.Press("m", "tab")
	if d.m.overlay.(*answers).maps || !strings.Contains(d.Screen(), "who deletes") {
		t.Error("Tab does not change to the calls")
	}
	d.Press("W")
	if d.m.overlay != nil {
		t.Error("W does not close the box")
	}
}
