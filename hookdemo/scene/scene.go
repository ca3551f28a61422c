package scene

import (
	"errors"
	"fmt"
	"io"
	"sort"

	"deltui.example/hookdemo/audit"
)

// Result counts what was played. The numbers are the same each time.
type Result struct {
	Audited  int // calls of audit.Delete, those in hooks too
	Recorded int // of these, while an AuditLog was the hook
	Aborted  int // of these, stopped by a hook
	Native   int // builtin deletes
	Sessions int // left in the cache
	Tokens   int // left
}

type session struct {
	user   string
	tokens []uint64
	paying bool
}

type cache struct {
	sessions map[string]*session
	tokens   map[uint64]string
	drafts   map[string]int
	room     int

	out io.Writer
	res Result
}

// Play plays the scene with log as its AuditLog, tells it on out, and puts back
// the hook that was set before.
func Play(out io.Writer, log audit.Hook) Result {
	c := &cache{
		sessions: map[string]*session{}, tokens: map[uint64]string{}, drafts: map[string]int{},
		room: 8, out: out,
	}
	defer audit.Set(audit.Set(audit.NoOp))

	for i := 1; i <= 12; i++ {
		c.login(fmt.Sprintf("s-%02d", i), uint64(i))
	}
	c.sessions["s-06"].paying = true

	c.say("NoOp: s-01 logs out. Nobody is told.")
	c.evict("s-01")

	audit.Set(counted{log, &c.res})
	c.say("AuditLog: %d sessions, room for %d: the oldest go, each with a record.", len(c.sessions), c.room)
	for _, id := range c.oldest(len(c.sessions) - c.room) {
		c.evict(id)
	}
	c.say("    their tokens are still there: %d tokens for %d sessions", len(c.tokens), len(c.sessions))

	audit.Set(audit.Chain(counted{log, &c.res}, audit.Cascade("Cascade", c.cascade)))
	c.say("AuditLog+Cascade: a session takes its tokens along.")
	c.evict("s-05")
	c.evict("s-06")

	audit.Set(audit.Chain(counted{log, &c.res}, broken{}))
	c.say("A hook that panics: the panic is recorded, the delete is done.")
	c.evict("s-07")

	c.say("And the builtin, which no hook of ours can see:")
	for _, id := range []string{"s-01", "s-02", "s-03"} {
		delete(c.drafts, id)
		c.res.Native++
	}
	c.say("    3 drafts deleted, no record. `hookdemo intercept` shows them too.")

	c.res.Sessions, c.res.Tokens = len(c.sessions), len(c.tokens)
	return c.res
}

func (c *cache) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

func (c *cache) login(id string, n uint64) {
	s := &session{user: fmt.Sprint("user ", n), tokens: []uint64{100 + n, 200 + n}}
	c.sessions[id] = s
	for _, t := range s.tokens {
		c.tokens[t] = id
	}
	c.drafts[id] = int(n)
}

func (c *cache) oldest(n int) []string {
	ids := make([]string, 0, len(c.sessions))
	for id := range c.sessions {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids[:n]
}

// evict is the one place that deletes a session.
//
//go:noinline
func (c *cache) evict(id string) {
	c.res.Audited++
	n := len(c.tokens)
	err := audit.Delete(c.sessions, id)
	switch {
	case err != nil:
		c.say("    evict %s: %v", id, errors.Unwrap(err))
	case len(c.tokens) < n:
		c.say("    evict %s, and %d tokens", id, n-len(c.tokens))
	default:
		c.say("    evict %s", id)
	}
}

// cascade deletes a session's tokens before the session goes.
func (c *cache) cascade(op *audit.Op) error {
	id, ok := op.Key.(string)
	if !ok {
		return nil // one of the tokens
	}
	s := c.sessions[id]
	if s.paying {
		return errors.New("kept, it is paying")
	}
	for _, t := range s.tokens {
		c.res.Audited++
		if err := audit.Delete(c.tokens, t); err != nil {
			return err
		}
	}
	return nil
}

// counted counts what its hook is told.
type counted struct {
	audit.Hook
	res *Result
}

func (h counted) After(op *audit.Op) {
	h.res.Recorded++
	if op.Outcome == audit.Aborted {
		h.res.Aborted++
	}
	h.Hook.After(op)
}

type broken struct{}

func (broken) Name() string           { return "Broken" }
func (broken) Before(*audit.Op) error { panic("a bug in the hook") }
func (broken) After(*audit.Op)        {}
