package audit

import (
	"fmt"
	"runtime/debug"
)

// Cascade returns a hook that does what has to be done before the key may go,
// such as deleting what depends on it, and stops the delete where that fails:
// by an error, or by a panic, which for this hook means failure too. The
// deletes that do makes run the hooks in turn; see SetLimits.
//
// An aborted delete leaves the map unchanged. What do had done by then stays
// done.
func Cascade(name string, do func(*Op) error) Hook { return &cascade{name, do} }

type cascade struct {
	name string
	do   func(*Op) error
}

func (c *cascade) Name() string { return c.name }
func (c *cascade) After(*Op)    {}

func (c *cascade) Before(op *Op) (err error) {
	done := false
	defer func() {
		if done {
			return
		}
		if r := recover(); r != nil {
			op.fault(Fault{Hook: c.name, Phase: "before", Text: describe(r), Stack: string(debug.Stack())})
			err = fmt.Errorf("panic: %s", describe(r))
		}
	}()
	err = c.do(op)
	done = true
	return err
}
