package moment

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// Step is a step of an op: where the runtime wrote to the map, and what.
type Step struct {
	trace.Stepped
	// Writes are the items of the map that became others, by address.
	Writes []Write
	Rule   string // that explains a control byte that it wrote; "" where none does
	// Text is what was written, in words.
	Text string
}

// Write is a change of an item of a map: all its bytes.
type Write struct {
	Item     gomap.Item
	From, To []byte
	Text     string
}

// maxSaid is how many writes of a step are told in its text.
const maxSaid = 4

// Steps takes the steps of an op; changes are those of the op as a whole, which
// name the rules. It returns why the op was not followed to its end, or "". An
// error is the timeline's.
func Steps(tl trace.Timeline, op *trace.Op, changes []gomap.Change) (steps []Step, cut string, err error) {
	seen, err := tl.Steps(op.ID)
	if err != nil || len(seen) == 0 {
		return nil, "", err
	}
	was, err := At(tl, trace.Moment{Op: op.ID, Phase: trace.Before}, 0)
	if err != nil {
		return nil, "", err
	}
	rules := make(map[uint64]*gomap.Change, len(changes))
	for i := range changes {
		rules[changes[i].Addr] = &changes[i]
	}
	for _, s := range seen {
		if s.Cut != "" {
			return steps, s.Cut, nil
		}
		now, err := At(tl, s.Moment(op.ID), 0)
		switch {
		case errors.Is(err, trace.ErrNoMoment): // it was cut off
			return steps, "its steps were not recorded any further", nil
		case err != nil:
			return nil, "", err
		}
		step := Step{Stepped: s, Writes: Writes(was, now)}
		step.tell(rules)
		steps = append(steps, step)
		was = now
	}
	return steps, "", nil
}

// tell finds the rule and the words for a step.
func (s *Step) tell(rules map[uint64]*gomap.Change) {
	said := s.ofRow()
	told := len(said) > 0
	for i := range s.Writes {
		w := &s.Writes[i]
		if !told && i < maxSaid {
			said = append(said, w.Text)
		}
		if c := rules[w.Item.Addr]; c != nil && w.Item.Part == gomap.ControlByte && c.To == w.To[0] && s.Rule == "" {
			s.Rule = c.Rule
		}
	}
	if more := len(s.Writes) - len(said); more > 0 && !told {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	s.Text = strings.Join(said, "; ")
}

// ofRow tells of writes that are one thing: all in the same row, which becomes
// zero, or whose control bytes become the same. It is empty of others.
func (s *Step) ofRow() []string {
	if len(s.Writes) < 2 {
		return nil
	}
	first := &s.Writes[0]
	zero, ctrl := true, true
	for i := range s.Writes {
		w := &s.Writes[i]
		switch w.Item.Part {
		case gomap.ControlByte, gomap.CellKey, gomap.CellElem, gomap.OverflowPointer:
		default:
			return nil
		}
		if w.Item.Where != first.Item.Where {
			return nil
		}
		zero = zero && len(bytes.Trim(w.To, "\x00")) == 0
		ctrl = ctrl && w.Item.Part == gomap.ControlByte && w.To[0] == first.To[0]
	}
	switch {
	case ctrl:
		return []string{fmt.Sprintf("%s: %d control bytes become %02x", first.Item.Where, len(s.Writes), first.To[0])}
	case zero:
		return []string{fmt.Sprintf("%s: its memory becomes zero", first.Item.Where)}
	}
	return nil
}

// Writes lists what of a map's memory differs between two looks of one op, item by
// item, of what was read at both.
func Writes(was, now *Look) []Write {
	l := now.Layout
	if l == nil {
		return nil
	}
	// The map as it is tells what an item is, and where its pointers lead nowhere
	// just then, the map as it was.
	var looks []*gomap.Items
	for _, k := range []*Look{now, was} {
		if k.Shows() {
			looks = append(looks, gomap.ItemsOf(k.Map))
		}
	}
	itemAt := func(addr uint64) gomap.Item {
		item := gomap.Item{Range: gomap.Range{Addr: addr, Len: 1}}
		for _, t := range looks {
			if item = t.At(addr); item.Part != gomap.NoPart {
				break
			}
		}
		return item
	}
	shift := now.Root - was.Root // of a header on a stack that moved
	var out []Write
	for _, r := range trace.Regions(now.Mem) {
		switch r.Role {
		case gomap.RoleHeader, gomap.RoleDirectory, gomap.RoleTable, gomap.RoleRow:
		default:
			continue
		}
		back := uint64(0)
		if r.Role == gomap.RoleHeader {
			back = shift
		}
		for i := 0; i < len(r.Data); {
			addr := r.Addr + uint64(i)
			if n := same(was.Mem, addr-back, r.Data[i:]); n > 0 {
				i += n
				continue
			}
			item := itemAt(addr)
			from, to := make([]byte, item.Len), make([]byte, item.Len)
			if was.Mem.ReadAt(from, item.Addr-back, r.Role) != nil || now.Mem.ReadAt(to, item.Addr, r.Role) != nil {
				item = gomap.Item{Range: gomap.Range{Addr: addr, Len: 1}}
				from, to = from[:1], to[:1]
				if was.Mem.ReadAt(from, addr-back, r.Role) != nil {
					i++ // it was not read then
					continue
				}
				to[0] = r.Data[i]
			}
			out = append(out, Write{Item: item, From: from, To: to, Text: l.Say(item, from, to)})
			i += int(item.Addr + item.Len - addr)
		}
	}
	return out
}

// same is how many bytes of b, a whole number of blocks or all that are left, are
// what a memory has at addr.
func same(m gomap.Memory, addr uint64, b []byte) int {
	for _, n := range []int{len(b), 256, 16, 1} {
		if n > len(b) {
			continue
		}
		var have [256]byte
		p := have[:min(n, len(have))]
		if n > len(have) {
			p = make([]byte, n)
		}
		if m.ReadAt(p, addr, gomap.RoleUnknown) == nil && bytes.Equal(p, b[:n]) {
			return n
		}
	}
	return 0
}
