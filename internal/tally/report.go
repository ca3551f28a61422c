package tally

import (
	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// Report is what a tally has counted so far.
type Report struct {
	Ops     uint64
	Unknown uint64 // ops whose moments could not both be decoded
	Calls   []Call
	Maps    []Map
}

// Call is a calling stack with its deletes.
type Call struct {
	Stack   []trace.Frame // from the caller on, without the runtime's root; may be empty
	Rest    bool          // all calls beyond those that are told apart
	Deletes uint64
	Absent  uint64 // of them, of a missing key
	Made    uint64 // tombstones that they have made
	Left    int    // of them, those that were there when last looked at
	Drained int    // rows whose last entry they took, and that have none since
	First   uint64 // seq of its first op
	Last    uint64
	// FirstMade is the seq of the first op that made a tombstone, FirstDrained of
	// the first that drained a row; 0 is none.
	FirstMade, FirstDrained uint64
}

// Show is the seq of the op to look at: the first that left something, or the
// first.
func (c *Call) Show() uint64 { return show(c.FirstMade, c.FirstDrained, c.First) }

func show(seqs ...uint64) uint64 {
	for _, s := range seqs {
		if s != 0 {
			return s
		}
	}
	return 0
}

// Map is a map with its ops.
type Map struct {
	ID      int // 0: all nil maps
	Type    string
	Name    string      // as the first op whose line of source tells it calls it: c.byUser; "" is not known
	Caller  trace.Frame // of the first delete on it, or of the first op
	Ops     map[gomap.OpKind]uint64
	Deletes uint64
	Absent  uint64
	Made    uint64 // tombstones that were seen to be made
	Left    int    // of them, those that were there when last looked at
	Drained int
	First   uint64 // seq of the first op on it
	Last    uint64

	FirstMade, FirstDrained uint64

	// As of the last look at it; Known is false where it had none.
	Known      bool
	Tombstones int // all of them, by the headers: also those that nobody was seen to make

	Used      uint64
	Held      gomap.Size // where HeldKnown
	HeldKnown bool
	Fresh     gomap.Size // of a fresh map with its entries
	Spare     string     // as of [gomap.Map.Spare]

	byDelete bool // Caller is a delete's
}

// Waste is how many bytes more than a fresh map it holds.
func (m *Map) Waste() uint64 {
	if !m.HeldKnown || m.Held.Bytes < m.Fresh.Bytes {
		return 0
	}
	return m.Held.Bytes - m.Fresh.Bytes
}

// Called is the map's name, or where no line of source gives it one, its type and
// the function that was first seen to work on it.
func (m *Map) Called(dots string) string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Caller.Func == "":
		return m.Type
	}
	return m.Type + " of " + moment.ShortName(m.Caller.Func, dots)
}

// Show is the seq of the op to look at, as of [Call.Show].
func (m *Map) Show() uint64 { return show(m.FirstMade, m.FirstDrained, m.First) }
