package probe

import (
	"context"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Source is where moments come from: a live target today.
type Source interface {
	Caps() Caps
	// Run watches by the plan until the target ends, ctx is cancelled (the
	// target is let go), or a [Quit] is done. It returns nil for all of these:
	// how the target ended is in the sink's [trace.Fate].
	Run(ctx context.Context, p Plan, s trace.Sink) error
	// Do sends a command and returns at once; what it brings about is seen on
	// the timeline and in State.
	Do(ctx context.Context, c Command) error
	// State is what the source is doing now. It never blocks.
	State() State
}

// Caps says which commands a source understands.
type Caps struct {
	Stdin bool // WriteStdin
	Ops   bool // Watch
}

// Plan is what to watch from the start.
type Plan struct {
	Ops    []gomap.OpKind
	Filter Filter
	Max    int  // let go after so many ops; 0 is no limit
	Stack  int  // frames to read; 0 is none
	Std    bool // also ops made by the standard library
	// Paused: rest at the first op's before, and wait for commands. Otherwise
	// run freely.
	Paused bool
	// Speed is ops per second if not Paused; 0 is flat out.
	Speed float64
	// Tight lets the target and us share one CPU while stops come fast. That is
	// several times faster, but a screen would have to share it too, and answer
	// keys late.
	Tight bool
	// Seen is the timeline that the sink writes to; conditions look at it.
	Seen trace.Timeline
}

// Filter hides ops before anything is read of their maps. Zero fields match
// all. A hidden op still costs its stop.
type Filter struct {
	Map       string // #3, 0xc000012345 or map[string]int
	Key       string // Go syntax; a string key also without quotes
	Func      string // regular expression, matched against the caller and the entry point
	Goroutine int64
}

// Command is one of the commands below.
type Command interface{ command() }

// The commands.
type (
	// Next runs to the next moment: an op's after, or the next op's before.
	Next struct{}
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
	// Quit lets go of the target: a launched one is killed.
	Quit struct{}
)

func (Next) command()       {}
func (Run) command()        {}
func (Pause) command()      {}
func (SetFilter) command()  {}
func (Watch) command()      {}
func (WriteStdin) command() {}
func (Resize) command()     {}
func (Quit) command()       {}

// Doing is what a source is doing.
type Doing uint8

// What a source can be doing.
const (
	Starting Doing = iota
	Resting        // at a moment, waiting for a command
	Running        // the target runs
	Ended          // the target has ended or was let go
)

// State is what a source is doing, and where it rests.
type State struct {
	Doing Doing
	At    trace.Moment // where it rests, or the last moment
	Hit   string       // why it came to rest: "until tombstones>3", "paused"
	Err   error        // why it ended, if not by the target's own end
}
