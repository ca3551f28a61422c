package scene

import (
	"errors"
	"fmt"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Load decodes a moment. It fails only where the timeline does not have the op;
// what could not be read or decoded is told in the scene.
func Load(tl trace.Timeline, id trace.OpID, phase trace.Phase) (*Scene, error) {
	op, err := tl.Op(id)
	if err != nil {
		return nil, fmt.Errorf("op %d: %w", id, err)
	}
	if op.Outcome == trace.Running && phase == trace.After {
		phase = trace.Before
	}
	s := &Scene{Moment: trace.Moment{Op: id, Phase: phase}, Op: op, types: tl.Types()}
	if phase == trace.Before {
		m, mem, err := trace.DecodeAt(tl, s.Moment, 0)
		s.Before = side(m, mem, err)
		s.Layout = layout(m)
		s.findDrift(tl)
		s.findKey()
		return s, nil
	}
	d, err := trace.Decode(tl, op)
	if err != nil {
		s.Before, s.After = side(nil, nil, err), side(nil, nil, err)
		return s, nil
	}
	s.Before, s.After = side(d.Before, d.Memory[0], nil), side(d.After, d.Memory[1], nil)
	if s.Layout = layout(d.After); s.Layout == nil {
		s.Layout = layout(d.Before)
	}
	s.take(d.Delta)
	if !s.Late() {
		s.findKey()
	}
	return s, nil
}

func layout(m *gomap.Map) *gomap.Layout {
	if m == nil {
		return nil
	}
	return m.Layout
}

// side is a map with what is counted over its rows. A nil map, which has no
// memory, is none.
func side(m *gomap.Map, mem gomap.Memory, err error) Side {
	switch {
	case err != nil:
		return Side{Err: err.Error()}
	case m == nil:
		return Side{Err: "its header could not be read"}
	case m.Root == 0 || m.Layout == nil:
		return Side{Err: "it is nil"}
	}
	d := Side{Map: m, Mem: mem, rows: make(map[uint64]int, len(m.Rows))}
	for i := range m.Rows {
		d.rows[m.Rows[i].Addr] = i
		d.Sum.add(m.Layout, &m.Rows[i])
	}
	return d
}

// take notes what changed, and finds the cell to look at: the first change that
// the op's own rule explains.
func (s *Scene) take(d *gomap.Delta) {
	if d == nil {
		return
	}
	s.Delta = d
	if r, ok := gomap.RuleNamed(d.Rule); ok {
		s.Rule = &r
	}
	s.changes = make(map[uint64]*gomap.Change, len(d.Changes))
	best := false
	for i := range d.Changes {
		c := &d.Changes[i]
		s.changes[c.Addr] = c
		if s.After.Map == nil || best {
			continue
		}
		own := c.Rule == d.Rule
		if at := s.After.placeOf(s.Layout, c.Addr); at.Row >= 0 && (own || !s.Focused) {
			s.Focus, s.Focused, best = at, true, own
		}
	}
}

// placeOf finds the cell whose control byte is at addr; its row is -1 if none.
func (d *Side) placeOf(l *gomap.Layout, addr uint64) Place {
	for i := range uint64(gomap.CellsPerRow) {
		if row, ok := d.rows[addr-l.Row.Ctrl-i]; ok {
			return Place{row, int(i)}
		}
	}
	return Place{-1, 0}
}

// findDrift finds the control bytes that changed since the last op on this map.
func (s *Scene) findDrift(tl trace.Timeline) {
	if s.Op.Drift == 0 || s.Before.Map == nil || s.Op.Map.ID == 0 {
		return
	}
	last := lastOn(tl, s.Op)
	if last == nil {
		return
	}
	was, _, err := trace.DecodeAt(tl, trace.Moment{Op: last.ID, Phase: trace.After}, 0)
	if err != nil || was == nil || was.Layout == nil {
		return
	}
	s.Drift, s.DriftSince = make(map[uint64]byte), last.Seq
	for i := range was.Rows {
		old := &was.Rows[i]
		now, ok := s.Before.rows[old.Addr]
		if !ok || !old.Read || !s.Before.Map.Rows[now].Read {
			continue
		}
		for c := range gomap.CellsPerRow {
			if b := old.Ctrl[c]; b != s.Before.Map.Rows[now].Ctrl[c] {
				s.Drift[was.Layout.CtrlAddr(old, c)] = b
			}
		}
	}
}

// lastOn is the last op on op's map that ended before op began, or nil.
func lastOn(tl trace.Timeline, op *trace.Op) *trace.Op {
	q, err := trace.Parse(fmt.Sprintf("map=%d", op.Map.ID))
	if err != nil {
		return nil
	}
	from := op.Seq
	if from == 0 {
		from = uint64(tl.Len()) + 1
	}
	for {
		last, err := tl.Find(q, from, true)
		if err != nil || last.Ended <= op.Began {
			return last
		}
		from = last.Seq
	}
}

func (s *Scene) text(d *Side, t *gomap.Type, b []byte, err error, limit int) (string, bool) {
	switch {
	case errors.Is(err, gomap.ErrCleared):
		return "nil", false
	case err != nil:
		return "??", false
	}
	text, _ := gomap.Format(t, b, d.Mem, s.types, limit)
	return text, !strings.Contains(text, "??") || len(gomap.Wants(t, b, d.Mem, s.types, limit)) == 0
}
