package trace

import (
	"slices"

	"deltui/internal/gomap"
)

// Summarize is the summary of an op that ended with an outcome, from what its
// two moments tell; known says that both could be decoded.
func Summarize(kind gomap.OpKind, o Outcome, d *gomap.Delta, known bool) Summary {
	s := Summary{
		Known: known,
		Found: d.Found, FoundKnown: d.FoundKnown, Used: d.Used, Tombstones: d.Tombstones,
		Rule: d.Rule, Events: d.Events, Changes: len(d.Changes), Unexplained: d.Unexplained,
	}
	tombstone := false
	for i := range d.Changes {
		st := d.Changes[i].State
		tombstone = tombstone || st[0] == gomap.Full && st[1] == gomap.Deleted
		if !slices.Contains(s.To, st[1]) {
			s.To = append(s.To, st[1])
		}
	}
	s.Mark = markOf(kind, o, &s, tombstone)
	return s
}

func markOf(kind gomap.OpKind, o Outcome, s *Summary, tombstone bool) Mark {
	has := func(events ...gomap.Event) bool {
		return slices.ContainsFunc(events, func(e gomap.Event) bool { return slices.Contains(s.Events, e) })
	}
	switch {
	case o != Returned:
		return MarkBroken
	case has(gomap.Split):
		return MarkSplit
	case has(gomap.Grow, gomap.SameSizeGrow, gomap.Evacuate, gomap.Rehash):
		return MarkGrow
	case has(gomap.Prune):
		return MarkPrune
	case kind == gomap.Assign:
		return MarkAssign
	case kind == gomap.Clear:
		return MarkClear
	case !s.FoundKnown:
		return MarkUnknown
	case !s.Found:
		return MarkAbsent
	case tombstone:
		return MarkTombstone
	}
	return MarkEmptied
}
