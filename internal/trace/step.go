package trace

// Stepped is one step of an op: where in the runtime a part of the map's memory
// was written. What was written is what differs from the moment before it; the
// regions are those of its Moment.
type Stepped struct {
	Number int   // from 1, in the order of time
	At     Frame // the instruction that wrote, or that called what wrote
	// Stores counts the instructions that wrote, where several like ones are one
	// step; else 1.
	Stores int
	// Cut says that the op was not followed any further, and why. Then it is no
	// moment, nothing was read at it, and Stores is 0; At is where the op was.
	Cut string
}

// Moment is where a step's regions are on the timeline.
func (s Stepped) Moment(op OpID) Moment { return Moment{Op: op, Phase: Step, Step: s.Number} }
