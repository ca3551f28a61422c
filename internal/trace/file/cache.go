package file

import "sync"

// cache holds the blocks that were used last, by their numbers, within
// cacheBytes; the last one always.
type cache struct {
	mu    sync.Mutex
	held  []cached // the last used at the end
	bytes int
}

type cached struct {
	n     int
	block *block
	size  int
}

func (c *cache) get(n int) *block {
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

func (c *cache) put(n int, b *block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.held {
		if h.n == n {
			return
		}
	}
	h := cached{n, b, b.size()}
	c.held = append(c.held, h)
	c.bytes += h.size
	for c.bytes > cacheBytes && len(c.held) > 1 {
		c.bytes -= c.held[0].size
		c.held[0] = cached{}
		c.held = c.held[1:]
	}
}
