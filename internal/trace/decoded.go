package trace

import (
	"errors"

	"deltui/internal/gomap"
)

// Decoded is an op with its map as it was before and after: what every screen,
// printer and export starts from.
type Decoded struct {
	Op *Op
	// Before and After are the map at the two moments; nil where its header was
	// not read, and After while the op runs. A nil map has Root 0.
	Before, After *gomap.Map
	// Memory is what was read at the two moments, never nil.
	Memory [2]gomap.Memory
	// Delta is what the op did; nil while it runs.
	Delta *gomap.Delta
}

// Decode decodes an op's map at both of its moments and compares them. An error
// is the timeline's: what was not read is no error.
func Decode(tl Timeline, op *Op) (*Decoded, error) {
	if f, ok := tl.(*File); ok {
		if d := f.recent.get(op); d != nil {
			return d, nil
		}
	}
	d := &Decoded{Op: op, Memory: [2]gomap.Memory{memory(nil), memory(nil)}}
	mem, l, root, err := tl.Memory(Moment{Op: op.ID, Phase: Before}, 0)
	if err != nil {
		return nil, err
	}
	d.Memory[0], d.Before = mem, decodeMap(l, root, mem)

	mem, l, root, err = tl.Memory(Moment{Op: op.ID, Phase: After}, 0)
	switch {
	case err == nil:
		d.Memory[1] = mem
		if op.Outcome != Running {
			d.After = decodeMap(l, root, mem)
		}
	case op.Outcome != Running || !errors.Is(err, ErrNoMoment):
		return nil, err
	}
	if op.Outcome != Running {
		d.Delta = gomap.Compare(op.Kind, d.Before, d.After)
	}
	return d, nil
}

// DecodeAt decodes a map at one moment: mapID 0 is the op's own. The map is nil
// where its header was not read.
func DecodeAt(tl Timeline, m Moment, mapID int) (*gomap.Map, gomap.Memory, error) {
	mem, l, root, err := tl.Memory(m, mapID)
	if err != nil {
		return nil, nil, err
	}
	return decodeMap(l, root, mem), mem, nil
}
