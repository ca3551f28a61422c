package file

import (
	"sync"

	"deltui/internal/moment"
	"deltui/internal/trace"
)

// lookCache holds the looks at the last ops, as they were taken to summarize
// them: whoever follows a live timeline asks for each op when it has just ended.
//
// It cannot change an answer: a look is a function of the regions of its moment,
// of its layout and of the header's address. The latter two never change, and the
// look is dropped as soon as more is read of the op.
type lookCache struct {
	mostRows int // of all looks together; a larger map is not held at all

	mu    sync.Mutex
	ops   map[trace.OpID][2]*moment.Look
	order []trace.OpID // the oldest first
	rows  int
}

// Bounds of what is held: of small maps the last ops, of large ones fewer.
const (
	maxLooks    = 256
	maxLookRows = 1 << 16
)

func rowsOf(ks [2]*moment.Look) (n int) {
	for _, k := range ks {
		if k != nil && k.Map != nil {
			n += len(k.Map.Rows)
		}
	}
	return n
}

func (c *lookCache) put(id trace.OpID, before, after *moment.Look) {
	ks := [2]*moment.Look{before, after}
	n := rowsOf(ks)
	if n > c.mostRows {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ops == nil {
		c.ops = make(map[trace.OpID][2]*moment.Look, maxLooks)
	}
	c.ops[id] = ks
	c.order = append(c.order, id)
	c.rows += n
	for len(c.order) > maxLooks || c.rows > c.mostRows {
		c.rows -= rowsOf(c.ops[c.order[0]])
		delete(c.ops, c.order[0])
		c.order = c.order[1:]
	}
}

// drop forgets an op of which more was read, or that was let go.
func (c *lookCache) drop(id trace.OpID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ks, ok := c.ops[id]; ok {
		c.rows -= rowsOf(ks)
		c.ops[id] = [2]*moment.Look{} // its turn to go comes
	}
}

func (c *lookCache) get(m trace.Moment) *moment.Look {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Phase {
	case trace.Before:
		return c.ops[m.Op][0]
	case trace.After:
		return c.ops[m.Op][1]
	}
	return nil
}

// Look implements [moment.Keeper]. The look is as it would be taken now, as asked
// for.
func (f *File) Look(m trace.Moment, mapID int) *moment.Look {
	k := f.looks.get(m)
	if k == nil || mapID != 0 && mapID != k.MapID {
		return nil
	}
	if m == k.At && mapID == k.MapID {
		return k
	}
	asked := *k
	asked.At, asked.MapID = m, mapID
	return &asked
}
