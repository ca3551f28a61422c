package probe

import (
	"context"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Source is where moments come from: a live target today.
type Source interface {
	Caps() Caps
	// Run watches by the plan until the target ends, ctx is cancelled (which is
	// [LetGo]), or a command ends the watching. It returns nil for all of these:
	// how the target ended is in the sink's [trace.Fate].
	Run(ctx context.Context, p Plan, s trace.Sink) error
	// Do sends a command and returns at once; what it brings about is seen on
	// the timeline and in State. The error says why the source cannot do it.
	Do(ctx context.Context, c Command) error
	// State is what the source is doing now. It never blocks.
	State() State
}

// Caps says which commands a source understands, beside those that all do.
type Caps struct {
	Stdin  bool // WriteStdin, Resize
	Ops    bool // Watch
	Detach bool // Detach
	Steps  bool // Slow, and Plan.Steps
}

// Plan is what to watch from the start.
type Plan struct {
	Ops    []gomap.OpKind
	Filter Filter
	Max    int  // let go after so many ops; 0 is no limit
	Stack  int  // frames to read; 0 is none
	Std    bool // also ops made by the standard library
	Steps  bool // each op in slow motion
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
