package file

import (
	"fmt"
	"slices"
	"sort"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

var _ trace.Timeline = (*File)(nil)

// Info implements [trace.Timeline].
func (f *File) Info() trace.Info {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.info
}

// Fate implements [trace.Timeline].
func (f *File) Fate() trace.Fate {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.fate
}

// Usage implements [trace.Timeline].
func (f *File) Usage() trace.Usage {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.usage
}

// Len implements [trace.Timeline].
func (f *File) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return int(f.ended)
}

// First implements [trace.Timeline].
func (f *File) First() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.first
}

// Pending implements [trace.Timeline].
func (f *File) Pending() []trace.OpID {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Clone(f.pending)
}

// Maps implements [trace.Timeline].
func (f *File) Maps() []trace.MapSeen {
	f.mu.RLock()
	defer f.mu.RUnlock()
	out := make([]trace.MapSeen, len(f.maps))
	for i, m := range f.maps {
		out[i] = *m
	}
	return out
}

// Source implements [trace.Timeline]. The map must not be changed.
func (f *File) Source(file string) map[int]string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.sources[file]
}

// Changed implements [trace.Timeline].
func (f *File) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return f.changed
}

// Types implements [trace.Timeline].
func (f *File) Types() gomap.Types { return (*types)(f) }

type types File

func (t *types) TypeAt(addr uint64) *gomap.Type {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.types[addr]
}

// Op implements [trace.Timeline]. The op is the caller's, but its Key, Stack and
// Summary are shared and must not be changed.
func (f *File) Op(id trace.OpID) (*trace.Op, error) {
	op, err := f.find(id)
	if err != nil || op.Outcome != trace.Running {
		return op, err
	}
	// The end says it for good; until then it is worked out when asked for.
	if ds, err := moment.Drift(f, op); err == nil {
		op.Drift = len(ds)
	}
	return op, nil
}

func (f *File) find(id trace.OpID) (*trace.Op, error) {
	b, err := f.blockOf(trace.Moment{Op: id})
	if err != nil {
		return nil, err
	}
	op, ok := b.op(id)
	if !ok {
		return nil, fmt.Errorf("op %d: %w", id, trace.ErrDamaged)
	}
	if b.finish(&op) {
		return &op, nil
	}
	for _, n := range f.othersOf(trace.Moment{Op: id}) {
		b, err := f.block(n)
		if err != nil {
			return nil, fmt.Errorf("op %d: %w", id, err)
		}
		if b.finish(&op) {
			break
		}
	}
	return &op, nil
}

// Seq implements [trace.Timeline].
func (f *File) Seq(seq uint64) (*trace.Op, error) {
	if seq == 0 || seq > uint64(f.Len()) {
		return nil, fmt.Errorf("op number %d of %d: %w", seq, f.Len(), trace.ErrNotFound)
	}
	n := f.blockWithSeq(seq)
	b, err := f.block(n)
	if err != nil {
		return nil, fmt.Errorf("op number %d: %w", seq, err)
	}
	if seq < b.firstSeq || seq-b.firstSeq >= uint64(len(b.ends)) {
		return nil, fmt.Errorf("op number %d: %w", seq, trace.ErrDamaged)
	}
	return f.endedOp(b, seq)
}

// endedOp returns the op that ended in b as number seq.
func (f *File) endedOp(b *block, seq uint64) (*trace.Op, error) {
	e := &b.ends[seq-b.firstSeq]
	op, ok := b.op(e.id)
	if !ok {
		began, err := f.blockOf(trace.Moment{Op: e.id})
		if err != nil {
			return nil, err
		}
		if op, ok = began.op(e.id); !ok {
			return nil, fmt.Errorf("op %d: %w", e.id, trace.ErrDamaged)
		}
	}
	e.finish(&op, seq)
	return &op, nil
}

// maxMarks is the most marks that Marks returns at once.
const maxMarks = 1 << 22

// Marks implements [trace.Timeline]. An op that is in a damaged part has the mark
// '?'.
func (f *File) Marks(from, to uint64) []trace.Mark {
	f.mu.RLock()
	defer f.mu.RUnlock()
	from, to = max(from, 1), min(to, f.ended)
	if from > to {
		return nil
	}
	to = min(to, from+maxMarks-1)
	out := make([]trace.Mark, to-from+1)
	for i := range out {
		out[i] = '?'
	}
	first := sort.Search(len(f.blocks), func(i int) bool {
		b := f.blocks[i]
		return b.FirstSeq+uint64(len(b.Marks)) > from
	})
	for _, b := range f.blocks[first:] {
		if b.FirstSeq > to {
			break
		}
		for i, m := range b.Marks {
			if seq := b.FirstSeq + uint64(i); seq >= from && seq <= to {
				out[seq-from] = m
			}
		}
	}
	for i := range f.open.ends {
		if seq := f.open.firstSeq + uint64(i); seq >= from && seq <= to {
			out[seq-from] = f.open.ends[i].summary.Mark
		}
	}
	return out
}
