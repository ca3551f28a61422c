package file

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

var _ trace.Timeline = (*File)(nil)

// Info implements [Timeline].
func (f *File) Info() trace.Info {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.info
}

// Fate implements [Timeline].
func (f *File) Fate() trace.Fate {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.fate
}

// Usage implements [Timeline].
func (f *File) Usage() trace.Usage {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.usage
}

// Len implements [Timeline].
func (f *File) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return int(f.ended)
}

// Pending implements [Timeline].
func (f *File) Pending() []trace.OpID {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Clone(f.pending)
}

// Maps implements [Timeline].
func (f *File) Maps() []trace.MapSeen {
	f.mu.RLock()
	defer f.mu.RUnlock()
	out := make([]trace.MapSeen, len(f.maps))
	for i, m := range f.maps {
		out[i] = *m
	}
	return out
}

// Source implements [Timeline]. The map must not be changed.
func (f *File) Source(file string) map[int]string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.sources[file]
}

// Changed implements [Timeline].
func (f *File) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return f.changed
}

// Types implements [Timeline].
func (f *File) Types() gomap.Types { return (*types)(f) }

type types File

func (t *types) TypeAt(addr uint64) *gomap.Type {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.types[addr]
}

// Op implements [Timeline]. The op is the caller's, but its Key, Stack and
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
	b, err := f.blockOf(id)
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
	for _, n := range f.othersOf(id) {
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

// Seq implements [Timeline].
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
		began, err := f.blockOf(e.id)
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

// Marks implements [Timeline]. An op that is in a damaged part has the mark
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

// Memory implements [Timeline].
//
// A moment of an op has a memory from the op's beginning (Before) or its end
// (After) on, if only an empty one; other moments and other maps have one if
// something was read. A nil map has an empty memory, and root 0.
func (f *File) Memory(m trace.Moment, mapID int) (gomap.Memory, *gomap.Layout, uint64, error) {
	var rs []trace.Region
	var root uint64
	var layout trace.LayoutID
	var found bool
	own := false
	var blocks []*block
	if m.Op != 0 {
		op, err := f.find(m.Op)
		if err != nil {
			return nil, nil, 0, err
		}
		if own = mapID == 0 || mapID == op.Map.ID; own {
			mapID, root, layout = op.Map.ID, op.Map.Addr, op.Map.Layout
			found = m.Phase == trace.Before || m.Phase == trace.After && op.Outcome != trace.Running
		}
		b, err := f.blockOf(m.Op)
		if err != nil {
			return nil, nil, 0, err
		}
		blocks = append(blocks, b)
	}
	if m.Phase != trace.Step && m.Phase != trace.Survey {
		m.Step = 0
	}
	for _, n := range f.othersOf(m.Op) {
		b, err := f.block(n)
		if err != nil {
			return nil, nil, 0, fmt.Errorf("memory of op %d: %w", m.Op, err)
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		var at uint64
		var ok bool
		var err error
		if rs, at, ok, err = b.replay(rs, m, mapID); err != nil {
			return nil, nil, 0, fmt.Errorf("memory of op %d: %w: %w", m.Op, trace.ErrDamaged, err)
		}
		if ok {
			root, found = at, true
		}
	}
	if !found {
		return nil, nil, 0, fmt.Errorf("map %d at %v of op %d: %w", mapID, m.Phase, m.Op, trace.ErrNoMoment)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if !own {
		if i, ok := f.mapAt[mapID]; ok {
			layout = f.maps[i].Layout
		}
	}
	var l *gomap.Layout
	if layout > 0 && int(layout) <= len(f.layouts) {
		l = f.layouts[layout-1]
	}
	return trace.NewMemory(rs), l, root, nil
}

func (f *File) othersOf(id trace.OpID) []int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.others[id]
}

// blockOf returns the block in which an op began.
func (f *File) blockOf(id trace.OpID) (*block, error) {
	f.mu.RLock()
	if id == 0 || id > f.begun {
		f.mu.RUnlock()
		return nil, fmt.Errorf("op %d: %w", id, trace.ErrNotFound)
	}
	n := sort.Search(len(f.blocks), func(i int) bool {
		b := f.blocks[i]
		return b.firstID+trace.OpID(b.begun) > id
	})
	f.mu.RUnlock()
	b, err := f.block(n)
	if err != nil {
		return nil, fmt.Errorf("op %d: %w", id, err)
	}
	return b, nil
}

func (f *File) blockWithSeq(seq uint64) int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return sort.Search(len(f.blocks), func(i int) bool {
		b := f.blocks[i]
		return b.FirstSeq+uint64(len(b.Marks)) > seq
	})
}

// block returns block n; the one after the last is the open one.
func (f *File) block(n int) (*block, error) {
	f.mu.RLock()
	if n >= len(f.blocks) {
		b := f.open
		f.mu.RUnlock()
		return &b, nil
	}
	info, pinned := f.blocks[n], f.ring.pinned[n]
	f.mu.RUnlock()
	if pinned != nil {
		return pinned, nil
	}
	if b := f.cache.get(n); b != nil {
		return b, nil
	}
	b, err := f.load(n, info)
	if err != nil {
		return nil, err
	}
	f.cache.put(n, b)
	return b, nil
}

// load reads a block from the file. What comes after damage in it is missing.
func (f *File) load(n int, info *blockInfo) (*block, error) {
	if err := f.lost(info); err != nil {
		return nil, err
	}
	if info.missing {
		return nil, trace.ErrDamaged
	}
	var raw []byte
	var damage error
	for _, p := range info.parts {
		part, err := readSection(f.r, p.off, p.data, p.crc)
		if err != nil {
			damage = err
			break
		}
		if len(raw)+len(part) > maxRaw {
			damage = fmt.Errorf("%w: the block is larger than any may be", errCorrupt)
			break
		}
		if raw == nil {
			raw = part
		} else {
			raw = append(raw, part...)
		}
	}
	b, err := parseBlock(raw, &info.digest)
	if damage == nil {
		damage = err
	}
	if damage == nil && (len(b.ops) != info.begun || len(b.ends) != len(info.Marks)) {
		damage = fmt.Errorf("%w: it has other ops than the index says", errCorrupt)
	}
	if err := f.lost(info); err != nil {
		return nil, err // meanwhile
	}
	if damage != nil {
		if !errors.Is(damage, errCorrupt) {
			damage = fmt.Errorf("reading %s: %w", f.name, damage)
		}
		f.damaged("block %d, with ops %s, is damaged: %v", n, seqRange(info.FirstSeq, len(info.Marks)), damage)
	}
	return b, nil
}

func seqRange(first uint64, n int) string {
	if n == 0 {
		return "still in progress"
	}
	return fmt.Sprintf("%d to %d", first, first+uint64(n)-1)
}
