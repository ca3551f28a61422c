package probe

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"deltui/dlvclient"
	"deltui/internal/debuginfo"
	"deltui/internal/gomap"
	"deltui/internal/trace"
)

// pendingOp is an op between its entry and its return.
type pendingOp struct {
	id     trace.OpID
	kind   gomap.OpKind
	ep     *debuginfo.EntryPoint
	g      goroutine
	addr   uint64 // of the header, at entry
	layout *layoutOf
	m      *knownMap // nil for a nil map
	before *gomap.Map
	// held are the regions of a big map's before that the sink has not: only rows
	// that change will be given.
	held []trace.Region
}

// bigMap is the size in bytes of rows above which the timeline gets only the
// rows that change and a first window of them; all are read.
const bigMap = 64 << 10

func big(lo *gomap.Layout, m *gomap.Map) bool { return uint64(len(m.Rows))*lo.Row.Size > bigMap }

// enter deals with a hit at an entry point. It reports whether a moment was
// added: not if the op is hidden.
func (l *Live) enter(h *dlvclient.Hit, ep *debuginfo.EntryPoint, m *mode) (bool, error) {
	g, err := l.goroutineOf(h)
	if err != nil {
		return false, err
	}
	if old := l.pending[g.id]; old != nil {
		// It left by a panic that was not seen: the goroutine is here again.
		if err := l.endOp(old, trace.Panicked, ""); err != nil {
			return false, err
		}
	}
	arg := func(loc debuginfo.Loc) uint64 { v, _ := h.Reg(loc.Reg); return v }
	if l.filter.goroutine != 0 && l.filter.goroutine != g.id {
		return false, nil
	}
	st, err := l.stacks.of(l.proc, h, ep, l.slide, l.plan.Stack)
	if err != nil {
		return false, err
	}
	if st.std && !l.plan.Std || !l.filter.byStack(&st) {
		return false, nil
	}
	lo, err := l.layout(arg(ep.MapType))
	if err != nil {
		return false, fmt.Errorf("finding the map type of %s: %w", ep.Name, err)
	}
	addr := arg(ep.Map)
	var km *knownMap
	if addr != 0 {
		km = l.maps.find(g, addr, lo.Layout)
	}
	if !l.filter.byRegisters(addr, lo.Layout, km) || !l.wanted(ep.Op, km) {
		return false, nil
	}
	rec := &recorder{l: l}
	op := trace.Op{
		Kind: ep.Op, Func: st.fn, Goroutine: g.id, Stack: st.frames, Caller: st.caller, Began: time.Since(l.began),
		Map: trace.MapRef{Addr: addr, Type: lo.Type, Layout: lo.id},
	}
	l.readKey(&op, h, ep, lo, rec)
	if op.Kind != gomap.Clear && !l.filter.byKey(op.KeyText) {
		return false, nil
	}

	p := &pendingOp{kind: ep.Op, ep: ep, g: g, addr: addr, layout: lo}
	if addr != 0 {
		p.m = km
		if lo.id != 0 {
			if err := l.readBefore(p, &op, g, rec, m); err != nil {
				return false, err
			}
		}
		op.Map.ID, op.Map.OnStack = p.m.id, p.m.onStack
	}
	l.src.frames(st.frames)
	if p.id, err = l.sink.Begin(op); err != nil {
		return false, err
	}
	l.pending[g.id] = p
	at := trace.Moment{Op: p.id, Phase: trace.Before}
	if p.before != nil {
		give, held := split(lo.Layout, p.before, rec.regions, nil)
		p.held = held
		if err := l.sink.Read(at, op.Map.ID, addr, give); err != nil {
			return false, err
		}
	} else if len(rec.regions) > 0 {
		if err := l.sink.Read(at, 0, 0, rec.regions); err != nil {
			return false, err
		}
	}
	l.at(at)
	return true, nil
}

// readBefore reads an op's map. Where it cannot be read the op goes on without.
func (l *Live) readBefore(p *pendingOp, op *trace.Op, g goroutine, rec *recorder, m *mode) error {
	lo := p.layout
	before, err := gomap.Decode(lo.Layout, p.addr, rec, gomap.Window{})
	if errGone(err) {
		return err
	}
	if err != nil {
		l.note(fmt.Sprintf("the map at %#x cannot be read: %v", p.addr, err))
		return nil
	}
	p.before = before
	seed, ok := seedOf(before)
	p.m = l.maps.confirm(p.m, g, lo.Layout, seed, ok)
	l.readCells(lo, before, rec, l.resting(m))
	if op.Kind != gomap.Clear {
		l.readElem(lo, before, op.Key, op.KeyText, rec)
	}
	return nil
}

