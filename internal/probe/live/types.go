package live

import "deltui/internal/gomap"

// liveTypes finds the dynamic types of interfaces in the target, and tells the
// sink of each.
type liveTypes struct {
	l     *Loop
	known map[uint64]*gomap.Type
}

// TypeAt implements gomap.Types.
func (t *liveTypes) TypeAt(addr uint64) *gomap.Type {
	if g, ok := t.known[addr]; ok {
		return g
	}
	g := t.l.file.TypeAt(addr - t.l.slide)
	if g == nil { // made at run time, or not in a PIE's debug information
		if made, err := t.l.file.TypeFromMemory(&recorder{l: t.l}, addr, t.l.slide); err == nil {
			g = made
		}
	}
	t.known[addr] = g
	if g != nil {
		_ = t.l.sink.Type(addr, g)
	}
	return g
}
