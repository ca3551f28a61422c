package trace

import (
	"time"

	"deltui/internal/gomap"
)

// OpID numbers ops in the order of their beginning, from 1.
type OpID uint64

// LayoutID names a layout of a timeline, from 1. 0 is none.
type LayoutID int

// Phase is the part of an op that a moment belongs to.
type Phase uint8

// The phases. Step and Survey are for sources that have them.
const (
	Before Phase = iota
	Step
	After
	Survey
)

var phaseNames = [...]string{"before", "step", "after", "survey"}

// String is the phase's name.
func (p Phase) String() string {
	if int(p) < len(phaseNames) {
		return phaseNames[p]
	}
	return "unknown"
}

// Moment is a position on the timeline: of an op its before, a step, or its
// after; or a survey, which belongs to no op.
type Moment struct {
	Op    OpID // 0 of a survey
	Phase Phase
	Step  int // number of the step within its op, or of the survey, from 1; else 0
}

// Surveyed is a look at a map outside any op: of a core, of a process when it
// is attached to, of a map that is followed.
type Surveyed struct {
	Number int // from 1, in the order of time
	Map    MapRef
	Time   time.Duration // since the session began
	After  uint64        // number of ops that had ended
}

// Moment is where the survey's regions are on the timeline.
func (s Surveyed) Moment() Moment { return Moment{Phase: Survey, Step: s.Number} }

// Outcome is how an op ended.
type Outcome uint8

// The outcomes. Running is an op that has not ended.
const (
	Running Outcome = iota
	Returned
	Panicked
	Fatal    // the runtime gave up inside the op: concurrent map writes
	Exited   // the target ended with the op in progress
	Detached // deltui let go of the target with the op in progress
)

var outcomeNames = [...]string{"running", "returned", "panicked", "fatal", "exited", "detached"}

// String is the outcome's name in the JSON contract.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown" // a recording of a later version
}

// Op is one map operation of the target.
type Op struct {
	ID        OpID
	Seq       uint64 // in the order of ending, from 1; 0 while it runs
	Kind      gomap.OpKind
	Func      string // the entry point that the compiler or reflect called
	Goroutine int64
	Map       MapRef
	Key       []byte // raw bytes, at most MaxKey; nil for clear
	KeyAddr   uint64 // where they were read, 0 if in registers
	KeyText   string // Go syntax, at most MaxKeyText bytes, decoded at the op's entry
	KeyLen    int    // whole length of that text where it was cut, else 0
	Stack     []Frame
	// Caller is the frame whose op it is: the first that is the user's, neither
	// of the standard library nor of the runtime; if none is, the first outside
	// of runtime, reflect and maps. It is told by the source, also where the stack
	// is cut before it; the zero Frame is not known.
	Caller  Frame
	Began   time.Duration // since the session began
	Ended   time.Duration
	Outcome Outcome
	// Message is what the runtime or the panic said, for an op that did not return.
	Message string
	// Since is the last op on the same map that had ended when this one began;
	// 0 is none, or another was in progress, so that nobody can tell who wrote
	// what in between. The sink sets it.
	Since OpID
	// Drift counts the control bytes that differ between Since's after and this
	// op's before: written by something not watched. The sink derives it.
	Drift int
	// TooBig says that what was read at one of the op's moments is more than a
	// timeline takes: it was left out, and reading it is [ErrTooBig]. The sink
	// sets it when the op ends.
	TooBig  bool
	Summary Summary // set when the op has ended
}

// Bounds of what an op holds of its key.
const (
	MaxKey     = 4096
	MaxKeyText = 256
)

// MapRef names the map that an op works on.
type MapRef struct {
	ID      int    // from 1; 0 for a nil map
	Addr    uint64 // the header's address at the op's entry; 0 is a nil map
	Type    string // map[uint64]int
	Layout  LayoutID
	OnStack bool // the header is in a goroutine's stack, and may move
}

// Frame is one frame of a stack.
type Frame struct {
	Func    string
	File    string // as the compiler recorded it
	Line    int
	PC      uint64
	Inlined bool
	Runtime bool // of the runtime or reflect: screens fold it
	Std     bool // of the standard library, the runtime included
}

// Summary is what searching needs to know of an op without decoding it.
type Summary struct {
	Mark        Mark
	Known       bool // both moments could be decoded; if not, only Mark is set
	Found       bool
	FoundKnown  bool
	Used        [2]uint64
	Tombstones  [2]int
	Rule        string
	Events      []gomap.Event
	Changes     int
	To          []gomap.State // the distinct states that changes led to
	Unexplained int
}

// Mark is an op's glyph on the timeline strip.
type Mark byte

// The marks. Lower case ops, upper case structural events, which win.
const (
	MarkEmptied   Mark = 'd' // a delete that emptied its cell
	MarkTombstone Mark = 'x'
	MarkAbsent    Mark = '-' // a delete of a missing key
	MarkAssign    Mark = 'a'
	MarkClear     Mark = 'c'
	MarkGrow      Mark = 'G' // grow, same-size-grow, evacuate, rehash
	MarkSplit     Mark = 'S'
	MarkPrune     Mark = 'P'
	MarkBroken    Mark = '!' // did not return
	MarkUnknown   Mark = '?' // could not be told, or is in a damaged part of a recording
)

// Region is bytes read from the target at a moment, and what they are.
type Region struct {
	Addr uint64
	Role gomap.Role
	Data []byte
}

// Info is what a timeline knows of its target as a whole.
type Info struct {
	Target     string // as the user named it
	Args       []string
	GoVersion  string // go1.26.8
	Experiment string // GOEXPERIMENT words, or ""
	Arch       string // amd64
	PID        int
	Layout     string // "swiss", "classic", …: the flavour of the target
	Goroot     string // prefix of the runtime's files
	Started    time.Time
	Ops        []string // watched: delete, clear
	Notes      []string // facts to tell: asyncpreemptoff set, filters in force
}

// Fate is what became of the target: it ended by itself, deltui killed it, or it
// runs on.
type Fate struct {
	Ended  bool   // it is no more
	Killed bool   // by deltui
	Status int    // exit status, if it ended by itself
	Signal string // that it died of: "segmentation fault", or ""
	Text   string // one line, to be read after "the target": "exited with status 2"
}

// Usage is the disturbance and cost of watching so far.
type Usage struct {
	Ops         int
	Stops       int
	Hidden      int           `json:",omitempty"` // ops that a filter hid
	Bytes       uint64        // read from the target, caches included
	Elapsed     time.Duration // since the target first ran
	Paused      time.Duration // of that, stopped by us
	Unexplained int
}
