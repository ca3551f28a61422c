package file

import (
	"sync"

	"deltui/internal/gomap"
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

	// The map as each op left it that was the last on its map, for the drift of the
	// next one: that may come many blocks later.
	left     map[trace.OpID]*gomap.Map
	last     map[int]trace.OpID // by map
	leftRows int
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
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave(id, after)
	if n > c.mostRows {
		return
	}
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

// leave notes how an op left its map.
func (c *lookCache) leave(id trace.OpID, after *moment.Look) {
	if c.left == nil {
		c.left, c.last = map[trace.OpID]*gomap.Map{}, map[int]trace.OpID{}
	}
	c.forget(c.last[after.MapID])
	delete(c.last, after.MapID)
	if after.Map == nil || len(after.Map.Rows) > c.mostRows {
		return
	}
	c.left[id], c.last[after.MapID] = after.Map, id
	c.leftRows += 1 + len(after.Map.Rows)
	for mapID, old := range c.last { // of many maps any
		if c.leftRows <= c.mostRows {
			break
		}
		c.forget(old)
		delete(c.last, mapID)
	}
}

func (c *lookCache) forget(id trace.OpID) {
	if m := c.left[id]; m != nil {
		c.leftRows -= 1 + len(m.Rows)
		delete(c.left, id)
	}
}

// leftBy is the map as an op left it, or nil if that is not held.
func (c *lookCache) leftBy(id trace.OpID) *gomap.Map {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left[id]
}

// drop forgets an op of which more was read, or that was let go.
func (c *lookCache) drop(id trace.OpID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(id)
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
