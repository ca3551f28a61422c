package trace

import (
	"errors"
	"fmt"
	"time"

	"deltui/internal/gomap"
)

// Sink is written by a source of moments. It copies what it is handed.
//
// An error says that the timeline cannot be written any more, or that the source
// has handed over what no source should. What is merely more than a timeline
// takes is no error, so that it ends no watch: it is left out, and readers are
// told ([Op].TooBig, [Info].Notes).
type Sink interface {
	// Info replaces what is known of the target as a whole.
	Info(Info) error
	// Layout adds a layout and returns its number: 0 if there is no room for it.
	Layout(*gomap.Layout) (LayoutID, error)
	// Type adds a dynamic type: what the descriptor at addr stands for.
	Type(addr uint64, t *gomap.Type) error
	// Begin adds an op that has been entered, and numbers it.
	Begin(Op) (OpID, error)
	// Read adds regions of a map to a moment, with the header's address then. A
	// moment may be read more of at any time, also when it is long over; what was
	// read later wins. mapID 0 is the map of the op or the survey.
	Read(m Moment, mapID int, root uint64, rs []Region) error
	// Survey adds a look at a map outside any op, and returns its moment: what is
	// read of it follows by Read.
	Survey(m MapRef, at time.Duration) (Moment, error)
	// Step adds a step of an op: its place. What the map's memory was then follows
	// by Read.
	Step(id OpID, s Stepped) error
	// End ends an op; its Summary is derived from the regions read.
	End(id OpID, e Ending) error
	// Source adds lines of a source file, for screens without that file.
	Source(file string, first int, lines []string) error
	// Output adds what the target printed: stream 1 is stdout, 2 is stderr.
	Output(stream int, b []byte) error
	// Fate tells how the target ended.
	Fate(Fate) error
	// Usage replaces the figures of what watching costs.
	Usage(Usage) error
}

// Ending is what a source knows when an op ends.
type Ending struct {
	Outcome Outcome
	Message string
	Ended   int64 // nanoseconds since the session began
}

// Timeline is read by screens, printers and exports. Its methods may be called
// from any goroutine while a source writes.
type Timeline interface {
	Info() Info
	Fate() Fate
	Usage() Usage
	// Len is the number of ops that have ended: seq 1 to Len can be asked for.
	Len() int
	// First is the seq of the first op that is still held: 1, but where the
	// timeline is bounded and has let go of its oldest ops ([ErrLetGo]).
	First() uint64
	// Pending lists the ops in progress, in the order of their beginning.
	Pending() []OpID
	// Op returns an op, ended or in progress.
	Op(id OpID) (*Op, error)
	// Seq returns the op that ended as number seq.
	Seq(seq uint64) (*Op, error)
	// Marks returns the glyphs of the ops from..to, by seq, both included.
	Marks(from, to uint64) []Mark
	// Moments lists the moments of an op in the order of time: its before, the
	// steps that were read, and when it has ended its after.
	Moments(id OpID) ([]Moment, error)
	// Steps lists the steps of an op in the order of time; none where the op was
	// not followed so.
	Steps(id OpID) ([]Stepped, error)
	// Surveys is the number of surveys; Survey returns one, from 1.
	Surveys() int
	Survey(n int) (Surveyed, error)
	// Memory returns a map's memory at a moment, with its layout and the
	// header's address then. mapID 0 is the map of the op or of the survey. Where
	// the moment was too big for the timeline all of it is [ErrTooBig].
	Memory(m Moment, mapID int) (gomap.Memory, *gomap.Layout, uint64, error)
	// Types finds the dynamic types of interfaces.
	Types() gomap.Types
	// Find returns the nearest op that q matches, from seq on, from excluded,
	// backwards if back; ErrNotFound if there is none.
	Find(q Query, from uint64, back bool) (*Op, error)
	// Maps lists the maps seen, in the order of their first op or survey.
	Maps() []MapSeen
	// Source returns the lines of a file that are known, by line number.
	Source(file string) map[int]string
	// Output returns what the target printed, the last max bytes, with escape
	// sequences made visible.
	Output(max int) []OutputLine
	// Changed is closed when something was added after this call.
	Changed() <-chan struct{}
}

// MapSeen is one map of the target.
type MapSeen struct {
	MapRef
	Ops  int  // 0: only surveyed
	Last OpID // the last op that began on it
}

// OutputLine is one line that the target printed, made visible.
type OutputLine struct {
	Stream int
	After  uint64 // number of ops that had ended
	Text   string
}

// Errors of a timeline and of its sink.
var (
	// ErrNotFound says that no op matches.
	ErrNotFound = errors.New("no op matches")
	// ErrDamaged says that an op is in a part of the file that is damaged.
	ErrDamaged = errors.New("in a damaged part of the recording")
	// ErrNoMoment says that a map was not looked at at that moment.
	ErrNoMoment = errors.New("no such moment")
	// ErrTooBig says that a map had more memory at a moment than a timeline takes.
	// It is an [gomap.ErrUnread]: all else about the op is there.
	ErrTooBig = fmt.Errorf("%w: it is more than a timeline takes of one moment", gomap.ErrUnread)
	// ErrLetGo says that an op was let go, to keep a timeline within its bound.
	ErrLetGo = errors.New("let go: the timeline is bounded, and has gone on since; record to a file (-o) to keep all")
	// ErrReadOnly says that a recording cannot be written to.
	ErrReadOnly = errors.New("a recording is read-only")
)
