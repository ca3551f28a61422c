package audit

import (
	"strings"
	"sync/atomic"
)

// A Hook watches deletes. Its methods run on the goroutine that deletes, with
// whatever locks that holds; they are called by many goroutines at once.
type Hook interface {
	// Name stands for the hook in records: short, without spaces.
	Name() string

	// Before is asked first. An error aborts the delete. A panic does not: it
	// is recovered, recorded in the op, and the delete goes on.
	Before(*Op) error

	// After is told what came of it, once for each Before that returned nil.
	After(*Op)
}

// NoOp watches nothing. It is the hook until another is set, and costs one
// atomic load.
var NoOp Hook = noop{}

type noop struct{}

func (noop) Name() string     { return "NoOp" }
func (noop) Before(*Op) error { return nil }
func (noop) After(*Op)        {}

// maxChain is the number of hooks that an op can keep track of.
const maxChain = 64

// Chain joins hooks: their Before run in order, up to the first error, and the
// After of those that ran in reverse. Put the one that records first, so that
// it sees what the others did. Nested chains are flattened, NoOps left out. It
// panics with more than 64 hooks.
func Chain(hooks ...Hook) Hook {
	c := &chain{}
	for _, h := range hooks {
		switch h := h.(type) {
		case nil, noop:
		case *chain:
			c.hooks = append(c.hooks, h.hooks...)
		default:
			c.hooks = append(c.hooks, h)
		}
	}
	if len(c.hooks) > maxChain {
		panic("audit: a chain of more than 64 hooks")
	}
	names := make([]string, len(c.hooks))
	for i, h := range c.hooks {
		names[i] = nameOf(h)
	}
	c.name = strings.Join(names, "+")
	if len(c.hooks) == 0 {
		c.name = NoOp.Name()
	}
	return c
}

type chain struct {
	hooks []Hook
	name  string
}

// A chain is never called as a hook: Set takes it apart. The methods serve a
// hook that wraps one.
func (c *chain) Name() string { return c.name }

func (c *chain) Before(op *Op) error {
	for _, h := range c.hooks {
		if err := h.Before(op); err != nil {
			return err
		}
	}
	return nil
}

func (c *chain) After(op *Op) {
	for i := len(c.hooks) - 1; i >= 0; i-- {
		c.hooks[i].After(op)
	}
}

// nameOf survives a Name that panics.
func nameOf(h Hook) (name string) {
	defer func() {
		if recover() != nil {
			name = "unnamed"
		}
	}()
	return h.Name()
}

// current holds a *setting.
var current atomic.Value

// A setting is a hook as Delete wants it.
type setting struct {
	hook  Hook
	chain *chain // nil: nothing to call
}

func init() { current.Store(&setting{hook: NoOp}) }

// Set makes h the hook of all deletes that begin from now on, and returns the
// one before. A delete that is under way keeps the hook that it began with. It
// takes no lock and may be called at any time; nil stands for NoOp.
func Set(h Hook) (old Hook) {
	s := &setting{hook: h}
	if h == nil {
		s.hook = NoOp
	}
	if c := Chain(h).(*chain); len(c.hooks) > 0 {
		s.chain = c
	}
	return current.Swap(s).(*setting).hook
}

// Current returns the hook that the next delete will run.
func Current() Hook { return current.Load().(*setting).hook }
