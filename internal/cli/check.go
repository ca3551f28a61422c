package cli

import (
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/oplog"
	"deltui/internal/trace"
)

// maxViolations is how many violations --check lists.
const maxViolations = 20

// checking verifies the maps of the ops that it hands on to a printer, at each
// op's before and, where it returned, its after.
type checking struct {
	oplog.Printer
	tl      trace.Timeline
	tell    func(string)
	found   int
	moments int // those with a map that could be looked at, outside any op
}

// Op implements oplog.Printer.
func (c *checking) Op(op *trace.Op) error {
	if err := c.Printer.Op(op); err != nil {
		return err
	}
	a, err := moment.Of(c.tl, op)
	if err != nil {
		return err
	}
	c.look(op, a.Before)
	if op.Outcome == trace.Returned {
		c.look(op, a.After)
	}
	return nil
}

func (c *checking) look(op *trace.Op, k *moment.Look) {
	if !k.Shows() || !k.Map.Quiet() {
		return
	}
	c.moments++
	for _, v := range gomap.Verify(k.Map) {
		if c.found++; c.found <= maxViolations {
			c.tell(fmt.Sprintf("%s op %d, map %s at %#x: %s", k.At.Phase, op.Seq, moment.MapName(op.Map.ID), v.Addr, v))
		}
	}
}

// err is what --check ends with.
func (c *checking) err() error {
	if c.found > 0 {
		return fmt.Errorf("--check: %d violations of what the runtime promises in %d looks at maps", c.found, c.moments)
	}
	c.tell(fmt.Sprintf("--check: no violation in %d looks at maps", c.moments))
	return nil
}
