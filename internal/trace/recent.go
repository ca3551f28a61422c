package trace

import "sync"

// recent is the last ops as their source decoded them. Whoever follows a live
// timeline asks for each op when it has just ended: these need not be decoded
// again.
type recent struct {
	mu    sync.Mutex
	ops   map[OpID]*Decoded
	order []OpID // oldest first
	rows  int
}

// Bounds of what is kept: of small maps the last ops, of large ones fewer, and
// none of a map that has more rows than that.
const (
	maxRecent     = 256
	maxRecentRows = 1 << 17
)

func rowsOf(d *Decoded) int { return len(d.Before.Rows) + len(d.After.Rows) }

func (r *recent) put(id OpID, d *Decoded) {
	if d.Memory[0] == nil || d.Memory[1] == nil || d.Before == nil || d.After == nil || rowsOf(d) > maxRecentRows {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ops == nil {
		r.ops = make(map[OpID]*Decoded, maxRecent)
	}
	r.ops[id] = d
	r.order = append(r.order, id)
	r.rows += rowsOf(d)
	for len(r.order) > maxRecent || r.rows > maxRecentRows {
		oldest := r.order[0]
		r.rows -= rowsOf(r.ops[oldest])
		delete(r.ops, oldest)
		r.order = r.order[1:]
	}
}

func (r *recent) get(op *Op) *Decoded {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.ops[op.ID]
	if !ok || op.Outcome == Running {
		return nil
	}
	d := *known
	d.Op = op
	return &d
}
