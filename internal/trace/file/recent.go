package file

import (
	"sync"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

// recent is the looks at the last ops, as they were taken to summarize them:
// whoever follows a live timeline asks for each op when it has just ended. They
// are what [moment.At] would take from the records, so having forgotten one
// costs time and changes nothing.
type recent struct {
	mu    sync.Mutex
	ops   map[trace.OpID][2]*moment.Look
	order []trace.OpID // oldest first
	rows  int
}

// Bounds of what is kept: of small maps the last ops, of large ones fewer, and
// none of a map that has more rows than that.
const (
	maxRecent     = 256
	maxRecentRows = 1 << 16
)

func rowsOf(ks [2]*moment.Look) (n int) {
	for _, k := range ks {
		if k != nil && k.Map != nil {
			n += len(k.Map.Rows)
		}
	}
	return n
}

func (r *recent) put(id trace.OpID, before, after *moment.Look) {
	ks := [2]*moment.Look{before, after}
	n := rowsOf(ks)
	if n > maxRecentRows {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ops == nil {
		r.ops = make(map[trace.OpID][2]*moment.Look, maxRecent)
	}
	r.ops[id] = ks
	r.order = append(r.order, id)
	r.rows += n
	for len(r.order) > maxRecent || r.rows > maxRecentRows {
		r.rows -= rowsOf(r.ops[r.order[0]])
		delete(r.ops, r.order[0])
		r.order = r.order[1:]
	}
}

// drop forgets an op of which more was read.
func (r *recent) drop(id trace.OpID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ks, ok := r.ops[id]; ok {
		r.rows -= rowsOf(ks)
		r.ops[id] = [2]*moment.Look{} // its turn to go comes
	}
}

func (r *recent) get(m trace.Moment) *moment.Look {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch m.Phase {
	case trace.Before:
		return r.ops[m.Op][0]
	case trace.After:
		return r.ops[m.Op][1]
	}
	return nil
}

// Look implements [moment.Keeper].
func (f *File) Look(m trace.Moment, mapID int) *moment.Look {
	k := f.recent.get(m)
	if k == nil || mapID != 0 && mapID != k.MapID {
		return nil
	}
	return k
}
