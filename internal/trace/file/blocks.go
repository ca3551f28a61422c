package file

import (
	"errors"
	"fmt"
	"sort"

	"deltui/internal/trace"
)

// owner is what a moment belongs to, an op or a survey, as a key.
func owner(m trace.Moment) trace.Moment {
	if m.Phase == trace.Survey {
		return trace.Moment{Phase: trace.Survey, Step: m.Step}
	}
	return trace.Moment{Op: m.Op}
}

// plain takes away what has no meaning at a moment.
func plain(m trace.Moment) trace.Moment {
	if m.Phase != trace.Step && m.Phase != trace.Survey {
		m.Step = 0
	}
	return m
}

// othersOf lists the later blocks that have records of an op or a survey.
func (f *File) othersOf(owner trace.Moment) []int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.others[owner]
}

// numberOf is the number of the block in which an op began, or a survey was made.
// It is called with mu held.
func (s *state) numberOf(owner trace.Moment) int {
	return sort.Search(len(s.blocks), func(i int) bool {
		b := s.blocks[i]
		if owner.Phase == trace.Survey {
			return b.firstSurvey+b.surveyed > owner.Step
		}
		return b.firstID+trace.OpID(b.begun) > owner.Op
	})
}

// isLetGo reports whether a bounded timeline has given up an op or a survey.
func (f *File) isLetGo(owner trace.Moment) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := f.numberOf(owner)
	return n < len(f.blocks) && f.blocks[n].letGo
}

// blockOf returns the block in which an op began, or a survey was made.
func (f *File) blockOf(owner trace.Moment) (*block, error) {
	f.mu.RLock()
	is := owner.Phase == trace.Survey && owner.Step >= 1 && owner.Step <= f.surveyed ||
		owner.Phase != trace.Survey && owner.Op >= 1 && owner.Op <= f.begun
	n := f.numberOf(owner)
	f.mu.RUnlock()
	if !is {
		return nil, fmt.Errorf("%s: %w", nameOf(owner), trace.ErrNotFound)
	}
	b, err := f.block(n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nameOf(owner), err)
	}
	return b, nil
}

// blocksOf returns all blocks that have records of a moment's owner.
func (f *File) blocksOf(m trace.Moment) ([]*block, error) {
	o := owner(m)
	first, err := f.blockOf(o)
	if err != nil {
		return nil, err
	}
	bs := []*block{first}
	for _, n := range f.othersOf(o) {
		b, err := f.block(n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", nameOf(o), err)
		}
		bs = append(bs, b)
	}
	return bs, nil
}

// nameOf is how errors call an op or a survey.
func nameOf(owner trace.Moment) string {
	if owner.Phase == trace.Survey {
		return fmt.Sprintf("survey %d", owner.Step)
	}
	return fmt.Sprintf("op %d", owner.Op)
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
	info := f.blocks[n]
	f.mu.RUnlock()
	if info.letGo {
		return nil, trace.ErrLetGo
	}
	if b := f.blockCache.get(n); b != nil {
		return b, nil
	}
	b, err := f.load(n, info)
	if err != nil {
		return nil, err
	}
	f.blockCache.put(n, b)
	return b, nil
}

// sealed returns what is known of block n, which is in the file.
func (f *File) sealed(n int) *blockInfo {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.blocks[n]
}

// load reads a block from the file. What comes after damage in it is missing.
func (f *File) load(n int, info *blockInfo) (*block, error) {
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
	if damage == nil && (len(b.ops) != info.begun || len(b.ends) != len(info.Marks) || len(b.surveys) != info.surveyed) {
		damage = fmt.Errorf("%w: it has other ops than the index says", errCorrupt)
	}
	if damage != nil && f.sealed(n).letGo { // it was written over while we read
		return nil, trace.ErrLetGo
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
