package moment

import (
	"errors"
	"fmt"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Look is a map at a moment.
type Look struct {
	At     trace.Moment
	MapID  int
	Layout *gomap.Layout // nil where it is not known
	Root   uint64        // the header's address; 0 is a nil map
	Mem    gomap.Memory  // what was read at the moment and nothing else; never nil
	// Map is decoded from Mem: of a nil map one without rows and Root 0; nil
	// where Err says why: ErrNoLayout, ErrNoHeader, [trace.ErrTooBig], or what of
	// the memory cannot be.
	Map *gomap.Map
	Err error
}

// Why a look has no map.
var (
	// ErrNoLayout says that the map's type is not known.
	ErrNoLayout = errors.New("its layout is not known")
	// ErrNoHeader says that nothing of the map was read.
	ErrNoHeader = errors.New("its header was not read")
)

// Take decodes a map with its header at root from what was read at a moment.
func Take(at trace.Moment, mapID int, l *gomap.Layout, root uint64, mem gomap.Memory) *Look {
	k := &Look{At: at, MapID: mapID, Layout: l, Root: root, Mem: mem}
	if k.Mem == nil {
		k.Mem = trace.NewMemory(nil)
	}
	switch {
	case root == 0:
		k.Map = &gomap.Map{Layout: l}
	case l == nil:
		k.Err = ErrNoLayout
	default:
		k.Map, k.Err = gomap.Decode(l, root, k.Mem, gomap.Window{})
		if errors.Is(k.Err, gomap.ErrUnread) && !errors.Is(k.Err, trace.ErrTooBig) {
			k.Err = ErrNoHeader
		}
	}
	return k
}

// Shows reports whether there is a map to show: not of a nil one, which has no
// memory, and not where Err says why. A nil Look shows none.
func (k *Look) Shows() bool {
	return k != nil && k.Map != nil && k.Map.Root != 0 && k.Map.Layout != nil
}

// Lacks says why there is no map to show.
func (k *Look) Lacks() string {
	switch {
	case k == nil:
		return "it was not looked at"
	case k.Err != nil:
		return k.Err.Error()
	case k.Root == 0:
		return "it is nil"
	}
	return ErrNoLayout.Error()
}

// Keeper is a timeline that keeps looks which were taken lately. It is asked
// first: a look that it keeps is the one that would be taken.
type Keeper interface {
	// Look returns nil for a look that is not kept.
	Look(m trace.Moment, mapID int) *Look
}

// At looks at a map as a timeline has it at a moment; mapID 0 is the op's own. An
// error is the timeline's; what was not read is told in the look.
func At(tl trace.Timeline, m trace.Moment, mapID int) (*Look, error) {
	if keeper, ok := tl.(Keeper); ok {
		if k := keeper.Look(m, mapID); k != nil {
			return k, nil
		}
	}
	mem, l, root, err := tl.Memory(m, mapID)
	if err != nil {
		return nil, fmt.Errorf("looking at map %d at %v of op %d: %w", mapID, m.Phase, m.Op, err)
	}
	return Take(m, mapID, l, root, mem), nil
}

// Between derives what an op of a kind did to a map from one look to a later one.
func Between(kind gomap.OpKind, before, after *Look) *gomap.Delta {
	return gomap.Compare(kind, before.Map, after.Map)
}

// Drift lists what of an op's map was written since the op before on it, by
// something that is not watched. It is empty where that cannot be told: at a
// map's first op, and where another op on the map was in progress.
func Drift(tl trace.Timeline, op *trace.Op) ([]gomap.Drifted, error) {
	if op.Since == 0 {
		return nil, nil
	}
	was, err := At(tl, trace.Moment{Op: op.Since, Phase: trace.After}, op.Map.ID)
	if err != nil {
		return nil, err
	}
	now, err := At(tl, trace.Moment{Op: op.ID, Phase: trace.Before}, op.Map.ID)
	if err != nil {
		return nil, err
	}
	return gomap.Drift(was.Map, now.Map), nil
}