// anyType is the type of a panic's value.
var anyType = &gomap.Type{Name: "any", Kind: reflect.Interface, Size: 16}

// readKey reads the key of an op, from registers or memory.
func (l *Live) readKey(op *trace.Op, h *dlvclient.Hit, ep *debuginfo.EntryPoint, lo *layoutOf, rec *recorder) {
	if ep.Op == gomap.Clear || len(ep.Key) == 0 {
		return
	}
	if lo.Key == nil {
		op.KeyText = "??"
		return
	}
	size := min(lo.Key.Size, trace.MaxKey)
	if ep.KeyByAddr {
		addr, _ := h.Reg(ep.Key[0].Reg)
		key := make([]byte, size)
		if err := rec.ReadAt(key, addr, gomap.RoleArgument); err != nil {
			op.KeyText = "??"
			return
		}
		op.Key, op.KeyAddr = key, addr
	} else {
		var key []byte
		for _, loc := range ep.Key {
			v, _ := h.Reg(loc.Reg)
			key = binary.LittleEndian.AppendUint64(key, v)
		}
		if uint64(len(key)) < size {
			op.KeyText = "??"
			return
		}
		op.Key = key[:size]
	}
	var whole int
	op.KeyText, whole = gomap.Format(lo.Key, op.Key, gomap.As(rec, gomap.RoleArgument), l.types, trace.MaxKeyText)
	if whole > len(op.KeyText) {
		op.KeyLen = whole
	}
}

// leave deals with a hit at a return.
func (l *Live) leave(h *dlvclient.Hit, ep *debuginfo.EntryPoint, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil // of an op that was hidden
	}
	g, err := l.goroutineOf(h)
	if err != nil {
		return false, err
	}
	p := l.pending[g.id]
	if p == nil || p.ep != ep && p.ep.Name != ep.Name {
		return false, nil
	}
	return true, l.finish(p, g, trace.Returned, "", m)
}

// panicked deals with a hit at runtime.gopanic: an op in progress on the same
// goroutine leaves by it.
func (l *Live) panicked(h *dlvclient.Hit, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil
	}
	g, err := l.goroutineOf(h)
	if err != nil || l.pending[g.id] == nil {
		return false, nil //nolint:nilerr // a panic outside of Go's goroutines is not ours
	}
	var eface [16]byte
	a, _ := h.Reg(argRegs(l.proc.Arch())[0])
	b, _ := h.Reg(argRegs(l.proc.Arch())[1])
	binary.LittleEndian.PutUint64(eface[:], a)
	binary.LittleEndian.PutUint64(eface[8:], b)
	msg, _ := gomap.Format(anyType, eface[:], &recorder{l: l}, l.types, 512)
	return true, l.finish(l.pending[g.id], g, trace.Panicked, "panic: "+panicText(msg, l.types), m)
}

// fatal deals with a hit at runtime.throw or runtime.fatal.
func (l *Live) fatal(h *dlvclient.Hit, m *mode) (bool, error) {
	if len(l.pending) == 0 {
		return false, nil
	}
	ptr, _ := h.Reg(argRegs(l.proc.Arch())[0])
	n, _ := h.Reg(argRegs(l.proc.Arch())[1])
	text := make([]byte, min(n, 512))
	if err := l.read(text, ptr); err != nil {
		text = []byte("(what the runtime said cannot be read)")
	}
	g, err := l.goroutineOf(h)
	if err != nil || l.pending[g.id] == nil {
		return false, nil //nolint:nilerr // thrown elsewhere; the target will tell
	}
	return true, l.finish(l.pending[g.id], g, trace.Fatal, "fatal error: "+string(text), m)
}

// finish reads an op's after, and ends it.
func (l *Live) finish(p *pendingOp, g goroutine, o trace.Outcome, msg string, m *mode) error {
	if p.before != nil {
		addr := p.addr
		if p.g.onStack(addr) {
			addr = g.hi - (p.g.hi - addr)
		}
		rec := &recorder{l: l}
		after, err := gomap.Decode(p.layout.Layout, addr, rec, gomap.Window{})
		switch {
		case errGone(err):
			return err
		case err == nil:
			l.readCells(p.layout, after, rec, l.resting(m))
			if err := l.giveAfter(p, addr, after, rec, gomap.Compare(p.kind, p.before, after)); err != nil {
				return err
			}
			p.m.addr = addr
			if seed, ok := seedOf(after); ok {
				p.m.seed, p.m.seeded = seed, true
			}
		}
	}
	if err := l.endOp(p, o, msg); err != nil {
		return err
	}
	l.at(trace.Moment{Op: p.id, Phase: trace.After})
	if !m.until.Empty() && !m.rest {
		return l.checkUntil(p.id, m)
	}
	return nil
}

