package gomap

// OpKind is what an op does to a map.
type OpKind uint8

// The ops. Reads and ranges come later.
const (
	Delete OpKind = iota + 1
	Assign
	Clear
)

// String is the op's name in the JSON contract.
func (k OpKind) String() string {
	switch k {
	case Delete:
		return "delete"
	case Assign:
		return "assign"
	case Clear:
		return "clear"
	}
	return "unknown"
}

// Event is a structural happening inside an op.
type Event string

// The events of DESIGN.md.
const (
	Grow         Event = "grow"
	SameSizeGrow Event = "same-size-grow"
	Evacuate     Event = "evacuate"
	Split        Event = "split"
	Rehash       Event = "rehash"
	Prune        Event = "prune"
	Reseed       Event = "reseed"
)

// Change is one control byte going from one value to another.
type Change struct {
	Addr     uint64
	Where    Where // of the row, in the moment after
	Cell     int
	From, To byte
	State    [2]State
	Rule     string // name of a [Rule]; "" is not explained
}

// Delta is what one op did to a map, derived from its two moments.
type Delta struct {
	// Changes are the control bytes whose addresses belong to the map both
	// before and after, in address order.
	Changes []Change
	Events  []Event
	// Found: the key was there. Known only where the map's count was read in
	// both moments.
	Found      bool
	FoundKnown bool
	Used       [2]uint64
	Tombstones [2]int // Swiss cells in state deleted, see [Map.Tombstones]
	// Unexplained counts the changes that no rule accounts for; one, too, where
	// the map's count moved and the byte that belongs to that was not seen to.
	Unexplained int
	// Why is the explanation in a sentence or three, from the rules that fired
	// and the bytes that made them fire.
	Why string
	// Rule is the name of the rule that explains the op as a whole: of its
	// principal change, or of why nothing changed. "" is not explained.
	Rule string
}

// Rule is the runtime's reason for a change.
type Rule struct {
	Name     string // stable: swiss.delete.group-full
	Layouts  []LayoutKind
	Sentence string // why the runtime does it, in plain words
	Sources  []RuleSource
}

// RuleSource finds the lines that show a rule in the target's own runtime
// source: the first line of Func in File that contains Text. Line numbers
// would hold for one version only.
type RuleSource struct {
	File string // path below GOROOT/src: internal/runtime/maps/table.go
	Func string // (*table).Delete
	Text string // g.ctrls().set(i, ctrlDeleted)
}
