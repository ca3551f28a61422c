package audit

import (
	"errors"
	"strings"
)

// A Hook watches deletes. Its methods run on the goroutine that deletes, with
// whatever locks that holds; they are called by many goroutines at once.
type Hook interface {
	// Name stands for the hook in records: short, without spaces.
	Name() string

	// Before is asked first. An error aborts the delete, but for ErrSkipAfter. A
	// panic does not: it is recovered, recorded in the op, and the delete goes
	// on.
	Before(*Op) error

	// After is told what came of it, once for each Before that returned nil.
	After(*Op)
}

// ErrSkipAfter is what a Before returns that lets the delete go on and does not
// want to be told what came of it.
var ErrSkipAfter = errors.New("audit: the hook lets this delete pass and is not told of its end")

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

// ask runs the Before of the hooks up to the first error, which is that of by.
// Bit i of entered says that the After of hook i is due, also where a hook ends
// its goroutine and ask does not return.
func (c *chain) ask(op *Op, entered *uint64) (by Hook, err error) {
	for i, h := range c.hooks {
		in, err := before(h, op)
		if err == ErrSkipAfter {
			continue
		}
		if err != nil {
			return h, err
		}
		if in {
			*entered |= 1 << uint(i)
		}
	}
	return nil, nil
}

// tell runs the After of the hooks that have entered, in reverse.
func (c *chain) tell(op *Op, entered uint64) {
	for i := len(c.hooks) - 1; i >= 0; i-- {
		if entered&(1<<uint(i)) != 0 {
			after(c.hooks[i], op)
		}
	}
}

// Set takes a chain apart. The methods serve a hook that wraps one.

func (c *chain) Name() string { return c.name }

func (c *chain) Before(op *Op) error {
	var entered uint64
	ours := true
	defer func() {
		if ours { // an error or runtime.Goexit: nobody will call our After
			c.tell(op, entered)
		}
	}()
	by, err := c.ask(op, &entered)
	if err != nil {
		op.abort(by, err)
		return err
	}
	ours = false
	op.wrapped = append(op.wrapped, wrapped{c, entered})
	return nil
}

func (c *chain) After(op *Op) {
	for i := len(op.wrapped) - 1; i >= 0; i-- {
		if w := op.wrapped[i]; w.chain == c {
			op.wrapped = append(op.wrapped[:i], op.wrapped[i+1:]...)
			c.tell(op, w.entered)
			return
		}
	}
}

// wrapped is a chain that a hook has called, and whose After is due.
type wrapped struct {
	chain   *chain
	entered uint64
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
