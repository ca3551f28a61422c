package live

import (
	"encoding/binary"
	"fmt"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/goabi"
)

// goroutine is what is known of the goroutine of a hit. Its id tells it apart;
// its stack's bounds tell whether a map's header is on it, and where to when
// the stack has moved: distances from the upper end stay.
type goroutine struct {
	id     int64
	lo, hi uint64 // stack
}

// onStack reports whether addr is on the goroutine's stack.
func (g goroutine) onStack(addr uint64) bool { return g.lo <= addr && addr < g.hi }

// gOffsets is where runtime.g has what is needed.
type gOffsets struct{ id, lo, hi, end uint64 }

func readGOffsets(f *debuginfo.File) (o gOffsets, err error) {
	for _, w := range []struct {
		to   *uint64
		path string
	}{{&o.id, "goid"}, {&o.lo, "stack.lo"}, {&o.hi, "stack.hi"}} {
		if *w.to, _, err = f.Field("runtime.g", w.path); err != nil {
			return o, fmt.Errorf("finding goroutines: %w", err)
		}
		o.end = max(o.end, *w.to+8)
	}
	if o.end > 4096 {
		return o, fmt.Errorf("finding goroutines: runtime.g.goid at offset %d is beyond belief", o.id)
	}
	return o, nil
}

// goroutineOf reads the goroutine that a hit is on.
func (l *Loop) goroutineOf(h *dlvclient.Hit) (goroutine, error) {
	addr, ok := h.Reg(goabi.Of(l.proc.Arch()).G)
	if !ok || addr == 0 {
		return goroutine{}, fmt.Errorf("no goroutine on thread %d", h.Thread)
	}
	var buf [4096]byte
	b := buf[:l.gOff.end]
	if err := l.read(b, addr); err != nil {
		return goroutine{}, fmt.Errorf("reading the goroutine on thread %d: %w", h.Thread, err)
	}
	word := func(off uint64) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
	return goroutine{id: int64(word(l.gOff.id)), lo: word(l.gOff.lo), hi: word(l.gOff.hi)}, nil
}
