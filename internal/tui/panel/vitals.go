package panel

import (
	"fmt"
	"slices"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// The vitals in the order in which they matter. What comes after the load is
// shown with raw bytes only.
const (
	rankUsed = iota
	rankTombstones
	rankGrowthLeft
	rankChanged // what else the op changed
	rankLoad
	rankRest
	rankAddress // addresses and seeds, which one reads least
)

// vital is a fact of the map as a whole, before and after.
type vital struct {
	rank  int
	spans []span
	note  string // left out where the line has no room for it
}

// header draws the map's vitals from line y on and returns the number of lines it
// took: one, where raw bytes are not shown and not too much changed.
func header(a canvas.Area, y int, e *Env, sel gomap.Place) int {
	all := vitals(e.Scene, sel, e)
	groups := make([][]span, 0, len(all))
	for i := range all {
		if e.Raw || all[i].rank < rankRest {
			groups = append(groups, all[i].spans)
		}
	}
	need := -3
	for i := range groups {
		need += 3 + a.Width(all[i].note)
		for _, s := range groups[i] {
			need += a.Width(s.text)
		}
	}
	for i := range groups {
		if note := all[i].note; note != "" && need <= a.W {
			groups[i] = append(groups[i], span{look.Dim, note})
		}
	}
	lines := 1
	switch {
	case e.Raw && a.H >= 18:
		lines = 3
	case a.H >= 14:
		lines = 2
	}
	return flow(a, 0, y, a.W, 3, lines, groups)
}

// vitals are what the runtime's own header says, and what follows from the cells,
// by rank.
func vitals(s *moment.Scene, sel gomap.Place, e *Env) []vital {
	side, wasSide := s.Shown(), s.Was()
	m, was := side.Map, wasSide.Map
	out := make([]vital, 0, 8+len(m.Header))
	add := func(rank int, name, from, to string) {
		if from != to && rank > rankChanged {
			rank = rankChanged
		}
		out = append(out, vital{rank: rank, spans: fieldSpans(name, from, to, e)})
	}
	add(rankUsed, "used", fmt.Sprint(was.Used), fmt.Sprint(m.Used))
	slots := m.RowsTotal * gomap.CellsPerRow
	if s.Layout.Kind != gomap.Classic && len(m.Tables) > 0 {
		add(rankTombstones, "tombstones", fmt.Sprint(wasSide.Sum.Tombstones), fmt.Sprint(side.Sum.Tombstones))
	}
	if slots > 0 && allTables(m) {
		load := fmt.Sprintf("%d %%", m.Used*100/slots)
		out = append(out, vital{rankLoad, []span{{look.Dim, "load "}, {look.Text, load}}, fmt.Sprintf(" of %d cells", slots)})
	}
	if t, before := tableOf(m, was, sel); t != nil {
		for i, f := range t.Fields {
			if len(m.Tables) == 1 && f.Name == "used" {
				continue
			}
			from := f
			if before != nil && i < len(before.Fields) {
				from = before.Fields[i]
			}
			rank, name := rankRest, f.Name
			if f.Name == "growthLeft" {
				rank = rankGrowthLeft
			}
			if len(m.Tables) > 1 {
				name = fmt.Sprintf("table %d of %d: %s", m.Rows[sel.Row].Where.No, len(m.Tables), f.Name)
			}
			add(rank, name, fieldText(from), fieldText(f))
			if f.Name == "growthLeft" && notGivenBack(s, from.Value, f.Value) {
				out[len(out)-1].note = " (not given back)"
			}
		}
	}
	for i, f := range m.Header {
		if f.Name == "used" || f.Name == "count" {
			continue
		}
		from := f
		if i < len(was.Header) {
			from = was.Header[i]
		}
		rank := rankRest
		if f.Kind == gomap.FieldPtr || f.Kind == gomap.FieldHash {
			rank = rankAddress
		}
		add(rank, f.Name, fieldText(from), fieldText(f))
	}
	slices.SortStableFunc(out, func(a, b vital) int { return a.rank - b.rank })
	return out
}

// notGivenBack: a key went, and its place in the table did not come back.
func notGivenBack(s *moment.Scene, from, to uint64) bool {
	return s.Delta != nil && s.Op.Kind == gomap.Delete && s.Delta.Found &&
		s.Delta.Tombstones[1] > s.Delta.Tombstones[0] && from == to
}

func tableOf(m, was *gomap.Map, sel gomap.Place) (now, before *gomap.Table) {
	if sel.Row >= len(m.Rows) {
		return nil, nil
	}
	i := m.Rows[sel.Row].Where.Table
	if i < 0 || i >= len(m.Tables) {
		return nil, nil
	}
	now = &m.Tables[i]
	for j := range was.Tables {
		if was.Tables[j].Addr == now.Addr {
			before = &was.Tables[j]
		}
	}
	return now, before
}

func fieldSpans(name, from, to string, e *Env) []span {
	if from == to {
		return []span{{look.Dim, name + " "}, {look.Text, to}}
	}
	return []span{{look.Dim, name + " "}, {look.Text, from}, {look.Accent, e.G.Arrow}, {look.Strong, to}}
}

func fieldText(f gomap.FieldValue) string {
	switch f.Kind {
	case gomap.FieldBool:
		return fmt.Sprint(f.Value != 0)
	case gomap.FieldPtr, gomap.FieldHash:
		return fmt.Sprintf("0x%x", f.Value)
	case gomap.FieldSint:
		return fmt.Sprint(int64(f.Value))
	}
	return fmt.Sprint(f.Value)
}
