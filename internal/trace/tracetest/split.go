package tracetest

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// SplitLayout is map[uint64]int as GOEXPERIMENT=mapsplitgroup has it: all keys of
// a group before all its elems.
func SplitLayout() *gomap.Layout {
	l := SwissLayout()
	l.Kind = gomap.SwissSplit
	l.Row = gomap.RowLayout{Size: swissGroup, Keys: 8, KeyStride: 8, Elems: 8 + 8*8, ElemStride: 8}
	return l
}

// splitMap is a Swiss map whose groups lie in memory as those of a split one: the
// two differ in nothing else.
type splitMap struct{ *swissMap }

func (m splitMap) layout() *gomap.Layout { return SplitLayout() }

func (m splitMap) regions() []trace.Region {
	rs := m.swissMap.regions()
	for _, r := range rs {
		if r.Role != gomap.RoleRow {
			continue
		}
		for at := 0; at < len(r.Data); at += swissGroup {
			var g [swissGroup]byte
			old := r.Data[at:][:swissGroup]
			copy(g[:8], old)
			for c := range 8 {
				copy(g[8+8*c:][:8], old[8+16*c:])
				copy(g[8+64+8*c:][:8], old[16+16*c:])
			}
			copy(old, g[:])
		}
	}
	return rs
}
