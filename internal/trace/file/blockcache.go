package file

import "sync"

// blockCache holds the blocks that were used last, by their numbers, within a
// number of bytes; the last one always, or with a negative number none.
//
// It cannot change an answer: a block is never changed once it is sealed, so one
// that is held is the one that would be read. One that was let go is asked for by
// nobody.
type blockCache struct {
	most int // bytes
	mu   sync.Mutex

	held  []cached // the last used at the end
	bytes int
}

type cached struct {
	n     int
	block *block
	size  int
}

func (c *blockCache) get(n int) *block {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.held) - 1; i >= 0; i-- {
		if h := c.held[i]; h.n == n {
			c.held = append(append(c.held[:i], c.held[i+1:]...), h)
			return h.block
		}
	}
	return nil
}

func (c *blockCache) put(n int, b *block) {
	if c.most < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.held {
		if h.n == n {
			return
		}
	}
	h := cached{n, b, b.held()}
	c.held = append(c.held, h)
	c.bytes += h.size
	for c.bytes > c.most && len(c.held) > 1 {
		c.bytes -= c.held[0].size
		c.held[0] = cached{}
		c.held = c.held[1:]
	}
}
