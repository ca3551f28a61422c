package cli

import (
	"deltui/internal/oplog"
	"deltui/internal/tally"
	"deltui/internal/trace"
)

// counting tallies the ops that it hands on to a printer.
type counting struct {
	oplog.Printer
	tl    trace.Timeline
	tally *tally.Tally
}

func newCounting(to oplog.Printer, tl trace.Timeline) *counting {
	return &counting{to, tl, tally.New()}
}

// Op implements oplog.Printer.
func (c *counting) Op(op *trace.Op) error {
	if err := c.Printer.Op(op); err != nil {
		return err
	}
	return c.tally.Add(c.tl, op)
}

// maxWho is how many calls and how many maps --who lists.
const maxWho = 40

// tellWho prints the tables of --who: to stderr, since stdout carries ops only.
func (a *App) tellWho(t *tally.Tally, f *traceFlags) {
	style := tally.Style{ASCII: f.ascii, Top: maxWho}
	if isTerminal(a.Stderr) {
		style.Width = a.width(a.Stderr)
	}
	r := t.Report()
	_ = r.Write(a.Stderr, style)
}
