package trace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"deltui/internal/gomap"
)

// Bounds is what is known of many ops together: sets of what they are, and how
// high they go. It is enough to tell, without looking at one, that none of them
// can match a [Query]. The zero Bounds are of no op.
type Bounds struct {
	Marks    []Mark // in the order of seq
	FirstSeq uint64 // of the first mark

	// Sets of bits.
	Kinds, Outcomes, Found, States, Events uint64

	Highest         [4]uint64 // by the constants below
	Used, Goroutine [2]int64  // lowest and highest
	Names           []string  // functions, callers, types and rules, sorted
	MapIDs          [4]uint64 // by the remainder of the ID by 256
}

// Indexes of Bounds.Highest.
const (
	HighTombstones = iota
	HighChanges
	HighDrift
	HighUnexplained
)

var allEvents = []gomap.Event{gomap.Grow, gomap.SameSizeGrow, gomap.Evacuate, gomap.Split, gomap.Rehash, gomap.Prune, gomap.Reseed}

// eventBit is the bit of an event in Bounds.Events; the last is for any other.
func eventBit(e gomap.Event) uint64 {
	if i := slices.Index(allEvents, e); i >= 0 {
		return 1 << i
	}
	return 1 << 63
}

func bit[T ~uint8](v T) uint64 { return 1 << min(v, 63) }

// The bits of Bounds.Found.
const (
	foundYes = 1 << iota
	foundNo
	foundUnknown
)

func foundBit(s Summary) uint64 {
	switch {
	case !s.FoundKnown:
		return foundUnknown
	case s.Found:
		return foundYes
	}
	return foundNo
}

// Add takes in an op that has ended; ops come in the order of seq.
func (b *Bounds) Add(op *Op) {
	s := &op.Summary
	if len(b.Marks) == 0 {
		b.Used = [2]int64{int64(s.Used[1]), int64(s.Used[1])}
		b.Goroutine = [2]int64{op.Goroutine, op.Goroutine}
	}
	b.Marks = append(b.Marks, s.Mark)
	b.Kinds |= bit(op.Kind)
	b.Outcomes |= bit(op.Outcome)
	b.Found |= foundBit(*s)
	for _, st := range s.To {
		b.States |= bit(st)
	}
	for _, e := range s.Events {
		b.Events |= eventBit(e)
	}
	for i, n := range []int{s.Tombstones[1], s.Changes, op.Drift, s.Unexplained} {
		b.Highest[i] = max(b.Highest[i], uint64(max(n, 0)))
	}
	widen(&b.Used, int64(s.Used[1]))
	widen(&b.Goroutine, op.Goroutine)
	for _, n := range []string{op.Func, op.Caller.Func, op.Map.Type, s.Rule} {
		b.name(n)
	}
	b.MapIDs[op.Map.ID&3] |= 1 << (op.Map.ID >> 2 & 63)
}

// Merge adds the bounds of the ops that follow.
func (b *Bounds) Merge(o *Bounds) {
	if len(b.Marks) == 0 {
		b.Used, b.Goroutine = o.Used, o.Goroutine
	} else if len(o.Marks) > 0 {
		widen(&b.Used, o.Used[0])
		widen(&b.Used, o.Used[1])
		widen(&b.Goroutine, o.Goroutine[0])
		widen(&b.Goroutine, o.Goroutine[1])
	}
	b.Marks = append(b.Marks, o.Marks...)
	b.Kinds |= o.Kinds
	b.Outcomes |= o.Outcomes
	b.Found |= o.Found
	b.States |= o.States
	b.Events |= o.Events
	for i := range b.Highest {
		b.Highest[i] = max(b.Highest[i], o.Highest[i])
	}
	for _, n := range o.Names {
		b.name(n)
	}
	for i := range b.MapIDs {
		b.MapIDs[i] |= o.MapIDs[i]
	}
}

func widen(r *[2]int64, v int64) {
	r[0], r[1] = min(r[0], v), max(r[1], v)
}

func (b *Bounds) name(n string) {
	if i, ok := slices.BinarySearch(b.Names, n); !ok {
		b.Names = slices.Insert(b.Names, i, n)
	}
}

// MayMatch reports false only if no op within the bounds can match. hasKey tells
// whether one of them may have a key with that text.
func (q Query) MayMatch(b *Bounds, hasKey func(string) bool) bool {
	if len(b.Marks) == 0 {
		return false
	}
	for i := range q.terms {
		if !q.terms[i].mayMatch(b, hasKey) {
			return false
		}
	}
	return true
}

func (t *term) mayMatch(b *Bounds, hasKey func(string) bool) bool {
	switch t.field {
	case "op":
		for k := range uint64(64) {
			if b.Kinds&(1<<k) != 0 && t.word(gomap.OpKind(k).String()) {
				return true
			}
		}
		return false
	case "key":
		return t.op != "=" || hasKey(t.value)
	case "func", "caller", "type", "rule":
		// The names of all fields are together: more may match than do.
		return t.op == "!=" || slices.ContainsFunc(b.Names, func(n string) bool { return t.text(n) })
	case "map":
		return t.op != "=" || t.value == "" || !isDigitOrHash(t.value) || b.MapIDs[t.num&3]&(1<<(t.num>>2&63)) != 0
	case "goroutine":
		return t.mayBe(b.Goroutine)
	case "outcome":
		for k := Returned; k <= Detached; k++ {
			if b.Outcomes&bit(k) != 0 && t.word(k.String()) {
				return true
			}
		}
		return false
	case "found":
		return b.Found&foundYes != 0 && t.word("true") || b.Found&foundNo != 0 && t.word("false")
	case "used":
		return t.mayBe(b.Used)
	case "tombstones":
		return t.mayBe([2]int64{0, int64(b.Highest[HighTombstones])})
	case "changes":
		return t.mayBe([2]int64{0, int64(b.Highest[HighChanges])})
	case "unexplained":
		return t.mayBe([2]int64{0, int64(b.Highest[HighUnexplained])})
	case "drift":
		return t.mayBe([2]int64{0, int64(b.Highest[HighDrift])})
	case "event":
		return t.op != "=" || slices.ContainsFunc(allEvents, func(e gomap.Event) bool {
			return (t.value == anyEvent || string(e) == t.value) && b.Events&eventBit(e) != 0
		})
	case "to":
		i := slices.Index(stateNames, t.value) + int(gomap.EmptyRest)
		return t.op != "=" || b.States&(1<<i) != 0
	case "seq":
		return t.mayBe([2]int64{int64(b.FirstSeq), int64(b.FirstSeq) + int64(len(b.Marks)) - 1})
	case "mark":
		return slices.ContainsFunc(b.Marks, func(m Mark) bool { return t.word(string(rune(m))) })
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
