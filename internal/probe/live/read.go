package live

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// read reads the target's memory and counts the bytes.
func (l *Loop) read(p []byte, addr uint64) error {
	l.meter.bytes += uint64(len(p))
	return l.proc.ReadMemory(p, addr)
}

// recorder is the target's memory at one moment. What is read through it is
// kept as regions, for the timeline; what was read once is not read again, for
// it cannot have changed.
type recorder struct {
	l       *Loop
	regions []trace.Region
	buf     []byte // backs the regions
}

// ReadAt implements gomap.Memory.
func (r *recorder) ReadAt(p []byte, addr uint64, as gomap.Role) error {
	for i := len(r.regions) - 1; i >= 0; i-- {
		g := &r.regions[i]
		if g.Addr <= addr && addr+uint64(len(p)) <= g.Addr+uint64(len(g.Data)) {
			copy(p, g.Data[addr-g.Addr:])
			return nil
		}
	}
	if err := r.l.read(p, addr); err != nil {
		return err
	}
	if cap(r.buf)-len(r.buf) < len(p) {
		r.buf = make([]byte, 0, max(2048, len(p)))
	}
	at := len(r.buf)
	r.buf = append(r.buf, p...)
	r.regions = append(r.regions, trace.Region{Addr: addr, Role: as, Data: r.buf[at:len(r.buf):len(r.buf)]})
	return nil
}

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
