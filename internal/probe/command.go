package probe

import (
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Command is one of the commands below.
type Command interface{ command() }

// The commands.
type (
	// Next runs to the next moment: an op's after, or the next op's before.
	Next struct{}
	// Slow is Next at an op's before: it runs to the op's after in slow motion, and
	// so adds the op's steps. Anywhere else it is Next and no more.
	Slow struct{}
	// Run runs until Pause, or until an op for which Until holds has ended;
	// the zero Query never holds. Speed is ops per second, 0 is flat out.
	Run struct {
		Until trace.Query
		Speed float64
	}
	// Pause stops at the next moment, at once if the target is quiet.
	Pause struct{}
	// SetFilter replaces the filter.
	SetFilter struct{ Filter Filter }
	// Watch replaces the kinds of ops watched; of map MapID only, if not 0,
	// for kinds that the plan did not have.
	Watch struct {
		Ops   []gomap.OpKind
		MapID int
	}
	// WriteStdin gives bytes to the target's input.
	WriteStdin struct{ Data []byte }
	// Resize tells the target's terminal its size.
	Resize struct{ Cols, Rows int }
)

// The commands that end the watching. What was done to the target is told by
// the sink's [trace.Fate].
type (
	// LetGo does what the source does by itself when a limit is reached or Run's
	// context ends: a target that was launched is killed, one that ran before runs
	// on.
	LetGo struct{}
	// Detach lets the target run on.
	Detach struct{}
	// Kill ends the target.
	Kill struct{}
)

func (Next) command()       {}
func (Slow) command()       {}
func (Run) command()        {}
func (Pause) command()      {}
func (SetFilter) command()  {}
func (Watch) command()      {}
func (WriteStdin) command() {}
func (Resize) command()     {}
func (LetGo) command()      {}
func (Detach) command()     {}
func (Kill) command()       {}