// giveAfter hands the sink an op's after; of a big map, the rows that changed,
// in both moments.
func (l *Live) giveAfter(p *pendingOp, addr uint64, after *gomap.Map, rec *recorder, d *gomap.Delta) error {
	changed := make(map[uint64]bool)
	for i := range d.Changes {
		c := &d.Changes[i]
		changed[c.Addr-uint64(c.Cell)-p.layout.Row.Ctrl] = true
	}
	if len(p.held) > 0 {
		if give, _ := split(p.layout.Layout, p.before, p.held, changed); len(give) > 0 {
			at := trace.Moment{Op: p.id, Phase: trace.Before}
			if err := l.sink.Read(at, p.m.id, p.addr, give); err != nil {
				return err
			}
		}
	}
	give, held := split(p.layout.Layout, after, rec.regions, nil)
	if len(held) > 0 {
		more, _ := split(p.layout.Layout, after, held, changed)
		give = append(give, more...)
	}
	return l.sink.Read(trace.Moment{Op: p.id, Phase: trace.After}, p.m.id, addr, give)
}

// split parts regions into those to give to the timeline and those of a big
// map's rows to hold back. With rows it gives only these rows of them.
func split(lo *gomap.Layout, m *gomap.Map, rs []trace.Region, rows map[uint64]bool) (give, held []trace.Region) {
	if !big(lo, m) {
		return rs, nil
	}
	if rows != nil {
		for addr := range rows {
			for _, r := range rs {
				if r.Addr <= addr && addr+lo.Row.Size <= r.Addr+uint64(len(r.Data)) {
					off := addr - r.Addr
					give = append(give, trace.Region{Addr: addr, Role: r.Role, Data: slices.Clone(r.Data[off : off+lo.Row.Size])})
				}
			}
		}
		slices.SortFunc(give, func(a, b trace.Region) int { return cmp.Compare(a.Addr, b.Addr) })
		return give, nil
	}
	left := uint64(bigMap)
	for _, r := range rs {
		n := uint64(len(r.Data))
		if n < 2*lo.Row.Size && n < 4096 { // headers, directories, keys
			give = append(give, r)
			continue
		}
		first := min(n, left) / lo.Row.Size * lo.Row.Size
		left -= first
		if first > 0 {
			// A copy, so that the window does not keep the whole map alive.
			give = append(give, trace.Region{Addr: r.Addr, Role: r.Role, Data: slices.Clone(r.Data[:first])})
		}
		held = append(held, r)
	}
	return give, held
}

// endOp ends an op on the timeline.
func (l *Live) endOp(p *pendingOp, o trace.Outcome, msg string) error {
	delete(l.pending, p.g.id)
	l.ended++
	if err := l.sink.End(p.id, trace.Ending{Outcome: o, Message: msg, Ended: int64(time.Since(l.began))}); err != nil {
		return fmt.Errorf("writing the timeline: %w", err)
	}
	return nil
}

// inProgress lists the pending ops in the order of their beginning.
func (l *Live) inProgress() []*pendingOp {
	ps := make([]*pendingOp, 0, len(l.pending))
	for _, p := range l.pending {
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b *pendingOp) int { return cmp.Compare(a.id, b.id) })
	return ps
}

// resting reports whether the target will rest at the next moment.
func (l *Live) resting(m *mode) bool { return m.next || m.rest || !m.until.Empty() || m.speed > 0 }

func (l *Live) at(m trace.Moment) {
	s := l.State()
	l.setState(State{Doing: s.Doing, At: m})
}

// checkUntil brings the target to rest when the op that has just ended is the
// one that was waited for.
func (l *Live) checkUntil(id trace.OpID, m *mode) error {
	if l.plan.Seen == nil {
		return errors.New("waiting for a condition needs a timeline to look it up in")
	}
	op, err := l.plan.Seen.Op(id)
	if err != nil {
		return err
	}
	if m.until.Match(op) {
		l.restState("until " + m.until.String())
		*m = mode{rest: true}
	}
	return nil
}
