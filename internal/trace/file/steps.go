package file

import (
	"cmp"
	"fmt"
	"slices"

	"deltui/internal/trace"
)

// Step implements [trace.Sink].
func (s sink) Step(id trace.OpID, at trace.Stepped) error {
	f := s.f
	unlock, err := f.writing()
	if err != nil {
		return err
	}
	defer unlock()
	m := at.Moment(id)
	if m, err = f.moment(m); err != nil || at.Number < 1 {
		return fmt.Errorf("step %d of op %d: no such moment", at.Number, id)
	}
	if f.enc.heavy() {
		if err := f.seal(); err != nil {
			return err
		}
	}
	f.enc.step(id, at)
	f.added(m)
	return nil
}

// Steps implements [trace.Timeline].
func (f *File) Steps(id trace.OpID) ([]trace.Stepped, error) {
	blocks, err := f.blocksOf(trace.Moment{Op: id})
	if err != nil {
		return nil, err
	}
	var out []trace.Stepped
	for _, b := range blocks {
		for i := range b.steps {
			if b.steps[i].id == id {
				out = append(out, b.steps[i].at)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b trace.Stepped) int { return cmp.Compare(a.Number, b.Number) })
	return out, nil
}
