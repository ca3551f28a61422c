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
	around  blocks
}

// ReadAt implements gomap.Memory.
func (r *recorder) ReadAt(p []byte, addr uint64, as gomap.Role) error {
	if r.have(p, addr) {
		return nil
	}
	if err := r.fetch(p, addr, as); err != nil {
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

// have fills p from what was read.
func (r *recorder) have(p []byte, addr uint64) bool {
	for i := len(r.regions) - 1; i >= 0; i-- {
		g := &r.regions[i]
		if g.Addr <= addr && addr+uint64(len(p)) <= g.Addr+uint64(len(g.Data)) {
			copy(p, g.Data[addr-g.Addr:])
			return true
		}
	}
	return false
}

// fetch reads from the target. What keys and elems lead to is small and lies
// side by side, as it was allocated: it is read by the block.
func (r *recorder) fetch(p []byte, addr uint64, as gomap.Role) error {
	switch as {
	case gomap.RoleKey, gomap.RoleElem, gomap.RoleArgument, gomap.RoleType:
		if r.around.read(r.l, p, addr) {
			return nil
		}
	}
	return r.l.read(p, addr)
}

// quiet is a recorder's memory for looking around: what is read through it is
// not kept.
type quiet struct{ r *recorder }

// ReadAt implements gomap.Memory.
func (q quiet) ReadAt(p []byte, addr uint64, as gomap.Role) error {
	if q.r.have(p, addr) {
		return nil
	}
	return q.r.fetch(p, addr, as)
}

// blocks is memory read by the block at one stop: of a thousand keys that are
// compared, some fifty share one.
type blocks map[uint64]*[blockSize]byte

// blockSize divides a page, so that a block can be read where any byte of it can.
const blockSize = 1 << 8

// read fills p, if it is small and can be read so.
func (b *blocks) read(l *Loop, p []byte, addr uint64) bool {
	if len(p) > blockSize || addr+uint64(len(p)) < addr {
		return false
	}
	for len(p) > 0 {
		at := addr &^ (blockSize - 1)
		block := (*b)[at]
		if block == nil {
			block = new([blockSize]byte)
			if l.read(block[:], at) != nil {
				return false
			}
			if *b == nil {
				*b = make(blocks)
			}
			(*b)[at] = block
		}
		n := copy(p, block[addr-at:])
		p, addr = p[n:], addr+uint64(n)
	}
	return true
}
