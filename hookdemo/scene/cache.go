package scene

import (
	"context"
	"errors"
	"fmt"

	"deltui.example/hookdemo/audit"
)

type session struct {
	user   string
	tokens []uint64
	paying bool
}

// A cache of sessions, with the tokens that belong to them.
type cache struct {
	sessions map[string]*session
	tokens   map[uint64]string // token → session
}

func newCache(n int) *cache {
	c := &cache{sessions: map[string]*session{}, tokens: map[uint64]string{}}
	for i := 1; i <= n; i++ {
		id, at := fmt.Sprintf("s-%02d", i), uint64(i)
		s := &session{user: fmt.Sprint("user ", i), tokens: []uint64{100 + at, 200 + at}, paying: i == payingSession}
		c.sessions[id] = s
		for _, t := range s.tokens {
			c.tokens[t] = id
		}
	}
	return c
}

const payingSession = 4

// drop and evict are the two places where a session is deleted.

//go:noinline
func (c *cache) drop(id string) {
	delete(c.sessions, id)
}

//go:noinline
func (c *cache) evict(ctx context.Context, id string) error {
	return audit.DeleteContext(ctx, c.sessions, id)
}

// cascade is a hook's work: before a session goes it deletes its tokens, or
// refuses.
func (c *cache) cascade(op *audit.Op) error {
	id, ok := op.Key.(string)
	if !ok {
		return nil // one of the tokens
	}
	s := c.sessions[id]
	if s == nil {
		return nil
	}
	if s.paying {
		return errors.New("it is paying")
	}
	for _, t := range s.tokens {
		if err := audit.DeleteContext(op.Context, c.tokens, t); err != nil {
			return err
		}
	}
	return nil
}
