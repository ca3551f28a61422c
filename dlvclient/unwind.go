package dlvclient

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/go-delve/delve/pkg/proc"
)

// chains makes stacks cheap without making them up. Delve unwinds a stack by
// debug information, at about 20 µs a frame. Go code also keeps a chain of
// frame pointers, which costs one read of the stack; but it knows nothing of
// inlined calls, and assembly may break it. So Delve unwinds each distinct
// chain of return addresses once, and the result is kept for that chain:
//
//	SP ──► … │ saved BP │ return │ … │ saved BP │ return │ …     one read
//	RBP ─────────┘          └── pc1         └── pc2
//	[pc0 pc1 pc2 …] ──► frames, as Delve found them
//
// A chain that disagrees with what Delve found (other return addresses, or
// fewer) is never used: its goroutine is unwound by Delve each time.
type chains struct {
	frames map[string][]Frame
	libs   libraries
	stack0 []byte
	key    []byte
}

// Bounds of the cache and of a walk.
const (
	maxChains   = 1 << 14
	maxStack    = 64 << 10 // bytes of stack that a walk may need
	firstStack  = 2 << 10  // bytes read at first
	maxChainLen = 256
)

func newChains(libs libraries) chains {
	return chains{frames: make(map[string][]Frame), libs: libs, stack0: make([]byte, firstStack)}
}

func (c *chains) stack(tgt *proc.Target, h *Hit, depth int) ([]Frame, error) {
	pcs, whole := c.walk(tgt, h, min(depth, maxChainLen))
	var key string
	if whole {
		c.key = binary.LittleEndian.AppendUint64(c.key[:0], uint64(depth))
		for _, pc := range pcs {
			c.key = binary.LittleEndian.AppendUint64(c.key, pc)
		}
		if fs, ok := c.frames[string(c.key)]; ok && fs != nil {
			return slices.Clone(fs), nil
		}
		key = string(c.key)
	}
	th, ok := tgt.FindThread(h.Thread)
	if !ok {
		return nil, fmt.Errorf("thread %d is gone", h.Thread)
	}
	if err := c.libs.update(tgt); err != nil {
		return nil, err
	}
	raw, err := proc.ThreadStacktrace(tgt, th, depth-1)
	if err != nil {
		return nil, fmt.Errorf("unwinding the stack of thread %d: %w", h.Thread, err)
	}
	fs := framesOf(raw, depth)
	if whole && len(c.frames) < maxChains {
		if agree(raw, pcs) {
			c.frames[key] = slices.Clone(fs)
		} else {
			c.frames[key] = nil
		}
	}
	return fs, nil
}

// walk follows the frame pointers from a hit. whole says that the walk came to
// the root or to depth without meeting anything odd.
func (c *chains) walk(tgt *proc.Target, h *Hit, depth int) (pcs []uint64, whole bool) {
	if tgt.BinInfo().Arch.Name != "amd64" {
		return nil, false
	}
	buf := c.stack0
	if n, err := tgt.Memory().ReadMemory(buf, h.sp); err != nil || n < len(buf) {
		// Near the end of the stack's memory; 256 bytes nearly always are there.
		buf = buf[:256]
		if n, err := tgt.Memory().ReadMemory(buf, h.sp); err != nil || n < len(buf) {
			return nil, false
		}
	}
	pcs = append(pcs, h.pc)
	bp, last := h.bp, h.sp
	for len(pcs) < depth {
		if bp == 0 {
			return pcs, true
		}
		if bp < last || bp-h.sp > maxStack || bp%8 != 0 {
			return nil, false
		}
		off := bp - h.sp
		if off+16 > uint64(len(buf)) {
			more := make([]byte, min(maxStack+16, max(off+16, uint64(4*len(buf)))))
			if n, err := tgt.Memory().ReadMemory(more, h.sp); err != nil || n < len(more) {
				more = more[:off+16]
				if n, err := tgt.Memory().ReadMemory(more, h.sp); err != nil || n < len(more) {
					return nil, false
				}
			}
			buf = more
		}
		next, ret := binary.LittleEndian.Uint64(buf[off:]), binary.LittleEndian.Uint64(buf[off+8:])
		if ret == 0 {
			return pcs, true
		}
		pcs = append(pcs, ret)
		last, bp = bp, next
	}
	return pcs, true
}

// agree reports whether Delve's frames have the return addresses of a walk. At
// the root the two may differ by runtime.goexit, whose frame has no pointer.
func agree(raw []proc.Stackframe, pcs []uint64) bool {
	i := 0
	for _, f := range raw {
		if f.Inlined {
			continue
		}
		if i == len(pcs) {
			return f.Current.Fn != nil && strings.HasPrefix(f.Current.Fn.Name, "runtime.goexit")
		}
		if f.Current.PC != pcs[i] {
			return false
		}
		i++
	}
	return true
}

func framesOf(raw []proc.Stackframe, depth int) []Frame {
	fs := make([]Frame, 0, len(raw))
	for _, f := range raw {
		if len(fs) == depth || f.Err != nil {
			break
		}
		fr := Frame{PC: f.Current.PC, File: f.Call.File, Line: f.Call.Line, Inlined: f.Inlined, Func: "?"}
		if f.Call.Fn != nil {
			fr.Func = f.Call.Fn.Name
		}
		if f.Current.Fn != nil {
			fr.Entry = f.Current.Fn.Entry
		}
		fs = append(fs, fr)
	}
	return fs
}
