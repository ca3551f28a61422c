package moment

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
		k, err := At(tl, s.Moment, 0)
		if err != nil {
			s.Before = Side{Err: err.Error()}
			return s, nil
		}
		s.Before = side(k)
		s.Layout = layout(k.Map)
		s.findDrift(tl)
		s.findKey()
		return s, nil
	}
	a, err := Of(tl, op)
	if err != nil {
		s.Before, s.After = Side{Err: err.Error()}, Side{Err: err.Error()}
		return s, nil
	}
	s.Before, s.After = side(a.Before), side(a.After)
	if s.Layout = layout(a.After.Map); s.Layout == nil {
		s.Layout = layout(a.Before.Map)
	}
	s.take(a.Delta)
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

// side is a look with what is counted over its rows. A nil map, which has no
// memory, has no map here.
func side(k *Look) Side {
	m := k.Map
	switch {
	case k.Err != nil:
		return Side{Err: k.Err.Error()}
	case m.Root == 0 || m.Layout == nil:
		return Side{Err: "it is nil"}
	}
	mem := k.Mem
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
	ds, err := Drift(tl, s.Op)
	if err != nil || len(ds) == 0 {
		return
	}
	if last, err := tl.Op(s.Op.Since); err == nil {
		s.DriftSince = last.Seq
	}
	s.Drift = make(map[uint64]byte, len(ds))
	for _, d := range ds {
		s.Drift[d.Addr] = d.From
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
