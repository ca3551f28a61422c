package file

import "deltui/internal/trace"

// Find implements [trace.Timeline]. Blocks whose digest tells that no op in them can
// match are not unpacked; those that are damaged are passed over.
func (f *File) Find(q trace.Query, from uint64, back bool) (*trace.Op, error) {
	f.mu.RLock()
	blocks, open, ended := len(f.blocks), f.open, f.ended
	f.mu.RUnlock()

	from = min(from, ended+1)
	if back && from <= 1 || !back && from >= ended {
		return nil, trace.ErrNotFound
	}
	n, step := f.blockWithSeq(from+1), 1
	if back {
		n, step = f.blockWithSeq(from-1), -1
	}
	n = min(n, blocks) // one may have been sealed since
	for ; n >= 0 && n <= blocks; n += step {
		b := &open
		if n < blocks {
			info := f.sealed(n)
			if info.letGo || !q.MayMatch(&info.Bounds, info.hasKey) {
				continue
			}
			if b = f.blockCache.get(n); b == nil {
				var err error
				if b, err = f.load(n, info); err != nil {
					continue
				}
			}
		}
		if op := f.findIn(b, q, from, back); op != nil {
			if n < blocks {
				f.blockCache.put(n, b)
			}
			return op, nil
		}
	}
	return nil, trace.ErrNotFound
}

func (f *File) findIn(b *block, q trace.Query, from uint64, back bool) *trace.Op {
	for k := range b.ends {
		i := k
		if back {
			i = len(b.ends) - 1 - k
		}
		seq := b.firstSeq + uint64(i)
		if back && seq >= from || !back && seq <= from {
			continue
		}
		if op, err := f.endedOp(b, seq); err == nil && q.Match(op) {
			return op
		}
	}
	return nil
}
