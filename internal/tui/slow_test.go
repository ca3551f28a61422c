package tui

import (
	"context"
	"slices"
	"testing"

	"deltui/internal/gomap"
	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
)

// told is a stub that notes what it is told, and knows slow motion.
type told struct {
	stub
	did []probe.Command
}

func (s *told) Caps() probe.Caps { return probe.Caps{Ops: true, Steps: true} }

func (s *told) Do(_ context.Context, c probe.Command) error {
	s.did = append(s.did, c)
	return nil
}

// withRoles is a small map's memory as a source reads it.
func withRoles(rs []trace.Region) []trace.Region {
	rs[0].Role, rs[1].Role = gomap.RoleHeader, gomap.RoleRow
	return rs
}

// slowOp writes the before of a delete that is about to run; finish writes its
// steps and its end.
func slowOp(t *testing.T) (f *file.File, id trace.OpID, finish func()) {
	f, s, m := handmade(t)
	id, err := s.Begin(trace.Op{Kind: gomap.Delete, Func: "runtime.mapdelete_fast64", Map: m, Key: []byte{11, 0, 0, 0, 0, 0, 0, 0}, KeyText: "11"})
	must(t, err)
	must(t, s.Read(trace.Moment{Op: id}, 0, m.Addr, withRoles(smallMap(3, 0x11, 0x22, 0x33))))
	return f, id, func() {
		for i, rs := range [][]trace.Region{smallMap(2, 0x11, 0x22, 0x33), smallMap(2, 0x11, 0x80, 0x33)} {
			at := trace.Stepped{Number: i + 1, Stores: 1, At: trace.Frame{Func: "internal/runtime/maps.(*Map).deleteSmall", File: "/usr/go/src/internal/runtime/maps/map.go", Line: 702 + i, Runtime: true, Std: true}}
			must(t, s.Step(id, at))
			must(t, s.Read(at.Moment(id), 0, m.Addr, withRoles(rs)))
		}
		must(t, s.Read(trace.Moment{Op: id, Phase: trace.After}, 0, m.Addr, withRoles(smallMap(2, 0x11, 0x80, 0x33))))
		must(t, s.End(id, trace.Ending{Outcome: trace.Returned}))
	}
}

func shotStep(t *testing.T, o Options, w, h int) *driver {
	f, _, finish := slowOp(t)
	finish()
	return drive(t, Config{Session: &Session{Timeline: f}, Options: o}, w, h).Press("s", "s")
}

// s goes through the moments inside an op, and S back; → and ← leave them.
func TestStepKeys(t *testing.T) {
	f, _, finish := slowOp(t)
	finish()
	d := driveReplay(t, f, 160, 48)
	d.See("before op 1 of 1").Press("s").See("step 1 of 2 in op 1 of 1", "Used: 3 becomes 2", "map.go:702").Miss("not there")
	d.Press("s").See("step 2 of 2 in op 1 of 1", "control byte 22 becomes 80, full", "swiss.delete.small", "map.go:703")
	d.Press("s").See("after op 1 of 1").Press("s").See("no more steps")
	d.Press("S").See("step 2 of 2").Press("S").See("step 1 of 2").Press("S").See("before op 1 of 1").Press("S").See("no more steps")
	d.Press("s", "right").See("after op 1 of 1")
	d.Press("S", "left").See("before op 1 of 1")
	d.Press("s", "s", "u").See("before op 1 of 1")
}

// At the live end s has the op run in slow motion, and then shows its first step.
func TestSlowAtTheLiveEnd(t *testing.T) {
	f, id, finish := slowOp(t)
	src := &told{stub: stub{probe.State{Doing: probe.Resting, At: trace.Moment{Op: id}}}}
	d := drive(t, Config{Session: &Session{Timeline: f, Source: src}}, 160, 48)
	d.See("before op 1").Press("s")
	if !slices.Contains(src.did, probe.Command(probe.Slow{})) {
		t.Fatalf("it was told %v", src.did)
	}
	finish()
	src.state.At = trace.Moment{Op: id, Phase: trace.After}
	d.look().See("step 1 of 2 in op 1 of 1", "Used: 3 becomes 2")
	d.Press("G").See("after op 1 of 1 (live end)")
}

// An op that is over was either seen so, or not.
func TestNoSteps(t *testing.T) {
	d := driveReplay(t, swiss(t), 160, 48)
	d.Press("s").See("not seen in slow motion", "before op 1 of")
}
