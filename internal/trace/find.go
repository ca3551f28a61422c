package trace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"deltui/internal/gomap"
)

// Find implements [Timeline]. Blocks whose digest tells that no op in them can
// match are not unpacked; those that are damaged are passed over.
func (f *File) Find(q Query, from uint64, back bool) (*Op, error) {
	f.mu.RLock()
	blocks, open, ended := f.blocks, f.open, f.ended
	f.mu.RUnlock()

	from = min(from, ended+1)
	if back && from <= 1 || !back && from >= ended {
		return nil, ErrNotFound
	}
	n, step := f.blockWithSeq(from+1), 1
	if back {
		n, step = f.blockWithSeq(from-1), -1
	}
	n = min(n, len(blocks)) // one may have been sealed since
	for ; n >= 0 && n <= len(blocks); n += step {
		b := &open
		if n < len(blocks) {
			if !q.mayMatch(&blocks[n].digest) {
				continue
			}
			if b = f.cache.get(n); b == nil {
				var err error
				if b, err = f.load(n, blocks[n]); err != nil {
					continue
				}
			}
		}
		if op := f.findIn(b, q, from, back); op != nil {
			if n < len(blocks) {
				f.cache.put(n, b)
			}
			return op, nil
		}
	}
	return nil, ErrNotFound
}

func (f *File) findIn(b *block, q Query, from uint64, back bool) *Op {
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

// mayMatch reports false only if no op of the digest can match.
func (q Query) mayMatch(d *digest) bool {
	if len(d.marks) == 0 {
		return false
	}
	for i := range q.terms {
		if !q.terms[i].mayMatch(d) {
			return false
		}
	}
	return true
}

func (t *term) mayMatch(d *digest) bool {
	switch t.field {
	case "op":
		for k := range uint64(64) {
			if d.kinds&(1<<k) != 0 && t.word(gomap.OpKind(k).String()) {
				return true
			}
		}
		return false
	case "key":
		return t.op != "=" || d.hasKey(t.value)
	case "func", "type", "rule":
		// The names of all fields are together: more may match than do.
		return t.op == "!=" || slices.ContainsFunc(d.names, func(n string) bool { return t.text(n) })
	case "map":
		return t.op != "=" || t.value == "" || !isDigitOrHash(t.value) || d.mapIDs[t.num&3]&(1<<(t.num>>2&63)) != 0
	case "goroutine":
		return t.mayBe(d.goroutine)
	case "outcome":
		for k := Returned; k <= Detached; k++ {
			if d.outcomes&bit(k) != 0 && t.word(k.String()) {
				return true
			}
		}
		return false
	case "found":
		return d.found&foundYes != 0 && t.word("true") || d.found&foundNo != 0 && t.word("false")
	case "used":
		return t.mayBe(d.used)
	case "tombstones":
		return t.mayBe([2]int64{0, int64(d.highest[highTombstones])})
	case "changes":
		return t.mayBe([2]int64{0, int64(d.highest[highChanges])})
	case "event":
		return t.op != "=" || slices.ContainsFunc(allEvents, func(e gomap.Event) bool { return string(e) == t.value && d.events&eventBit(e) != 0 })
	case "to":
		i := slices.Index(stateNames, t.value) + int(gomap.EmptyRest)
		return t.op != "=" || d.states&(1<<i) != 0
	case "seq":
		return t.mayBe([2]int64{int64(d.firstSeq), int64(d.firstSeq) + int64(len(d.marks)) - 1})
	case "mark":
		return slices.ContainsFunc(d.marks, func(m Mark) bool { return t.word(string(rune(m))) })
	}
	return true
}

// mayBe reports whether a number within r can match.
func (t *term) mayBe(r [2]int64) bool {
	switch t.op {
	case "=":
		return r[0] <= t.num && t.num <= r[1]
	case "!=":
		return r[0] != t.num || r[1] != t.num
	case ">", ">=":
		return compare(t.op, cmp.Compare(r[1], t.num))
	}
	return compare(t.op, cmp.Compare(r[0], t.num))
}

var stateNames = stateWords()

// isDigitOrHash tells a map's number from its address and its type.
func isDigitOrHash(v string) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(v, "#"), 10, 64)
	return err == nil
}
